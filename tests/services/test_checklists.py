"""Answers saved one by one, and the findings they make."""

from __future__ import annotations

import pytest

from core.domain.checklists import Answer, AnswerKind, Checklist, CheckPoint, Verdict
from core.domain.findings import Finding
from core.domain.visits import VisitState
from core.kernel.clock import FixedClock
from core.kernel.errors import Refusal, Trouble
from core.services.checklists import Checklists, finding_id, load_templates
from core.services.findings import Findings
from tests.helpers.builders import NOW, account, reference, scan, visit
from tests.helpers.fakes import FakeStore

POINTS = (
    CheckPoint(id="expired", text="是否有过期食品", basis="食品安全法", violation="mk.expired_drink"),
    CheckPoint(id="cold", text="冷藏温度", kind=AnswerKind.NUMBER, unit="℃", limit_max="10"),
    CheckPoint(id="goods", text="过期食品", kind=AnswerKind.TEXT, repeats=True),
)
TEMPLATE = Checklist(id="generic", version=3, title="试", points=POINTS)


class Desk:
    def __init__(self, state: VisitState = VisitState.INSPECTING) -> None:
        self.store = FakeStore()
        self.store.seed(visit(state=state, scan=scan(), inspecting_at=NOW))
        self.clock = FixedClock(NOW)
        self.checklists = Checklists(self.store, reference(), self.clock, account(), [TEMPLATE])
        self.findings = Findings(self.store, self.clock, account())

    def answer(self, point: str, value: str, repeat: int = 0, note: str = "") -> Answer:
        return self.checklists.answer("v-1", item="i-1", point=point, value=value, repeat=repeat, note=note).value


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_answer_is_durable_before_the_next_is_given(desk: Desk) -> None:
    before = desk.store.commits
    desk.answer("expired", "合格")
    assert desk.store.commits == before + 1
    assert [one.verdict for one in desk.store.all(Answer)] == [Verdict.PASS]


def test_two_answers_to_one_point_are_one_record(desk: Desk) -> None:
    assert desk.answer("expired", "合格").id == desk.answer("expired", "不合格").id
    assert len(desk.store.all(Answer)) == 1


def test_a_failing_answer_makes_its_finding_at_once(desk: Desk) -> None:
    answer = desk.answer("expired", "不合格", note="货架第二层")
    (finding,) = desk.findings.of_visit("v-1")
    assert finding.id == finding_id(answer)
    assert finding.answer == answer.id
    assert finding.violation == "mk.expired_drink"
    assert finding.breached == "食品安全法"
    assert finding.text == "是否有过期食品:不合格(货架第二层)"


def test_a_number_over_its_limit_fails_and_says_the_number(desk: Desk) -> None:
    assert desk.answer("cold", "10").verdict is Verdict.PASS
    assert desk.answer("cold", "12.5").verdict is Verdict.FAIL
    assert desk.findings.of_visit("v-1")[0].text == "冷藏温度:12.5℃"


def test_a_changed_answer_voids_its_finding_and_brings_it_back_with_what_was_written(desk: Desk) -> None:
    answer = desk.answer("expired", "不合格")
    desk.findings.edit(finding_id(answer), text="货架上有三瓶过期饮料")
    desk.answer("expired", "合格")
    assert desk.findings.of_visit("v-1") == ()
    assert desk.store.all(Finding)[0].void_reason == "answer_changed"
    desk.answer("expired", "不合格")
    assert [one.text for one in desk.findings.of_visit("v-1")] == ["货架上有三瓶过期饮料"]


def test_a_finding_that_a_person_voided_does_not_come_back_by_itself(desk: Desk) -> None:
    answer = desk.answer("expired", "不合格")
    desk.findings.void(finding_id(answer), reason="误记")
    desk.answer("expired", "不合格")
    assert desk.findings.of_visit("v-1") == ()


def test_clearing_an_answer_opens_the_question_again(desk: Desk) -> None:
    desk.answer("expired", "合格")
    desk.answer("expired", "")
    (one,) = desk.checklists.of_visit("v-1")
    assert "expired" in one.progress.unanswered
    assert one.progress.checklist == "generic@3"


def test_the_rest_can_be_given_up_but_not_declared_good(desk: Desk) -> None:
    desk.answer("expired", "合格")
    assert desk.checklists.answer_rest("v-1", item="i-1", verdict=Verdict.NOT_CHECKED).value == 2
    assert desk.checklists.of_visit("v-1")[0].progress.is_complete
    with pytest.raises(Refusal) as refusal:
        desk.checklists.answer_rest("v-1", item="i-1", verdict=Verdict.PASS)
    assert refusal.value.code == "checklist.not_in_bulk"


def test_a_repeated_point_takes_several_answers(desk: Desk) -> None:
    desk.answer("goods", "甲")
    desk.answer("goods", "乙", repeat=1)
    assert sorted(one.value for one in desk.store.all(Answer)) == ["乙", "甲"]


@pytest.mark.parametrize(
    ("item", "point", "repeat", "code"),
    [
        ("i-9", "expired", 0, "checklist.item_not_in_visit"),
        ("i-1", "nothing", 0, "checklist.point_unknown"),
        ("i-1", "expired", 1, "checklist.no_repeat"),
        ("i-1", "goods", -1, "checklist.no_repeat"),
    ],
)
def test_an_answer_to_nothing_is_refused(desk: Desk, item: str, point: str, repeat: int, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        desk.checklists.answer("v-1", item=item, point=point, value="合格", repeat=repeat)
    assert refusal.value.code == code


@pytest.mark.parametrize("state", [VisitState.SCANNED, VisitState.RECORDED, VisitState.ARCHIVED])
def test_answers_are_given_only_while_inspecting(state: VisitState) -> None:
    with pytest.raises(Refusal) as refusal:
        Desk(state).answer("expired", "合格")
    assert refusal.value.code == "checklist.not_inspecting"


def test_a_template_file_that_is_no_template_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("checklists")
    (folder / "bad.toml").write_text("id = [", "utf-8")
    with pytest.raises(Trouble) as trouble:
        load_templates(folder)
    assert trouble.value.params == {"file": "bad.toml"}
