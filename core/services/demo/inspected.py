"""Answers, photos and findings of the made-up visits, on the checklists that their items have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.domain.answers import asked_cells, judged, wants_photo
from core.domain.catalog import Item
from core.domain.checklists import Answer, AnswerKind, Checklist, CheckPoint, Verdict
from core.domain.evidence import Evidence, EvidenceKind
from core.domain.findings import Finding
from core.domain.visits import Visit, VisitKind
from core.kernel.clock import local_date
from core.kernel.ids import cell_id
from core.services.checklists import finding_id
from core.services.closing import TRIGGER_METHOD
from core.services.demo.stories import Ending, Story
from core.services.demo.visits import problem_count
from core.services.demo.world import Photo, World, demo_id, field_of_body, visit_matter

NOT_ENTERED = (Ending.REFUSED, Ending.ABORTED)
Problem = Mapping[str, Any]
"""One line of `problems` in resources/demo/visits.toml."""


@dataclass(frozen=True)
class Inspected:
    """What was written down during one visit."""

    answers: tuple[Answer, ...] = ()
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def inspect(world: World, story: Story, visit: Visit, item: Item) -> Inspected:
    """Return the answers to the visit's checklist, a finding for each problem of the story, and the photos."""
    if story.ending in NOT_ENTERED:
        return Inspected()
    assert visit.inspecting_at is not None, "an inspected visit has begun"
    checklist = world.checklist_of(item)
    failing = _failing(checklist, _problems(story, visit))
    answers = _answers(visit, item, checklist, failing, began_at=visit.inspecting_at)
    points = {point.id: point for point in checklist.points}
    findings = tuple(
        _finding(story, visit, item, answer, failing[answer.point]) for answer in answers if answer.point in failing
    )
    evidence: list[Evidence] = []
    if world.photo is not None:
        wanted = [answer for answer in answers if wants_photo(points[answer.point], answer)]
        evidence = [_photo(world.photo, visit, answer, points[answer.point]) for answer in wanted]
        if visit.kind is VisitKind.CASE:
            evidence.append(_trigger_proof(world.photo, visit))
    return Inspected(answers, findings, tuple(evidence))


def _problems(story: Story, visit: Visit) -> list[Problem]:
    known = visit_matter()["problems"][field_of_body(visit.subject)]
    return [known[(story.number + place) % len(known)] for place in range(problem_count(story))]


def _failing(checklist: Checklist, problems: list[Problem]) -> dict[str, Problem]:
    """Return which points fail and of what: the point about that violation, else the first that is about none."""
    open_points = [point for point in checklist.points if not point.asked_if_point and _can_fail(point)]
    failing: dict[str, Problem] = {}
    for problem in problems:
        left = [point for point in open_points if point.id not in failing]
        fitting = [point for point in left if point.violation == problem["violation"]]
        failing[next(iter(fitting or [p for p in left if not p.violation] or left)).id] = problem
    return failing


def _can_fail(point: CheckPoint) -> bool:
    return point.kind is AnswerKind.VERDICT or (point.kind is AnswerKind.CHOICE and bool(point.fail_choices))


def _answers(
    visit: Visit, item: Item, checklist: Checklist, failing: Mapping[str, Problem], *, began_at: datetime
) -> tuple[Answer, ...]:
    """Return an answer to everything that is asked, also to what only an answer makes the checklist ask."""
    given: dict[tuple[str, int], Answer] = {}
    while True:
        cell = next((c for c in asked_cells(checklist, given) if (c.point.id, c.repeat) not in given), None)
        if cell is None:
            return tuple(given.values())
        at = began_at + timedelta(minutes=2 + 3 * len(given))
        fails = cell.point.id in failing
        verdict, value = judged(cell.point, _typed(cell.point, at, fails=fails), on=local_date(at))
        given[cell.point.id, cell.repeat] = Answer(
            id=cell_id(visit.id, item.id, cell.point.id, str(cell.repeat)),
            visit=visit.id,
            item=item.id,
            point=cell.point.id,
            repeat=cell.repeat,
            verdict=verdict,
            value=value,
            note="示例" if fails else "",
            answered_at=at,
            answered_by=visit.officers[len(given) % 2],
        )


def _typed(point: CheckPoint, at: datetime, *, fails: bool) -> str:
    """Return what an officer types: a problem where the point fails, else a value inside its limits."""
    if point.kind is AnswerKind.VERDICT:
        return (Verdict.FAIL if fails else Verdict.PASS).value
    if point.kind is AnswerKind.CHOICE:
        return next(choice for choice in point.choices if (choice in point.fail_choices) is fails)
    if point.kind is AnswerKind.NUMBER:
        return point.limit_max or (point.limit_min if point.limit_min not in ("", "0") else "1")
    if point.kind is AnswerKind.DATE:
        return (local_date(at) + timedelta(days=365)).isoformat()
    return "已查看(示例)"


def _finding(story: Story, visit: Visit, item: Item, answer: Answer, problem: Problem) -> Finding:
    return Finding(
        id=finding_id(answer),
        visit=visit.id,
        item=item.id,
        answer=answer.id,
        violation=problem["violation"],
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


def _photo(photo: Photo, visit: Visit, answer: Answer, point: CheckPoint) -> Evidence:
    return _evidence(
        photo,
        visit,
        answer.answered_at,
        key=answer.id,
        method="示例照片",
        proves=point.text,
        answer=answer.id,
        finding=finding_id(answer) if answer.verdict is Verdict.FAIL else "",
    )


def _trigger_proof(photo: Photo, visit: Visit) -> Evidence:
    """Return the proof of what started a visit outside any plan."""
    proves = f"线索来源:{visit.trigger_no}"
    return _evidence(photo, visit, visit.created_at, key=visit.id, method=TRIGGER_METHOD, proves=proves)


def _evidence(
    photo: Photo,
    visit: Visit,
    at: datetime,
    *,
    key: str,
    method: str,
    proves: str,
    answer: str = "",
    finding: str = "",
) -> Evidence:
    return Evidence(
        id=demo_id(at, "demo-evidence", key),
        visit=visit.id,
        kind=EvidenceKind.PHOTO,
        blob=photo.blob,
        size_bytes=photo.size_bytes,
        media_type="image/png",
        file_name="示例照片.png",
        made_at=at,
        made_by=visit.officers[0],
        method=method,
        proves=proves,
        answer=answer,
        finding=finding,
    )
