"""Determinations counted by list, agency and outcome, each figure with its definition beside it.

Numbers about enforcement, never about persons: no figure names an officer (design.md section 8).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from core.domain.determinations.results import StoredDetermination
from core.domain.findings import Determined
from core.kernel.records import Record, from_plain, parse_json
from core.kernel.words import Lang, text

# Every figure of a table, in the order in which it is shown; each has words under determination.statistics.
FIGURES = ("findings", "replaced", "proposed", "taken", "overruled", "provisional", "conflicts")


class Cell(Record):
    """How many findings of one list and one agency came to one outcome. `list_source` "" is no list at all."""

    list_source: str
    agency: str
    outcome: str
    count: int


class Figure(Record):
    """One number with the key of its definition and, for a share of others, what it was counted by."""

    key: str
    of: str
    count: int


class Statistics(Record):
    """The figures of a period of local days, both ends included."""

    from_on: date
    to_on: date
    figures: tuple[Figure, ...]
    cells: tuple[Cell, ...]

    def count(self, key: str, of: str = "") -> int:
        """Return one figure; what did not occur is 0."""
        return next((each.count for each in self.figures if (each.key, each.of) == (key, of)), 0)


class Overruled(Record):
    """One proposal that was not taken: what was proposed, what was taken instead, when and why. Names no officer."""

    determined: str
    visit: str
    finding: str
    text: str
    proposal: str
    chosen: str
    reason: str
    at: datetime
    is_replaced: bool
    """The finding was determined again later."""


def overruled_of(kept: Sequence[Determined], texts: Mapping[str, str]) -> tuple[Overruled, ...]:
    """Return the overruled determinations among these, newest first. `texts` are the findings' words by id."""
    newest = {one.finding: one.id for one in sorted(kept, key=lambda each: (each.made_at, each.id))}
    found = [
        Overruled(
            determined=one.id,
            visit=one.visit,
            finding=one.finding,
            text=texts.get(one.finding, ""),
            proposal=one.proposal,
            chosen=one.chosen,
            reason=one.override_reason,
            at=one.chosen_at or one.made_at,
            is_replaced=newest[one.finding] != one.id,
        )
        for one in kept
        if one.chosen
    ]
    return tuple(sorted(found, key=lambda each: (each.at, each.determined), reverse=True))


def definition(key: str, lang: Lang) -> str:
    """Return how a figure (or "cells") is counted, to be written beside it."""
    return text(f"determination.statistics.{key}", lang)


def count_determinations(
    kept: Sequence[Determined], *, agencies: Mapping[str, str], from_on: date, to_on: date
) -> Statistics:
    """Return the figures of determinations already chosen by period; the newest of a finding counts.

    Args:
        agencies: Field of enforcement of each violation, for determinations whose facts do not name it.
    """
    newest: dict[str, Determined] = {}
    for one in sorted(kept, key=lambda each: (each.made_at, each.id)):
        newest[one.finding] = one
    counted = [(one, from_plain(StoredDetermination, parse_json(one.result))) for one in newest.values()]
    return Statistics(
        from_on=from_on,
        to_on=to_on,
        figures=(
            Figure(key="findings", of="", count=len(counted)),
            Figure(key="replaced", of="", count=len(kept) - len(counted)),
            *_by("proposed", (one.proposal for one, _ in counted)),
            *_by("taken", (_taken(one) for one, _ in counted)),
            Figure(key="overruled", of="", count=sum(1 for one, _ in counted if one.chosen)),
            Figure(key="provisional", of="", count=sum(1 for _, each in counted if each.determination.is_provisional)),
            *_by("conflicts", (code for _, each in counted for code in _conflict_codes(each))),
        ),
        cells=_cells(counted, agencies),
    )


def _taken(one: Determined) -> str:
    return one.chosen or one.proposal


def _conflict_codes(each: StoredDetermination) -> set[str]:
    return {conflict.code for conflict in each.determination.conflicts}


def _by(key: str, values: Iterable[str]) -> tuple[Figure, ...]:
    return tuple(Figure(key=key, of=of, count=count) for of, count in sorted(Counter(values).items()))


def _cells(counted: Sequence[tuple[Determined, StoredDetermination]], agencies: Mapping[str, str]) -> tuple[Cell, ...]:
    found: Counter[tuple[str, str, str]] = Counter()
    for one, whole in counted:
        named = whole.facts.value("agency") or agencies.get(str(whole.facts.value("violation") or ""), "")
        # A finding that fits two lists stands under both, once under each.
        for source in {rule.source for rule in whole.determination.matched} or {""}:
            found[(source, str(named), _taken(one))] += 1
    return tuple(
        Cell(list_source=source, agency=agency, outcome=outcome, count=count)
        for (source, agency, outcome), count in sorted(found.items())
    )
