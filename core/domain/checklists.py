"""Checklists (检查表单) and answers. Source: domain.md 1.5 step 9, design.md section 4."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from core.kernel.records import Record


class AnswerKind(StrEnum):
    """What a check point asks for."""

    VERDICT = "verdict"
    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"
    DATE = "date"


class Verdict(StrEnum):
    """合格, 不合格, 不适用, 未查."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    NOT_CHECKED = "not_checked"


class CheckPoint(Record):
    """One question of a checklist."""

    id: str
    text: str
    kind: AnswerKind = AnswerKind.VERDICT
    basis: str = ""
    unit: str = ""
    limit_min: str = ""
    """Decimal as text; empty: no lower limit."""
    limit_max: str = ""
    """For a date, `limit_min` may be "today": the day must not lie before the visit, as with an expiry date."""
    choices: tuple[str, ...] = ()
    fail_choices: tuple[str, ...] = ()
    needs_photo: bool = False
    needs_photo_on_fail: bool = True
    asked_if_point: str = ""
    """Skip logic: asked only if that earlier point has one of the answers in `asked_if_values`."""
    asked_if_values: tuple[str, ...] = ()
    repeats: bool = False
    violation: str = ""
    """Key of the violation in the rule packages that a 不合格 here points to; empty: none."""


class Checklist(Record):
    """A checklist template, versioned."""

    id: str
    version: int
    title: str
    points: tuple[CheckPoint, ...]
    source: str = ""
    is_demo: bool = True
    match_words: tuple[str, ...] = ()
    """Used for an item that names no checklist, if one of the words stands in the item's name."""


class Answer(Record):
    """The answer to one point of one visit; `id` is the UUIDv5 of visit, item, point and repeat."""

    id: str
    visit: str
    item: str
    point: str
    repeat: int = 0
    verdict: Verdict | None = None
    """For typed answers derived from the value and its limits; None: not answered."""
    value: str = ""
    note: str = ""
    answered_at: datetime
    answered_by: str


class Cell(Record):
    """One place that wants an answer: a point and the repeat of it."""

    point: CheckPoint
    repeat: int = 0


class ChecklistProgress(Record):
    """How far one item's checklist is. Counts are of asked cells; skipped ones are in none of them."""

    item: str
    checklist: str
    asked: int
    answered: int
    failed: int
    unanswered: tuple[str, ...] = ()
    """Ids of the points that still want an answer."""
    photos_missing: tuple[str, ...] = ()
    """Ids of the points whose answer still wants a photo."""

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is wanted any more."""
        return not self.unanswered and not self.photos_missing
