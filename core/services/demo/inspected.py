"""Answers and findings of the made-up visits, on whatever checklist the item has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.catalog import Item
from core.domain.checklists import Answer, AnswerKind, Checklist, CheckPoint, Verdict
from core.domain.findings import Finding
from core.domain.visits import Visit
from core.kernel.clock import local_date
from core.kernel.ids import cell_id
from core.services.demo.stories import Ending, Story
from core.services.demo.visits import problem_count
from core.services.demo.world import World, demo_id, field_of_body, visit_matter

GENERIC_CHECKLIST = Checklist(
    id="demo-generic",
    version=1,
    title="通用检查表(示例)",
    points=tuple(
        CheckPoint(id=f"demo-point-{number}", text=text, needs_photo_on_fail=False)
        for number, text in enumerate(
            ("证照公示与许可范围", "制度和台账记录", "现场条件与设施设备", "从业人员资质与培训"), start=1
        )
    ),
    source="示例",
)
"""Stands in where nobody gives a checklist."""

NOT_ENTERED = (Ending.REFUSED, Ending.ABORTED)


@dataclass(frozen=True)
class Inspected:
    """What was written down during one visit."""

    answers: tuple[Answer, ...] = ()
    findings: tuple[Finding, ...] = ()


def inspect(world: World, story: Story, visit: Visit, item: Item) -> Inspected:
    """Return the answers to the visit's checklist and a finding for each answer that is 不合格."""
    if story.ending in NOT_ENTERED:
        return Inspected()
    assert visit.inspecting_at is not None, "an inspected visit has begun"
    points = list(_asked(world.checklist_of(item)))
    # The first points that can fail do, as many as the story has problems.
    failing = {p.id for p in [p for p in points if p.kind is AnswerKind.VERDICT][: problem_count(story)]}
    answers = tuple(
        _answer(visit, item, point, place, visit.inspecting_at, fails=point.id in failing)
        for place, point in enumerate(points)
    )
    failed = [(answer, point) for answer, point in zip(answers, points, strict=True) if point.id in failing]
    findings = tuple(_finding(story, visit, item, place, *pair) for place, pair in enumerate(failed))
    return Inspected(answers, findings)


def _asked(checklist: Checklist) -> Iterator[CheckPoint]:
    """Return the points that are asked whatever the answers are; questions that hang on others stay open."""
    return (point for point in checklist.points if not point.asked_if_point)


def _answer(visit: Visit, item: Item, point: CheckPoint, place: int, began_at: datetime, *, fails: bool) -> Answer:
    is_verdict = point.kind is AnswerKind.VERDICT
    return Answer(
        id=cell_id(visit.id, item.id, point.id, "0"),
        visit=visit.id,
        item=item.id,
        point=point.id,
        verdict=Verdict.FAIL if fails else Verdict.PASS,
        value="" if is_verdict else _value(point, began_at),
        note="示例" if fails else "",
        answered_at=began_at + timedelta(minutes=2 + 3 * place),
        answered_by=visit.officers[place % 2],
    )


def _value(point: CheckPoint, at: datetime) -> str:
    """Return a value inside the limits of a typed question."""
    if point.kind is AnswerKind.NUMBER:
        return point.limit_max or point.limit_min or "1"
    if point.kind is AnswerKind.CHOICE:
        return next(choice for choice in point.choices if choice not in point.fail_choices)
    if point.kind is AnswerKind.DATE:
        return local_date(at).isoformat()
    return "已查看(示例)"


def _finding(story: Story, visit: Visit, item: Item, place: int, answer: Answer, point: CheckPoint) -> Finding:
    problems = visit_matter()["problems"][field_of_body(visit.subject)]
    problem = problems[(story.number + place) % len(problems)]
    return Finding(
        id=demo_id(answer.answered_at, "demo-finding", answer.id),
        visit=visit.id,
        item=item.id,
        answer=answer.id,
        # The words of the finding are the demo's own, so its violation goes before that of the check point.
        violation=problem["violation"] or point.violation,
        text=problem["text"],
        breached=item.legal_basis[0] if item.legal_basis else "",
        found_at=answer.answered_at,
        found_by=answer.answered_by,
        corrected_on_spot=story.ending is Ending.CORRECTED_ON_SPOT,
        correct_by=visit.correct_by,
        requirement=problem["requirement"],
        facts=_facts(story, visit, problem["facts"], answer.answered_at),
    )


def _facts(
    story: Story, visit: Visit, own: dict[str, bool | int | str], found_at: datetime
) -> dict[str, bool | int | str]:
    """Return what the officers established; what a running correction will bring is left out, so it is unknown."""
    day = local_date(found_at).isoformat()
    facts: dict[str, bool | int | str] = {**visit_matter()["facts"], **own, "act_on": day, "discovered_on": day}
    facts["party_kind"] = "individual_business" if visit.uscc.startswith("92") else "organisation"
    facts["corrected_on_spot"] = story.ending is Ending.CORRECTED_ON_SPOT
    if story.ending in (Ending.CORRECTED, Ending.CORRECTED_ON_SPOT):
        facts["corrected_in_time"] = True
    if story.ending in (Ending.CASE_OPENED, Ending.CASE_RUNNING):
        # A case is opened where the problem has been found before, so no leniency is left.
        facts |= {"repeated": True, "corrected_in_time": False, "circumstances_minor": False, "harm_minor": False}
    return facts
