"""What a determination says: the proposal, its lines, its gaps, and what would change it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from core.domain.determinations.facts import Facts
from core.domain.determinations.truth import Truth
from core.kernel.records import Record

Proposal = Literal[
    "no_penalty", "light", "mitigate", "ordinary", "transfer", "time_barred", "not_made_out", "needs_evidence"
]
Duty = Literal["must", "may"]
Coercion = Literal["none", "preserve_evidence", "seal_seize", "seal_seize_if_approved", "needs_evidence"]
Procedure = Literal["summary", "ordinary", "none", "needs_evidence"]


class Line(Record):
    """One condition of one row, with the fact it looked at. `condition` is Chinese, `condition_en` English."""

    row: str
    rule: str
    condition: str
    condition_en: str
    value: Truth
    var: str
    unit: str
    fact: bool | int | str | None
    fact_text: str
    fact_text_en: str
    source: str
    as_of: date | None
    citation: str
    citation_en: str
    confidence: str


class GateVerdict(Record):
    """One row (or one rule inside a row): whether it fired and what it would give."""

    row: str
    rule: str
    value: Truth
    proposal: str
    duty: str


class Missing(Record):
    """An open question that matters, and who can answer it."""

    var: str
    who: str
    evidence_kind: str
    question: str
    question_en: str


class Change(Record):
    """If this one fact were otherwise, the proposal would be another."""

    var: str
    label: str
    label_en: str
    now: bool | int | str | None
    then: bool | int | str | None
    then_text: str
    then_text_en: str
    proposal: str


class Conflict(Record):
    """A disagreement that the head settles. `code` has words under determination.conflict."""

    code: str
    row: str = ""
    about: tuple[str, ...] = ()


class MatchedRule(Record):
    """A list rule whose conditions are all met, with its source and its doubts."""

    rule: str
    title: str
    title_en: str
    list_type: str
    source: str
    place: str
    confidence: str
    mark: str


class Determination(Record):
    """The engine's proposal. For needs_evidence the duty is "must": to go on investigating (行政处罚法 art. 54)."""

    proposal: Proposal
    duty: Duty
    coercion: Coercion
    procedure: Procedure
    row: str
    lines: tuple[Line, ...]
    gates: tuple[GateVerdict, ...]
    missing: tuple[Missing, ...]
    would_change: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    matched: tuple[MatchedRule, ...]
    possible: tuple[str, ...]
    alternatives: tuple[str, ...]
    is_provisional: bool
    confiscation: str
    law_basis: str
    follow_up: tuple[str, ...]
    evidence_required: tuple[str, ...]
    ignored: tuple[str, ...]
    on: date
    package: str
    package_hash: str
    package_mark: str
    engine: str


class StoredDetermination(Record):
    """What is kept: everything needed to reach the same bytes again in five years."""

    facts: Facts
    on: date
    package: str
    package_hash: str
    engine: str
    determination: Determination
