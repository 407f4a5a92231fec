"""Answering a checklist: what is asked, what an answer means, and what is still wanted.

Source: domain.md 1.5 step 9 and 10; design.md section 4.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from core.domain.checklists import Answer, AnswerKind, Cell, Checklist, ChecklistProgress, CheckPoint, Verdict
from core.domain.evidence import Evidence, EvidenceKind
from core.kernel.errors import Refusal

REPEATS_MAX = 200
TEXT_CHARS_MAX = 4000

_VERDICT_WORDS = {
    "合格": Verdict.PASS,
    "不合格": Verdict.FAIL,
    "不适用": Verdict.NOT_APPLICABLE,
    "未查": Verdict.NOT_CHECKED,
} | {verdict.value: verdict for verdict in Verdict}


def judged(point: CheckPoint, typed: str, *, on: date) -> tuple[Verdict | None, str]:
    """Return verdict and kept value of what was typed or chosen for a point; (None, "") clears the answer.

    不适用 and 未查 answer a point of any kind. Limits are inclusive.

    Args:
        on: Local day of the visit, for dates that must not lie before it.

    Raises:
        Refusal: "checklist.not_a_verdict", "checklist.not_a_number", "checklist.not_a_choice",
            "checklist.not_a_date", "checklist.text_too_long".
    """
    value = unicodedata.normalize("NFKC", typed).strip() if point.kind is not AnswerKind.TEXT else typed.strip()
    if not value:
        return None, ""
    verdict = _VERDICT_WORDS.get(value)
    if point.kind is AnswerKind.VERDICT:
        if verdict is None:
            raise Refusal("checklist.not_a_verdict", point=point.text, value=typed)
        return verdict, ""
    if verdict in (Verdict.NOT_APPLICABLE, Verdict.NOT_CHECKED) and value not in point.choices:
        return verdict, ""
    judge = {
        AnswerKind.NUMBER: _number,
        AnswerKind.CHOICE: _choice,
        AnswerKind.TEXT: _text,
        AnswerKind.DATE: _date,
    }[point.kind]
    return judge(point, value, on)


def _within(value: Decimal | date, low: Decimal | date | None, high: Decimal | date | None) -> Verdict:
    below = low is not None and value < low  # type: ignore[operator]  # both sides are of the kind of the point
    above = high is not None and value > high  # type: ignore[operator]  # as above
    return Verdict.FAIL if below or above else Verdict.PASS


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _number(point: CheckPoint, value: str, on: date) -> tuple[Verdict, str]:
    number = _decimal(value.removesuffix(unicodedata.normalize("NFKC", point.unit)).strip())
    if number is None:
        raise Refusal("checklist.not_a_number", point=point.text, value=value)
    low = _decimal(point.limit_min) if point.limit_min else None
    high = _decimal(point.limit_max) if point.limit_max else None
    return _within(number, low, high), str(number)


def _choice(point: CheckPoint, value: str, on: date) -> tuple[Verdict, str]:
    kept = next((choice for choice in point.choices if unicodedata.normalize("NFKC", choice) == value), None)
    if kept is None:
        raise Refusal("checklist.not_a_choice", point=point.text, value=value, choices="、".join(point.choices))
    return (Verdict.FAIL if kept in point.fail_choices else Verdict.PASS), kept


def _text(point: CheckPoint, value: str, on: date) -> tuple[Verdict, str]:
    if len(value) > TEXT_CHARS_MAX:
        raise Refusal("checklist.text_too_long", point=point.text, chars_max=TEXT_CHARS_MAX)
    return Verdict.PASS, value


def _date(point: CheckPoint, value: str, on: date) -> tuple[Verdict, str]:
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise Refusal("checklist.not_a_date", point=point.text, value=value) from error
    return _within(day, _limit_day(point.limit_min, on), _limit_day(point.limit_max, on)), day.isoformat()


def _limit_day(limit: str, on: date) -> date | None:
    if not limit:
        return None
    return on if limit == "today" else date.fromisoformat(limit)


def answers_by_cell(answers: Iterable[Answer], item: str) -> dict[tuple[str, int], Answer]:
    """Return an item's answers by point and repeat."""
    return {(answer.point, answer.repeat): answer for answer in answers if answer.item == item}


def is_answered(answer: Answer | None) -> bool:
    """Tell whether the answer says something."""
    return answer is not None and (answer.verdict is not None or bool(answer.value))


def asked_cells(checklist: Checklist, given: Mapping[tuple[str, int], Answer]) -> tuple[Cell, ...]:
    """Return what is asked, in order: skip logic applied, and each repeated point as often as it was answered.

    A point that hangs on another one is asked only if that one is asked itself and has a wanted answer in its first
    repeat.
    """
    asked: dict[str, CheckPoint] = {}
    cells: list[Cell] = []
    for point in checklist.points:
        if not _is_asked(point, asked, given):
            continue
        asked[point.id] = point
        repeats = [repeat for (name, repeat), answer in given.items() if name == point.id and is_answered(answer)]
        times = max([0, *repeats]) + 1 if point.repeats else 1
        cells.extend(Cell(point=point, repeat=repeat) for repeat in range(times))
    return tuple(cells)


def _is_asked(point: CheckPoint, asked: Mapping[str, CheckPoint], given: Mapping[tuple[str, int], Answer]) -> bool:
    if not point.asked_if_point:
        return True
    answer = given.get((point.asked_if_point, 0))
    if point.asked_if_point not in asked or answer is None:
        return False
    said = {answer.value, answer.verdict.value if answer.verdict else ""} - {""}
    return bool(said & set(point.asked_if_values))


def wants_photo(point: CheckPoint, answer: Answer | None) -> bool:
    """Tell whether the answer as it stands must have a photo; an answer that was not checked needs none."""
    if answer is None or answer.verdict in (None, Verdict.NOT_APPLICABLE, Verdict.NOT_CHECKED):
        return False
    return point.needs_photo or (point.needs_photo_on_fail and answer.verdict is Verdict.FAIL)


def progress_of(
    checklist: Checklist, item: str, answers: Iterable[Answer], evidence: Iterable[Evidence]
) -> ChecklistProgress:
    """Return how far the checklist of one item is."""
    given = answers_by_cell(answers, item)
    shown = {
        piece.answer
        for piece in evidence
        if not piece.is_void and piece.kind in (EvidenceKind.PHOTO, EvidenceKind.VIDEO)
    }
    cells = asked_cells(checklist, given)
    found = [(cell.point, given.get((cell.point.id, cell.repeat))) for cell in cells]
    return ChecklistProgress(
        item=item,
        checklist=f"{checklist.id}@{checklist.version}",
        asked=len(cells),
        answered=sum(1 for _, answer in found if is_answered(answer)),
        failed=sum(1 for _, answer in found if answer is not None and answer.verdict is Verdict.FAIL),
        unanswered=tuple(dict.fromkeys(point.id for point, answer in found if not is_answered(answer))),
        photos_missing=tuple(
            dict.fromkeys(
                point.id for point, answer in found if wants_photo(point, answer) and answer and answer.id not in shown
            )
        ),
    )


def check_template(checklist: Checklist) -> None:
    """Stop a template that could not be answered.

    Raises Refusal "checklist.bad_template" with the point and the ground: twice, asks_later, no_choices, bad_limit.
    """
    seen: set[str] = set()
    for point in checklist.points:
        ground = _template_fault(point, seen)
        if ground:
            raise Refusal("checklist.bad_template", checklist=checklist.id, point=point.id, ground=ground)
        seen.add(point.id)


def _template_fault(point: CheckPoint, seen: set[str]) -> str:
    limits = [limit for limit in (point.limit_min, point.limit_max) if limit]
    bad_number = point.kind is AnswerKind.NUMBER and any(_decimal(limit) is None for limit in limits)
    grounds = (
        ("twice", point.id in seen),
        ("asks_later", bool(point.asked_if_point) and point.asked_if_point not in seen),
        ("no_choices", point.kind is AnswerKind.CHOICE and not point.choices),
        ("fail_choice_unknown", not set(point.fail_choices) <= set(point.choices)),
        ("bad_limit", bad_number),
    )
    return next((ground for ground, holds in grounds if holds), "")


def choose_checklist(named: str, item_name: str, templates: Iterable[Checklist]) -> Checklist | None:
    """Return the template for an item: the one it names, else the one most of whose words are in its name."""
    known = list(templates)
    for template in known:
        if named and template.id == named:
            return template
    scored = [(sum(1 for word in template.match_words if word in item_name), template) for template in known]
    best = max(scored, key=lambda pair: pair[0], default=None)
    if best is not None and best[0] > 0:
        return best[1]
    return next((template for template in known if template.id == "generic"), None)
