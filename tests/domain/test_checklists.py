"""Answering a checklist: limits at both edges, skip logic, repeats, photos, and the templates that ship."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.answers import asked_cells, check_template, choose_checklist, judged, progress_of
from core.domain.checklists import Answer, AnswerKind, Checklist, CheckPoint, Verdict
from core.domain.evidence import Evidence, EvidenceKind
from core.kernel.errors import Refusal
from core.kernel.records import changed
from core.services.checklists import load_templates

DAY = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)


def point(name: str = "p", **fields: Any) -> CheckPoint:
    return changed(CheckPoint(id=name, text=f"检查点{name}"), **fields)


def checklist(*points: CheckPoint) -> Checklist:
    return Checklist(id="t", version=1, title="试", points=points)


def answer(name: str, verdict: Verdict | None = Verdict.PASS, value: str = "", repeat: int = 0) -> Answer:
    return Answer(
        id=f"{name}-{repeat}", visit="v", item="i", point=name, repeat=repeat, verdict=verdict, value=value,
        answered_at=AT, answered_by="officer-1",
    )  # fmt: skip


def given_by(*answers: Answer) -> dict[tuple[str, int], Answer]:
    return {(one.point, one.repeat): one for one in answers}


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        ("合格", Verdict.PASS),
        ("不合格", Verdict.FAIL),
        ("不适用", Verdict.NOT_APPLICABLE),
        ("未查", Verdict.NOT_CHECKED),
        ("fail", Verdict.FAIL),
        ("", None),
    ],
)
def test_a_verdict_is_one_of_four_or_cleared(typed: str, verdict: Verdict | None) -> None:
    assert judged(point(), typed, on=DAY) == (verdict, "")


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [("-0.1", "fail"), ("0", "pass"), ("10", "pass"), ("10.01", "fail"), ("8℃", "pass"), ("１０", "pass")],
)
def test_a_number_is_judged_against_both_limits_inclusive(typed: str, verdict: str) -> None:
    cold = point(kind=AnswerKind.NUMBER, unit="℃", limit_min="0", limit_max="10")
    assert judged(cold, typed, on=DAY)[0] == verdict


@pytest.mark.parametrize("typed", ["abc", "NaN", "Infinity", "1,5", "--1"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as refusal:
        judged(point(kind=AnswerKind.NUMBER), typed, on=DAY)
    assert refusal.value.code == "checklist.not_a_number"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=2))
def test_a_number_passes_exactly_inside_its_limits(number: Any) -> None:
    asked = point(kind=AnswerKind.NUMBER, limit_min="-5", limit_max="70")
    verdict, _ = judged(asked, str(number), on=DAY)
    assert (verdict is Verdict.PASS) == (-5 <= number <= 70)


@pytest.mark.parametrize(("typed", "verdict"), [("2026-03-09", "fail"), ("2026-03-10", "pass")])
def test_an_expiry_date_holds_on_the_day_of_the_visit(typed: str, verdict: str) -> None:
    assert judged(point(kind=AnswerKind.DATE, limit_min="today"), typed, on=DAY)[0] == verdict


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        judged(point(kind=AnswerKind.DATE), "2026-02-30", on=DAY)
    assert refusal.value.code == "checklist.not_a_date"


def test_a_choice_may_be_a_failing_one_and_nothing_else() -> None:
    asked = point(kind=AnswerKind.CHOICE, choices=("没有", "有"), fail_choices=("有",))
    assert judged(asked, "有", on=DAY) == (Verdict.FAIL, "有")
    assert judged(asked, "没有", on=DAY) == (Verdict.PASS, "没有")
    assert judged(asked, "未查", on=DAY) == (Verdict.NOT_CHECKED, "")
    with pytest.raises(Refusal) as refusal:
        judged(asked, "也许", on=DAY)
    assert refusal.value.code == "checklist.not_a_choice"


def test_a_text_is_kept_to_its_limit() -> None:
    asked = point(kind=AnswerKind.TEXT)
    assert judged(asked, "长" * 4000, on=DAY)[0] is Verdict.PASS
    with pytest.raises(Refusal) as refusal:
        judged(asked, "长" * 4001, on=DAY)
    assert refusal.value.code == "checklist.text_too_long"


def test_a_point_is_skipped_until_the_earlier_answer_asks_for_it() -> None:
    asks = checklist(point("a"), point("b", asked_if_point="a", asked_if_values=("fail",)))
    assert [cell.point.id for cell in asked_cells(asks, {})] == ["a"]
    assert [cell.point.id for cell in asked_cells(asks, given_by(answer("a")))] == ["a"]
    failed = given_by(answer("a", Verdict.FAIL))
    assert [cell.point.id for cell in asked_cells(asks, failed)] == ["a", "b"]


def test_what_hangs_on_a_skipped_point_is_skipped_too() -> None:
    chain = checklist(
        point("a"),
        point("b", asked_if_point="a", asked_if_values=("fail",)),
        point("c", asked_if_point="b", asked_if_values=("fail",)),
    )
    left_over = given_by(answer("a"), answer("b", Verdict.FAIL))
    assert [cell.point.id for cell in asked_cells(chain, left_over)] == ["a"]


def test_a_repeated_point_is_asked_as_often_as_it_was_answered() -> None:
    asks = checklist(point("a", repeats=True, kind=AnswerKind.TEXT))
    cells = asked_cells(asks, given_by(answer("a", value="甲"), answer("a", value="乙", repeat=1)))
    assert [cell.repeat for cell in cells] == [0, 1]


def test_progress_counts_asked_answered_and_failed_cells_and_wants_photos() -> None:
    asks = checklist(point("a"), point("b"), point("c", needs_photo=True))
    answers = (answer("a", Verdict.FAIL), answer("c"))
    found = progress_of(asks, "i", answers, ())
    assert (found.asked, found.answered, found.failed) == (3, 2, 1)
    assert found.unanswered == ("b",)
    assert found.photos_missing == ("a", "c")
    photo = Evidence(
        id="e", visit="v", kind=EvidenceKind.PHOTO, blob="00", size_bytes=1, media_type="image/png", made_at=AT,
        made_by="officer-1", answer="a-0",
    )  # fmt: skip
    assert progress_of(asks, "i", answers, (photo,)).photos_missing == ("c",)
    assert progress_of(asks, "i", answers, (changed(photo, is_void=True),)).photos_missing == ("a", "c")


def test_what_was_not_checked_needs_no_photo() -> None:
    asks = checklist(point("a", needs_photo=True))
    assert progress_of(asks, "i", (answer("a", Verdict.NOT_CHECKED),), ()).is_complete


@pytest.mark.parametrize(
    ("points", "ground"),
    [
        ((point("a"), point("a")), "twice"),
        ((point("a", asked_if_point="b"), point("b")), "asks_later"),
        ((point("a", kind=AnswerKind.CHOICE),), "no_choices"),
        ((point("a", kind=AnswerKind.CHOICE, choices=("x",), fail_choices=("y",)),), "fail_choice_unknown"),
        ((point("a", kind=AnswerKind.NUMBER, limit_max="ten"),), "bad_limit"),
    ],
)
def test_a_template_that_cannot_be_answered_is_refused(points: tuple[CheckPoint, ...], ground: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_template(checklist(*points))
    assert refusal.value.params["ground"] == ground


def test_the_shipped_templates_are_demo_and_say_where_they_come_from() -> None:
    templates = load_templates()
    assert len(templates) >= 8
    for template in templates:
        assert 10 <= len(template.points) <= 30
        assert template.is_demo
        assert "未核实" in template.source


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("食品销售监督检查", "food_sales"),
        ("餐饮服务食品安全检查", "catering"),
        ("消防监督检查", "fire"),
        ("对娱乐场所的检查", "culture"),
        ("对加油站价格的检查", "generic"),
    ],
)
def test_an_item_gets_the_template_of_its_words(name: str, wanted: str) -> None:
    found = choose_checklist("", name, load_templates())
    assert found is not None
    assert found.id == wanted


def test_the_template_an_item_names_comes_first() -> None:
    found = choose_checklist("fire", "食品销售监督检查", load_templates())
    assert found is not None
    assert found.id == "fire"
