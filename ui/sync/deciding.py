"""What a decision between two values needs beside the facade: the question it is about, and its undo where lawful."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.domain.checklists import Answer
from core.domain.visits import Visit
from core.kernel.changes import Done
from ui.desk import Session, reading
from ui.sync.words import ANSWER


def questions(session: Session, clashes: Iterable[Any]) -> dict[str, str]:
    """Return the text of the check point of every answer that clashes, by the answer's id."""
    wanted = {one.entity: one.visit for one in clashes if one.family == ANSWER and one.visit}
    if not wanted:
        return {}
    checklists = reading(session).checklists
    with session.read_work() as work:
        # An answer may have come before its visit did.
        visits = [visit for one in set(wanted.values()) if (visit := work.table(Visit).find(one)) is not None]
        texts = {
            (visit.id, item.item, point.id): point.text
            for visit in visits
            for item in checklists.read(visit, work)
            for point in item.checklist.points
        }
        answers = [answer for entity in wanted if (answer := work.table(Answer).find(entity)) is not None]
    return {one.id: texts.get((one.visit, one.item, one.point), "") for one in answers}


def may_be_undone(clash: Any) -> bool:
    """Tell whether a decision about it can be answered anew: an answer can, as long as the visit takes answers.

    A decision is a record behind both values and is never taken out; what was moved in a visit is not moved back.
    """
    return clash.family == ANSWER and all(side.field in ("verdict", "value", "note") for side in clash.sides)


def answer_as_before(session: Session, clash: Any) -> Done[Any]:
    """Answer once more with what was shown until the decision: of every field the last value.

    Raises:
        Refusal: as core.services.checklists.Checklists.answer, "checklist.not_inspecting" once the record was made.
    """
    shown = {side.field: side.value for side in clash.sides}
    with session.read_work() as work:
        answer = work.table(Answer).get(clash.entity)
    value = shown.get("value", answer.value) or shown.get("verdict", answer.verdict) or ""
    return session.checklists.answer(
        answer.visit,
        item=answer.item,
        point=answer.point,
        repeat=answer.repeat,
        value=str(value),
        note=shown.get("note", answer.note) or "",
    )
