"""Service of papers: each way with what proves it, both edges, and the refusals with their article."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.domain.documents import Document, DocumentKind, DocumentState, Signature, SignMethod
from core.domain.service_receipts import Receiver, ServiceAct, ServiceMethod, ServiceState
from core.domain.visits import Visit
from core.kernel.errors import Refusal
from core.kernel.records import changed
from core.services.service import PaperService, days_until_deemed
from tests.papers.builders import VALUES
from tests.services.paper_desk import Desk

SCAN = ("ab" * 32,)
ACTS: dict[ServiceMethod, dict[str, Any]] = {
    ServiceMethod.DIRECT: {
        "receiver": Receiver.LEGAL_REPRESENTATIVE,
        "receiver_name": "王五",
        "servers": ("执法员1", "执法员2"),
        "media": SCAN,
    },
    ServiceMethod.LEFT: {
        "place": "岳麓区示例路1号",
        "reason": "当事人拒绝签收",
        "servers": ("执法员1", "执法员2"),
        "witness": "刘六",
        "witness_post": "示例社区居委会",
    },
    ServiceMethod.POST: {"tracking_no": "XA123456789CN", "place": "岳麓区示例路1号", "media": SCAN},
    ServiceMethod.ENTRUSTED: {
        "entrusted_body": "某市监局",
        "receiver": Receiver.MAIL_ROOM,
        "media": SCAN,
    },
    ServiceMethod.ELECTRONIC: {"address": "example@example.com", "media": SCAN},
    ServiceMethod.ANNOUNCEMENT: {"reason": "当事人下落不明，邮寄退回", "published_in": "示例日报", "media": SCAN},
}


class ServiceDesk(Desk):
    """The desk of papers with one signed paper to serve."""

    def __init__(self) -> None:
        super().__init__()
        self.service = PaperService(self.open_work, self.clock, self.documents)
        self.paper = self.signed(self.issue(DocumentKind.ORDER_TO_CORRECT, entered=VALUES))

    def signed(self, paper: Document) -> Document:
        for block in paper.signatures:
            if block.role == "receiver":
                continue
            seal = Signature(role=block.role, name=block.name or "某", method=SignMethod.INK, media=SCAN)
            paper = self.documents.sign(paper.id, block.role, seal).value
        return paper

    def act(self, method: ServiceMethod, **fields: Any) -> ServiceAct:
        said: dict[str, Any] = {"method": method, "at": self.clock.now()}
        return ServiceAct(**(said | ACTS[method] | fields))

    def now(self, paper: Document | None = None) -> Document:
        with self.open_work() as work:
            return work.table(Document).get((paper or self.paper).id)

    def consent(self, words: str = "同意", *, is_signed: bool = True) -> Document:
        entered = {
            "service_recipient": "王五",
            "person_phone": "13800000000",
            "service_address": "岳麓区示例路1号",
            "electronic_consent": words,
            "electronic_address": "example@example.com",
        }
        paper = self.issue(DocumentKind.SERVICE_ADDRESS, entered=entered)
        return self.signed(paper) if is_signed else paper

    def refusal(self, act: ServiceAct) -> Refusal:
        with pytest.raises(Refusal) as refused:
            self.service.serve(self.paper.id, act)
        assert self.now().state is not DocumentState.SERVED
        return refused.value


@pytest.fixture
def desk() -> ServiceDesk:
    return ServiceDesk()


def test_a_paper_handed_over_is_served_on_that_local_day(desk: ServiceDesk) -> None:
    receipt = desk.service.serve(desk.paper.id, desk.act(ServiceMethod.DIRECT)).value
    assert (receipt.state, receipt.served_on) == (ServiceState.PROVEN, date(2026, 3, 10))
    assert "第八十七条" in receipt.citation
    served = desk.now()
    assert (served.state, served.service_method) == (DocumentState.SERVED, "直接送达")
    assert served.served_at == desk.clock.now()


def test_late_in_the_evening_utc_is_the_next_day_in_beijing(desk: ServiceDesk) -> None:
    desk.clock.advance(hours=16)
    receipt = desk.service.serve(desk.paper.id, desk.act(ServiceMethod.DIRECT)).value
    assert receipt.served_on == date(2026, 3, 11)


@pytest.mark.parametrize("field", ["receiver", "receiver_name", "servers", "media"])
def test_handing_over_without_its_proof_is_refused_with_the_article(desk: ServiceDesk, field: str) -> None:
    empty = None if field == "receiver" else type(ACTS[ServiceMethod.DIRECT][field])()
    found = desk.refusal(desk.act(ServiceMethod.DIRECT, **{field: empty}))
    assert (found.code, found.params["lacking"]) == ("service.lacking", field)
    assert "民事诉讼法第八十七条" in str(found.params["article"])


def test_a_relative_cannot_take_the_paper_of_an_organisation(desk: ServiceDesk) -> None:
    found = desk.refusal(desk.act(ServiceMethod.DIRECT, receiver=Receiver.FAMILY))
    assert found.code == "service.wrong_receiver"
    assert "第八十八条" in str(found.params["article"])


def test_a_relative_living_there_takes_the_paper_of_a_citizen(desk: ServiceDesk) -> None:
    with desk.open_work() as work:
        work.table(Visit).put(changed(work.table(Visit).get("v-1"), uscc=""))
    act = desk.act(ServiceMethod.DIRECT, receiver=Receiver.FAMILY)
    assert desk.service.serve(desk.paper.id, act).value.state is ServiceState.PROVEN


def test_a_refused_paper_is_not_served_until_it_is_left(desk: ServiceDesk) -> None:
    refused = desk.service.refused(desk.paper.id, reason="负责人拒绝签收", servers=("执法员1", "执法员2")).value
    assert (refused.state, refused.served_on) == (ServiceState.REFUSED, None)
    assert desk.now().state is not DocumentState.SERVED
    assert [one.id for one in desk.service.under_way()] == [refused.id]
    left = desk.service.serve(desk.paper.id, desk.act(ServiceMethod.LEFT)).value
    assert left.state is ServiceState.PROVEN
    assert "第八十九条" in left.citation
    assert desk.service.under_way() == ()


def test_leaving_without_witness_and_without_media_is_refused(desk: ServiceDesk) -> None:
    found = desk.refusal(desk.act(ServiceMethod.LEFT, witness="", witness_post=""))
    assert (found.code, found.params["lacking"]) == ("service.lacking", "witness_or_media")
    assert "民事诉讼法第八十九条" in str(found.params["article"])


def test_a_witness_of_no_organisation_does_not_count(desk: ServiceDesk) -> None:
    assert desk.refusal(desk.act(ServiceMethod.LEFT, witness_post=" ")).params["lacking"] == "witness_or_media"


def test_photos_of_the_leaving_stand_for_the_witness(desk: ServiceDesk) -> None:
    act = desk.act(ServiceMethod.LEFT, witness="", witness_post="", media=SCAN)
    assert desk.service.serve(desk.paper.id, act).value.state is ServiceState.PROVEN


def test_leaving_wants_the_reason_and_the_place(desk: ServiceDesk) -> None:
    assert desk.refusal(desk.act(ServiceMethod.LEFT, reason="", place="")).params["lacking"] == "place、reason"


def test_a_posted_paper_is_served_on_the_date_of_the_slip(desk: ServiceDesk) -> None:
    sent = desk.service.serve(desk.paper.id, desk.act(ServiceMethod.POST, at=None, media=())).value
    assert (sent.state, sent.served_on) == (ServiceState.UNDER_WAY, None)
    desk.clock.advance(days=4)
    slip = desk.act(ServiceMethod.POST, at=desk.clock.now() - timedelta(days=1))
    proven = desk.service.prove(sent.id, slip).value
    assert proven.served_on == date(2026, 3, 13)
    assert desk.now().state is DocumentState.SERVED


def test_a_date_without_the_slip_proves_nothing(desk: ServiceDesk) -> None:
    found = desk.refusal(desk.act(ServiceMethod.POST, media=()))
    assert (found.params["lacking"], "第九十一条" in str(found.params["article"])) == ("media", True)


def test_a_letter_that_came_back_leaves_the_paper_unserved(desk: ServiceDesk) -> None:
    sent = desk.service.serve(desk.paper.id, desk.act(ServiceMethod.POST, at=None, media=())).value
    assert desk.service.returned(sent.id, reason="查无此人").value.state is ServiceState.RETURNED
    assert desk.now().state is not DocumentState.SERVED
    with pytest.raises(Refusal) as refused:
        desk.service.prove(sent.id, desk.act(ServiceMethod.POST))
    assert refused.value.code == "service.not_under_way"


def test_a_proof_must_fit_the_way(desk: ServiceDesk) -> None:
    sent = desk.service.serve(desk.paper.id, desk.act(ServiceMethod.POST, at=None, media=())).value
    with pytest.raises(Refusal) as refused:
        desk.service.prove(sent.id, desk.act(ServiceMethod.ENTRUSTED))
    assert refused.value.code == "service.other_method"


def test_another_body_serves_with_the_receipt_it_sends_back(desk: ServiceDesk) -> None:
    receipt = desk.service.serve(desk.paper.id, desk.act(ServiceMethod.ENTRUSTED)).value
    assert receipt.state is ServiceState.PROVEN
    assert desk.now().service_method == "委托送达"


def test_electronic_service_needs_a_signed_confirmation(desk: ServiceDesk) -> None:
    found = desk.refusal(desk.act(ServiceMethod.ELECTRONIC))
    assert found.code == "service.no_consent"
    assert "行政处罚法第六十一条第二款" in str(found.params["article"])


def test_an_unsigned_confirmation_is_none(desk: ServiceDesk) -> None:
    desk.consent(is_signed=False)
    assert desk.refusal(desk.act(ServiceMethod.ELECTRONIC)).code == "service.no_consent"


def test_a_confirmation_that_says_no_is_none(desk: ServiceDesk) -> None:
    desk.consent()
    desk.clock.advance(minutes=1)
    desk.consent("不同意")
    assert desk.refusal(desk.act(ServiceMethod.ELECTRONIC)).code == "service.no_consent"


def test_electronic_service_names_the_confirmation_behind_it(desk: ServiceDesk) -> None:
    consent = desk.consent()
    receipt = desk.service.serve(desk.paper.id, desk.act(ServiceMethod.ELECTRONIC)).value
    assert (receipt.consent, receipt.state) == (consent.id, ServiceState.PROVEN)


def test_an_announcement_counts_once_its_days_are_over_and_not_a_day_before(desk: ServiceDesk) -> None:
    receipt = desk.service.serve(desk.paper.id, desk.act(ServiceMethod.ANNOUNCEMENT)).value
    assert (receipt.state, receipt.deemed_on, receipt.is_verified) == (
        ServiceState.UNDER_WAY,
        date(2026, 4, 9),
        False,
    )
    desk.clock.advance(days=30)
    assert days_until_deemed(receipt, date(2026, 4, 9)) == 1
    with pytest.raises(Refusal) as refused:
        desk.service.deem_served(receipt.id)
    assert refused.value.code == "service.announcement_running"
    desk.clock.advance(days=1)
    assert desk.service.deem_served(receipt.id).value.served_on == date(2026, 4, 9)
    assert desk.now().state is DocumentState.SERVED


def test_an_announcement_says_why_no_other_way_was_open(desk: ServiceDesk) -> None:
    found = desk.refusal(desk.act(ServiceMethod.ANNOUNCEMENT, reason=""))
    assert (found.params["lacking"], "第九十五条" in str(found.params["article"])) == ("reason", True)


def test_only_announcements_are_deemed_served(desk: ServiceDesk) -> None:
    sent = desk.service.serve(desk.paper.id, desk.act(ServiceMethod.POST, at=None, media=())).value
    with pytest.raises(Refusal) as refused:
        desk.service.deem_served(sent.id)
    assert refused.value.code == "service.not_announced"


def test_nothing_is_served_before_it_was_made_or_tomorrow(desk: ServiceDesk) -> None:
    early = desk.act(ServiceMethod.DIRECT, at=desk.clock.now() - timedelta(days=1))
    late = desk.act(ServiceMethod.DIRECT, at=desk.clock.now() + timedelta(minutes=1))
    assert [desk.refusal(act).code for act in (early, late)] == ["service.before_issue", "service.in_future"]


def test_a_paper_is_served_once(desk: ServiceDesk) -> None:
    desk.service.serve(desk.paper.id, desk.act(ServiceMethod.DIRECT))
    with pytest.raises(Refusal) as refused:
        desk.service.serve(desk.paper.id, desk.act(ServiceMethod.LEFT))
    assert refused.value.code == "service.already_served"


def test_an_unsigned_penalty_is_not_served(desk: ServiceDesk) -> None:
    penalty = desk.penalty()
    with pytest.raises(Refusal) as refused:
        desk.service.serve(penalty.id, desk.act(ServiceMethod.DIRECT))
    assert refused.value.code == "documents.not_signed"


def test_a_draft_without_the_heads_decision_is_not_served(desk: ServiceDesk) -> None:
    draft = desk.signed(desk.issue(DocumentKind.PRIOR_NOTICE, entered=VALUES | {"head_decision": ""}))
    with pytest.raises(Refusal) as refused:
        desk.service.serve(draft.id, desk.act(ServiceMethod.DIRECT))
    assert refused.value.code == "service.still_draft"


def test_the_receipt_is_drawn_once_with_what_was_done(desk: ServiceDesk) -> None:
    receipt = desk.service.serve(desk.paper.id, desk.act(ServiceMethod.LEFT)).value
    first = desk.service.paper(receipt.id).value
    assert desk.service.paper(receipt.id).value.paper == first.paper
    with desk.open_work() as work:
        facts = desk.documents.facts(work.table(Document).get(first.paper))
    cells = {cell.id: cell.value for block in facts.blocks for row in block.grid for cell in row}
    assert cells["service_method"] == "留置送达"
    assert cells["left_reason"] == "当事人拒绝签收"
    assert "刘六（示例社区居委会）" in cells["remark"]


def test_every_attempt_stays_on_record(desk: ServiceDesk) -> None:
    desk.service.refused(desk.paper.id, reason="拒收", servers=("执法员1",))
    desk.service.serve(desk.paper.id, desk.act(ServiceMethod.LEFT))
    states = [one.state for one in desk.service.of_document(desk.paper.id)]
    assert states == [ServiceState.REFUSED, ServiceState.PROVEN]
    assert len(desk.service.of_visit("v-1")) == 2
