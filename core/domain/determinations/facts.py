"""Facts: what is known about one finding, who said it and when; what is absent is unknown, never false."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from core.kernel.errors import Refusal
from core.kernel.records import Record, changed

FactValue = bool | int | str | None


class Fact(Record):
    """One known thing. Numbers stand in the variable's own unit (areas in cm², money in fen), dates as ISO text.

    `as_of` is the local day on which it was so. A value of None says "asked, not known yet".
    """

    var: str
    value: bool | int | str | None
    source: str = ""
    as_of: date | None = None
    evidence_ids: tuple[str, ...] = ()


class PriorCase(Record):
    """An earlier case of the same party, from the local store or from hq. Days are local dates."""

    violation: str
    found_on: date
    outcome: Literal["penalty", "no_penalty"]
    decided_on: date | None = None
    agency: str = ""
    place: str = ""
    is_branch: bool = False


class History(Record):
    """The earlier cases that were looked up, how old the look-up is, and whether hq confirmed that it is complete."""

    cases: tuple[PriorCase, ...] = ()
    as_of: date
    is_confirmed: bool = False
    source: str = ""


class Facts(Record):
    """All facts of one finding; a variable stands once. Build it with `facts_of`.

    Raises:
        Refusal: "determination.fact_twice", params var.
    """

    items: tuple[Fact, ...] = ()
    history: History | None = None

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for item in self.items:
            if item.var in seen:
                raise Refusal("determination.fact_twice", var=item.var)
            seen.add(item.var)

    def get(self, var: str) -> Fact | None:
        """Return the fact of a variable, or None when nothing is known."""
        return next((item for item in self.items if item.var == var), None)

    def value(self, var: str) -> FactValue:
        """Return the value of a variable, or None when it is unknown."""
        found = self.get(var)
        return found.value if found is not None else None

    def with_fact(self, new: Fact) -> Facts:
        """Return these facts with one added or replaced."""
        kept = [item for item in self.items if item.var != new.var]
        return facts_of([*kept, new], history=self.history)

    def without(self, var: str) -> Facts:
        """Return these facts as if the variable had never been asked."""
        return changed(self, items=tuple(item for item in self.items if item.var != var))


def fact(
    var: str,
    value: bool | int | str | date | None,
    *,
    source: str = "",
    as_of: date | None = None,
    evidence_ids: tuple[str, ...] = (),
) -> Fact:
    """Return a fact; a date is kept as ISO text, because one stored field cannot tell a date from a text."""
    kept = value.isoformat() if isinstance(value, date) else value
    return Fact(var=var, value=kept, source=source, as_of=as_of, evidence_ids=evidence_ids)


def facts_of(items: Iterable[Fact], *, history: History | None = None) -> Facts:
    """Return the collection in the order of its variables, so that equal facts have equal bytes."""
    return Facts(items=tuple(sorted(items, key=lambda item: item.var)), history=history)
