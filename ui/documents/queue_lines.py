"""What the queue shows of a line, and where it stands with its preview."""

from __future__ import annotations

from core.services.clerk_queue import QueueLine, Waiting
from ui.i18n import moment, t, term
from ui.models.table import Column
from ui.theme import Tone

TONES = {Waiting.TO_DECIDE: Tone.BLOCK, Waiting.TO_MAKE: Tone.WARN}


def queue_columns() -> list[Column]:
    """Return the columns of the queue."""
    return [
        Column("waiting", t("ui.queue.next"), waiting_words, 120, tone=lambda one: TONES.get(one.waiting)),
        Column("number", t("ui.papers.number"), lambda one: one.number or "—", 220, is_code=True),
        Column("title", t("ui.papers.title"), lambda one: one.title, 170),
        Column("enterprise", t("ui.papers.party"), lambda one: one.enterprise_name, 240),
        Column("planned", t("ui.queue.planned"), lambda one: moment(one.planned_from), 150, is_code=True),
        Column("state", t("ui.visits.state"), state_words, 110),
        Column("note", t("ui.queue.note"), lambda one: one.note or "—", 200),
    ]


def waiting_words(line: QueueLine) -> str:
    """Return what is next for a paper."""
    return t(f"batch.waiting.{line.waiting.value}")


def state_words(line: QueueLine) -> str:
    """Return how a paper stands; one that has no number yet is with the clerk."""
    if line.waiting is Waiting.TO_MAKE:
        return t("ui.queue.no_number")
    return term("document_state", line.state)
