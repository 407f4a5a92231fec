"""What a person types into the search: four ways to mean one enterprise, every prefix of each as it is typed."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.enterprises import Enterprise
from core.kernel.records import Record
from core.services.demo.enterprises import EnterpriseMaker

CITY = "长沙市"


class Typed(Record):
    """One whole query, the way it names the enterprise, and the enterprise it was made from."""

    way: str
    text: str
    target: str

    def prefixes(self) -> Iterator[str]:
        """Give the text after each key."""
        return (self.text[:end] for end in range(1, len(self.text) + 1))


def typed_queries(rows: int, targets: int) -> tuple[Typed, ...]:
    """Return four queries for each of so many enterprises, spread evenly over the list."""
    maker = EnterpriseMaker()
    found: list[Typed] = []
    for turn in range(targets):
        row = maker.row(turn * rows // targets)
        found += [Typed(way=way, text=text, target=row.id) for way, text in _ways(row, turn)]
    return tuple(found)


def _ways(row: Enterprise, turn: int) -> Iterator[tuple[str, str]]:
    # The names begin with a place; the brand that people remember stands behind it.
    begin = row.name.find("区") + 1 or (3 if row.name.startswith(CITY) else 2)
    brand = row.name[begin : begin + 3]
    yield "name part", row.name[begin : begin + 5]
    yield "two words", f"{row.street.removesuffix('街道')} {brand}"
    yield "initials", row.initials[begin : begin + 5] if turn % 2 else row.initials[:6]
    yield "code", row.uscc[-6:] if turn % 2 else row.uscc
