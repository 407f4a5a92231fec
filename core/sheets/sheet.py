"""One sheet as all readers give it: rows of texts that stream by, with what the layout says about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SheetRow:
    """One row. `number` counts from 1 as the spreadsheet does.

    Attributes:
        cells: The texts as shown: numbers without a needless ".0", percentages as percentages, dates as ISO 8601.
        filled: Columns (from 0) whose text belongs to a merged cell that began in a row above.
        spans: Merged cells that begin here and are wider than a column: first and last column.
    """

    number: int
    cells: tuple[str, ...]
    filled: frozenset[int] = frozenset()
    spans: tuple[tuple[int, int], ...] = ()

    def own(self) -> dict[int, str]:
        """Return the columns that hold a text of their own in this row."""
        if self.filled:
            return {at: text for at, text in enumerate(self.cells) if at not in self.filled and text.strip()}
        return {at: text for at, text in enumerate(self.cells) if text and not text.isspace()}

    def spread(self) -> list[str]:
        """Return the cells with each merged cell's text in all of its columns."""
        cells = list(self.cells)
        for first, last in self.spans:
            cells[first : last + 1] = [self.cells[first]] * (min(last + 1, len(cells)) - first)
        return cells


@dataclass(frozen=True)
class Sheet:
    """A sheet. `rows` can be walked once; `hidden` holds the hidden columns, from 0.

    `knows_merges` is False where the file or the way of reading cannot tell a merged cell from an empty one.
    """

    name: str
    rows: Iterator[SheetRow]
    hidden: frozenset[int] = field(default_factory=frozenset[int])
    rows_about: int | None = None
    knows_merges: bool = True


def letter_of(column: int) -> str:
    """Return the letter of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
