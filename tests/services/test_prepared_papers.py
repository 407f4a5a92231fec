"""Handing a paper to the clerk: complete or not at all, final once, sent back, withdrawn, decided where it is twice."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.numbers import NumberBlock, NumberUse, UseState
from core.domain.prepared_papers import PreparedPaper, PreparedState
from core.domain.shared_state import Conflict, ConflictState
from core.domain.visits import Visit
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import changed
from core.services.closing_papers import paper_blockers
from core.services.prepared_doubts import refuse_doubtful, refuse_while_unfit
from core.services.prepared_papers import PreparedPapers
from tests.helpers import builders as b
from tests.services.paper_desk import Desk

NOTICE = DocumentKind.INSPECTION_NOTICE


class Office(Desk):
    """The desk of papers with the hand-over; a tiny file stands for the drawn one."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared = PreparedPapers(self.open_work, self.clock, self.documents, station="站")

    def _draw(self, of: Any, code: Any, photos: Any) -> bytes:
        if self.fails:
            raise Trouble("papers.font_unreadable", path="x.ttf")
        return b"%PDF tiny " + of.sha256().encode()

    def hand_over(self, **options: Any) -> PreparedPaper:
        return self.prepared.prepare(NOTICE, "v-1", **options).value

    def now(self, paper: PreparedPaper) -> PreparedPaper:
        (found,) = (one for one in self.store.all(PreparedPaper) if one.id == paper.id)
        return found


@pytest.fixture(autouse=True)
def no_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing a file takes a fifth of a second and is no matter of these tests."""
    monkeypatch.setattr("tests.services.paper_desk.seal", lambda pdf, at: pdf)


def refused(call: Any, *args: Any, **options: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        call(*args, **options)
    return refusal.value


def test_handing_over_takes_no_number_and_makes_no_document() -> None:
    office = Office()
    paper = office.hand_over(note="请盖章")
    assert (paper.state, paper.prepared_by, paper.note) == (PreparedState.WAITING, "officer-1", "请盖章")
    assert office.store.all(Document) == office.store.all(NumberUse) == []


def test_a_paper_that_lacks_a_field_is_not_handed_over_and_the_article_is_named() -> None:
    office = Office()
    refusal = refused(office.prepared.prepare, DocumentKind.PENALTY_DECISION, "v-1")
    assert refusal.code == "documents.field_missing"
    assert "行政处罚法" in str(refusal.params["fields"])
    assert office.store.all(PreparedPaper) == []


def test_the_same_paper_is_not_handed_over_twice_but_a_changed_one_is() -> None:
    office = Office()
    office.hand_over()
    assert refused(office.hand_over).code == "prepared.waits_already"
    office.hand_over(entered={"place": "另一处"})
    assert len(office.store.all(PreparedPaper)) == 2


def test_made_final_it_says_what_was_typed_and_is_linked_to_its_number() -> None:
    office = Office()
    paper = office.hand_over(entered={"place": "仓库二楼"})
    document = office.prepared.make(paper.id).value
    after = office.now(paper)
    (use,) = office.store.all(NumberUse)
    assert (after.state, after.documents, use.document) == (PreparedState.FINAL, (document.id,), document.id)
    assert "仓库二楼" in office.blobs.get(document.facts_blob).decode()


def test_a_second_attempt_takes_no_second_number() -> None:
    office = Office()
    paper = office.hand_over()
    office.prepared.make(paper.id)
    assert refused(office.prepared.make, paper.id).code == "prepared.not_waiting"
    assert len(office.store.all(NumberUse)) == len(office.store.all(Document)) == 1


def test_a_crash_between_number_and_file_keeps_the_link_and_draws_the_same_paper_later() -> None:
    office = Office()
    paper = office.hand_over()
    office.fails = True
    with pytest.raises(Trouble):
        office.prepared.make(paper.id)
    (document,) = office.store.all(Document)
    assert (office.now(paper).documents, document.pdf_blob) == ((document.id,), "")
    office.fails = False
    assert refused(office.prepared.make, paper.id).code == "prepared.not_waiting"
    assert office.documents.draw(document.id).value.number == document.number
    assert len(office.store.all(NumberUse)) == 1


def test_a_refusal_after_the_number_was_taken_takes_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office()
    paper = office.hand_over()

    def stops(*_: object) -> None:
        raise Refusal("store.not_found", family="prepared_paper", id=paper.id)

    monkeypatch.setattr(office.prepared, "_link", stops)
    assert refused(office.prepared.make, paper.id).code == "store.not_found"
    assert office.store.all(NumberUse) == office.store.all(NumberBlock) == office.store.all(Document) == []
    assert office.now(paper).state is PreparedState.WAITING


def test_a_visit_that_changed_since_is_told_before_a_number_is_taken() -> None:
    office = Office()
    paper = office.hand_over()
    with office.open_work() as work:
        work.table(Visit).put(b.visit(address="岳麓区另一条路2号", is_demo=True))
    assert refused(office.prepared.make, paper.id).code == "prepared.says_otherwise"
    assert office.store.all(NumberUse) == []
    assert office.store.all(NumberBlock) == []


def test_made_a_day_later_it_bears_that_day_and_is_still_the_same_paper() -> None:
    office = Office()
    paper = office.hand_over()
    office.clock.advance(days=1)
    document = office.prepared.make(paper.id).value
    assert office.documents.facts(document).issued_on > paper.prepared_on


def test_sent_back_it_keeps_its_reason_and_can_be_handed_over_again() -> None:
    office = Office()
    paper = office.hand_over()
    assert refused(office.prepared.send_back, paper.id, " ").code == "prepared.reason_missing"
    office.prepared.send_back(paper.id, "请补充检查依据")
    assert (office.now(paper).state, office.now(paper).reason) == (PreparedState.RETURNED, "请补充检查依据")
    assert refused(office.prepared.make, paper.id).code == "prepared.not_waiting"
    assert office.hand_over().id != paper.id


def test_withdrawn_it_is_not_made() -> None:
    office = Office()
    paper = office.hand_over()
    office.prepared.withdraw(paper.id, "企业停业")
    assert office.now(paper).state is PreparedState.WITHDRAWN
    assert refused(office.prepared.make, paper.id).code == "prepared.not_waiting"


def test_after_its_paper_was_spoiled_it_may_be_made_again() -> None:
    office = Office()
    paper = office.hand_over()
    first = office.prepared.make(paper.id).value
    office.documents.spoil(first.id, "打印机卡纸")
    second = office.prepared.make(paper.id).value
    assert office.now(paper).documents == (first.id, second.id)
    assert first.number != second.number


def twice(office: Office, *, state: PreparedState = PreparedState.FINAL) -> tuple[PreparedPaper, Document, Document]:
    """Have a prepared paper as it stands after two stations that both made it final have met."""
    paper = office.hand_over()
    mine = office.prepared.make(paper.id).value
    theirs = changed(mine, id="d-there", number="湘新市监通〔2026〕401号", number_use="n-there")
    with office.open_work() as work:
        work.table(Document).put(theirs)
        after = changed(work.table(PreparedPaper).get(paper.id), documents=(mine.id, theirs.id), state=state)
        work.table(PreparedPaper).put(after)
    return after, mine, theirs


def test_two_papers_of_one_become_a_doubt_once_and_both_numbers_stand() -> None:
    office = Office()
    paper, mine, theirs = twice(office)
    (doubt,) = office.prepared.look([("prepared_paper", paper.id), ("document", theirs.id)]).value
    assert (doubt.about, set(doubt.others)) == (paper.id, {mine.id, theirs.id})
    assert office.prepared.look([("document", theirs.id)]).value == ()
    assert {one.state for one in office.store.all(NumberUse)} == {UseState.TAKEN}
    with office.open_work() as work:
        assert refused(refuse_doubtful, work, theirs).code == "prepared.decide_first"
    assert {refused(office.documents.to_print, one.id).code for one in (mine, theirs)} == {"prepared.decide_first"}
    ((shown, alive),) = office.prepared.undecided()
    assert (shown.id, {one.id for one in alive}) == (paper.id, {mine.id, theirs.id})


@pytest.mark.parametrize("stays", ["mine", "theirs"])
def test_a_person_decides_which_stays_and_the_other_is_spoiled_with_the_reason(stays: str) -> None:
    office = Office()
    paper, mine, theirs = twice(office)
    office.prepared.look([("prepared_paper", paper.id)])
    kept = mine if stays == "mine" else theirs
    assert refused(office.prepared.keep, paper.id, kept.id, "").code == "prepared.reason_missing"
    office.prepared.keep(paper.id, kept.id, "先打印的一份已交企业")
    states = {one.id: (one.state, one.spoiled_reason) for one in office.store.all(Document)}
    (gone,) = {mine.id, theirs.id} - {kept.id}
    assert states[gone] == (DocumentState.SPOILED, "先打印的一份已交企业")
    assert states[kept.id][0] is not DocumentState.SPOILED
    (doubt,) = office.store.all(Conflict)
    assert (doubt.state, doubt.settled_how) == (ConflictState.SETTLED, "先打印的一份已交企业")
    assert office.prepared.undecided() == ()
    assert refused(office.prepared.keep, paper.id, kept.id, "x").code == "prepared.fits"


def test_a_paper_that_was_served_cannot_be_the_one_that_goes() -> None:
    office = Office()
    paper, mine, theirs = twice(office)
    with office.open_work() as work:
        work.table(Document).put(changed(theirs, state=DocumentState.SERVED))
    assert refused(office.prepared.keep, paper.id, mine.id, "x").code == "documents.already_served"
    assert all(one.state is not DocumentState.SPOILED for one in office.store.all(Document))
    assert refused(office.prepared.keep, paper.id, "d-other", "x").code == "prepared.not_made_of_it"


@pytest.mark.parametrize("served", ["mine", "theirs"])
def test_a_decision_that_is_refused_half_way_leaves_every_paper_as_it_was(served: str) -> None:
    office = Office()
    paper, mine, theirs = twice(office)
    with office.open_work() as work:
        work.table(Document).put(changed({"mine": mine, "theirs": theirs}[served], state=DocumentState.SERVED))
    assert refused(office.prepared.keep, paper.id, "", "x").code == "documents.already_served"
    assert all(one.state is not DocumentState.SPOILED for one in office.store.all(Document))
    assert {one.state for one in office.store.all(NumberUse)} == {UseState.TAKEN}


def test_two_papers_that_were_both_served_are_settled_by_words_and_not_asked_about_again() -> None:
    office = Office()
    paper, mine, theirs = twice(office)
    office.prepared.look([("prepared_paper", paper.id)])
    (doubt,) = office.store.all(Conflict)
    with office.open_work() as work:
        for one in (mine, theirs):
            refused(refuse_while_unfit, work, doubt)
            work.table(Document).put(changed(one, state=DocumentState.SERVED))
        refuse_while_unfit(work, doubt)
        work.table(Conflict).put(changed(doubt, state=ConflictState.SETTLED, settled_how="已分别说明"))
    assert office.prepared.look([("document", mine.id)]).value == ()
    assert office.prepared.undecided() == ()


def test_made_although_it_was_withdrawn_is_a_doubt_until_it_is_kept_or_goes() -> None:
    office = Office()
    paper, mine, theirs = twice(office, state=PreparedState.WITHDRAWN)
    office.documents.spoil(theirs.id, "重复")
    assert len(office.prepared.look([("prepared_paper", paper.id)]).value) == 1
    office.prepared.keep(paper.id, mine.id, "企业已照常营业，撤回作废")
    assert office.now(paper).state is PreparedState.FINAL
    assert office.prepared.undecided() == ()


def test_a_paper_that_another_station_spoiled_voids_the_number_here() -> None:
    office = Office()
    document = office.issue()
    with office.open_work() as work:
        gone = changed(document, state=DocumentState.SPOILED, spoiled_reason="重复")
        work.table(Document).put(gone)
    office.prepared.look([("document", document.id)])
    (use,) = office.store.all(NumberUse)
    assert (use.state, use.reason) == (UseState.VOID, "重复")
    (report,) = office.numbers.reports()
    assert (report.void, report.gaps) == (1, ())


def test_a_visit_is_not_closed_over_a_paper_that_waits_for_the_clerk() -> None:
    office = Office()
    paper = office.hand_over()
    with office.open_work() as work:
        visit = work.table(Visit).get("v-1")
        before = {one.code: one.about for one in paper_blockers(work, visit)}
    office.prepared.make(paper.id)
    with office.open_work() as work:
        after = {one.code for one in paper_blockers(work, visit)}
    assert before["paper_with_clerk"] == paper.id
    assert "paper_with_clerk" not in after
