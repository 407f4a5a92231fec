"""Checklists: which template an item has, and answers saved one by one; a 不合格 makes its finding at once.

Source: domain.md 1.5 steps 9 and 10; design.md section 4.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from core.domain.accounts import Account
from core.domain.answers import check_template, choose_checklist, judged, progress_of
from core.domain.catalog import Item
from core.domain.checklists import Answer, Checklist, ChecklistProgress, CheckPoint, Verdict
from core.domain.evidence import Evidence
from core.domain.findings import Finding
from core.domain.lists import ListKind
from core.domain.visits import Visit, VisitState
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Refusal, Trouble
from core.kernel.ids import cell_id
from core.kernel.records import Record, changed, from_plain
from core.kernel.resources import resources_dir
from core.services.ports import OpenWork, Reference, Work

ANSWERED = frozenset({Topic.CHECKLISTS, Topic.FINDINGS, Topic.VISITS})
AUTO_VOID = "answer_changed"
"""Why a finding was voided when its answer was no longer 不合格; such a finding comes back with the answer."""


def load_templates(folder: Path | None = None) -> tuple[Checklist, ...]:
    """Return the checklists that ship with the program, checked.

    Raises:
        Trouble: "checklist.unreadable", params file.
        Refusal: "checklist.bad_template".
    """
    templates: list[Checklist] = []
    for path in sorted((folder or resources_dir() / "checklists").glob("*.toml")):
        try:
            template = from_plain(Checklist, tomllib.loads(path.read_text("utf-8")))
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise Trouble("checklist.unreadable", file=path.name) from error
        check_template(template)
        templates.append(template)
    return tuple(templates)


class ItemChecklist(Record):
    """One item of a visit with its template, its answers and how far it is."""

    item: str
    item_name: str
    checklist: Checklist
    answers: tuple[Answer, ...]
    progress: ChecklistProgress


class Checklists:
    """Answering the checklists of a visit."""

    def __init__(
        self,
        open_work: OpenWork,
        reference: Reference,
        clock: Clock,
        account: Account,
        templates: Iterable[Checklist] | None = None,
    ) -> None:
        self._open_work = open_work
        self._reference = reference
        self._clock = clock
        self._account = account
        self._templates = tuple(load_templates() if templates is None else templates)

    def for_item(self, item: Item | None) -> Checklist:
        """Return the template of an item; one that no list knows any more gets the generic one."""
        named, name = (item.checklist, item.name) if item is not None else ("", "")
        found = choose_checklist(named, name, self._templates)
        assert found is not None, "a generic checklist ships with the program"
        return found

    def of_visit(self, visit_id: str) -> tuple[ItemChecklist, ...]:
        """Return every item of the visit with its checklist, answers and progress."""
        with self._open_work() as work:
            return self.read(work.table(Visit).get(visit_id), work)

    def read(self, visit: Visit, work: Work) -> tuple[ItemChecklist, ...]:
        """Return the same inside a work that is already open."""
        answers = tuple(work.table(Answer).where(visit=visit.id))
        evidence = tuple(work.table(Evidence).where(visit=visit.id))
        found: list[ItemChecklist] = []
        for identifier in visit.items:
            item = self._item(visit, identifier)
            checklist = self.for_item(item)
            found.append(
                ItemChecklist(
                    item=identifier,
                    item_name=item.name if item is not None else identifier,
                    checklist=checklist,
                    answers=tuple(answer for answer in answers if answer.item == identifier),
                    progress=progress_of(checklist, identifier, answers, evidence),
                )
            )
        return tuple(found)

    def _item(self, visit: Visit, identifier: str) -> Item | None:
        """Return the item as the list version pinned by the visit has it."""
        version = visit.list_versions.get(ListKind.ITEMS.value)
        return self._reference.find(Item, identifier, version=version)

    def answer(
        self, visit_id: str, *, item: str, point: str, value: str, repeat: int = 0, note: str = ""
    ) -> Done[Answer]:
        """Save one answer, and make or void the finding that follows from it, in one transaction.

        Args:
            value: A verdict (合格, 不合格, 不适用, 未查 or pass, fail, not_applicable, not_checked), or the typed
                value of the point. Empty clears the answer.
            repeat: From 0; only for a point that repeats.

        Raises:
            Refusal: "checklist.not_inspecting", "checklist.item_not_in_visit", "checklist.point_unknown",
                "checklist.no_repeat", and what `judged` raises.
        """
        now = self._clock.now()
        with self._open_work() as work:
            visit = work.table(Visit).get(visit_id)
            asked = self._point(visit, item, point, repeat)
            verdict, kept = judged(asked, value, on=local_date(now))
            answer = Answer(
                id=cell_id(visit_id, item, point, str(repeat)),
                visit=visit_id,
                item=item,
                point=point,
                repeat=repeat,
                verdict=verdict,
                value=kept,
                note=note,
                answered_at=now,
                answered_by=self._account.officer,
            )
            work.table(Answer).put(answer)
            _keep_finding(work, answer, asked)
        return Done(answer, ANSWERED)

    def _point(self, visit: Visit, item: str, point: str, repeat: int) -> CheckPoint:
        if visit.state is not VisitState.INSPECTING:
            raise Refusal("checklist.not_inspecting", state=visit.state.value)
        if item not in visit.items:
            raise Refusal("checklist.item_not_in_visit", item=item)
        checklist = self.for_item(self._item(visit, item))
        found = next((one for one in checklist.points if one.id == point), None)
        if found is None:
            raise Refusal("checklist.point_unknown", point=point, checklist=checklist.title)
        if repeat < 0 or (repeat > 0 and not found.repeats):
            raise Refusal("checklist.no_repeat", point=found.text, repeat=repeat)
        return found

    def answer_rest(self, visit_id: str, *, item: str, verdict: Verdict) -> Done[int]:
        """Answer every question of an item that is still open with 不适用 or 未查, and return how many.

        合格 is not offered: nobody may declare unseen points good with one key.

        Raises:
            Refusal: "checklist.not_in_bulk", and as `answer`.
        """
        if verdict not in (Verdict.NOT_APPLICABLE, Verdict.NOT_CHECKED):
            raise Refusal("checklist.not_in_bulk", verdict=verdict.value)
        done = 0
        for progress in self._open_points(visit_id, item):
            self.answer(visit_id, item=item, point=progress, value=verdict.value)
            done += 1
        return Done(done, ANSWERED)

    def _open_points(self, visit_id: str, item: str) -> tuple[str, ...]:
        found = {one.item: one.progress.unanswered for one in self.of_visit(visit_id)}
        if item not in found:
            raise Refusal("checklist.item_not_in_visit", item=item)
        return found[item]


def finding_id(answer: Answer) -> str:
    """Return the id of the finding that an answer makes, the same on every laptop."""
    return cell_id(answer.visit, answer.item, answer.point, str(answer.repeat), "finding")


def _keep_finding(work: Work, answer: Answer, point: CheckPoint) -> None:
    """Make the finding of a 不合格 answer, bring it back, or void it. What a person wrote into it is never undone."""
    findings = work.table(Finding)
    before = findings.find(finding_id(answer))
    if answer.verdict is Verdict.FAIL:
        if before is None:
            findings.put(_new_finding(answer, point))
        elif before.is_void and before.void_reason == AUTO_VOID:
            findings.put(changed(before, is_void=False, void_reason=""))
    elif before is not None and not before.is_void:
        findings.put(changed(before, is_void=True, void_reason=AUTO_VOID))


def _new_finding(answer: Answer, point: CheckPoint) -> Finding:
    said = f"{answer.value}{point.unit}" if answer.value else "不合格"
    text = f"{point.text}:{said}" + (f"({answer.note})" if answer.note else "")
    return Finding(
        id=finding_id(answer),
        visit=answer.visit,
        item=answer.item,
        answer=answer.id,
        violation=point.violation,
        text=text,
        breached=point.basis,
        found_at=answer.answered_at,
        found_by=answer.answered_by,
    )
