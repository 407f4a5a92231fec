"""What a page is made of: parts that give as much of themselves as there is room for.

A part's `take(room)` returns a piece that is at most `room` high and the rest of the part, or nothing and itself.
On an empty page every part gives at least one line, so that paging always goes forward.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from core.papers.fonts import Face
from core.papers.geometry import LEFT, TYPE_WIDTH
from core.papers.pen import Pen

_BASELINE = 0.78
"""Where the baseline lies in a line, as a share of its pitch from the top; set by eye for Noto Serif SC."""
_PAD = 4.0
_STROKES_WIDTH = 92.0
"""Room of a drawn signature in a block; the name and the time stand right of it."""


@dataclass(frozen=True)
class Piece:
    """Something with a height that draws itself below the given upper edge."""

    height: float
    draw: Callable[[Pen, float], None]


class Part(Protocol):
    """A part of a paper."""

    def take(self, room: float, is_page_empty: bool) -> tuple[Piece | None, Part | None]:
        """Return what fits and what is left."""
        ...


@dataclass(frozen=True)
class Style:
    """How a text is set; sizes in points."""

    face: Face
    size: float
    pitch: float
    spacing: float = 0.0

    def baseline(self, top: float) -> float:
        """Return the baseline of a line whose upper edge is `top`: the glyphs stand in the middle of the pitch."""
        return top - self.pitch / 2 - self.size * (_BASELINE - 0.42)


@dataclass(frozen=True)
class Text:
    """A paragraph over the whole type area. Lines but the last are spread to the right edge."""

    lines: tuple[str, ...]
    style: Style
    indent: float = 0.0
    """Of the first line of `lines`."""
    align: str = "left"
    keep_lines: int = 0
    """Lines that must stand on the same page below this part (for a heading)."""
    is_last_full: bool = False

    def take(self, room: float, is_page_empty: bool) -> tuple[Piece | None, Part | None]:
        pitch = self.style.pitch
        fit = min(len(self.lines), int((room + 0.01) // pitch))
        if is_page_empty:
            fit = max(fit, 1)
        elif fit == 0 or (room < (len(self.lines) + self.keep_lines) * pitch and self.keep_lines):
            return None, self
        head = replace(self, lines=self.lines[:fit], is_last_full=fit < len(self.lines))
        tail = replace(self, lines=self.lines[fit:], indent=0.0) if fit < len(self.lines) else None
        return Piece(fit * pitch, head.draw), tail

    def cut_last(self, count: int) -> tuple[Text | None, Text]:
        """Return the part without its last lines, if any stays, and the last lines."""
        head, tail = self.lines[:-count], self.lines[-count:]
        if not head:
            return None, self
        return replace(self, lines=head, is_last_full=True), replace(self, lines=tail, indent=0.0)

    def draw(self, pen: Pen, top: float) -> None:
        style = self.style
        for place, line in enumerate(self.lines):
            y = style.baseline(top - place * style.pitch)
            indent = self.indent if place == 0 else 0.0
            is_full = place < len(self.lines) - 1 or self.is_last_full
            if self.align == "centre":
                pen.centred(LEFT + TYPE_WIDTH / 2, y, line, style.face, style.size, style.spacing)
            elif self.align == "right":
                pen.right(LEFT + TYPE_WIDTH, y, line, style.face, style.size)
            elif is_full:
                pen.spread(LEFT + indent, y, line, style.face, style.size, TYPE_WIDTH - indent, style.spacing)
            else:
                pen.text(LEFT + indent, y, line, style.face, style.size, style.spacing)


@dataclass(frozen=True)
class Cell:
    """One cell of a ruled row; `x` and `width` in points from the left of the type area."""

    x: float
    width: float
    lines: tuple[str, ...]
    style: Style
    is_centred: bool = False


@dataclass(frozen=True)
class Row:
    """A ruled row. One too high for the page is cut between lines and closed and opened with a rule."""

    cells: tuple[Cell, ...]
    height_min: float = 0.0
    repeat: Row | None = None
    """The heading row that is drawn again when a page begins with this row."""
    strokes: tuple[tuple[int, ...], ...] = ()
    """A hand's signature, drawn in the last cell."""

    @property
    def pitch(self) -> float:
        return max(cell.style.pitch for cell in self.cells)

    @property
    def line_count(self) -> int:
        return max(len(cell.lines) for cell in self.cells)

    @property
    def height(self) -> float:
        return max(self.line_count * self.pitch + 2 * _PAD, self.height_min)

    def take(self, room: float, is_page_empty: bool) -> tuple[Piece | None, Part | None]:
        if is_page_empty and self.repeat is not None:
            return _on_top_of(self.repeat, replace(self, repeat=None), room)
        if self.height <= room + 0.01:
            return Piece(self.height, self.draw), None
        fit = int((room - 2 * _PAD + 0.01) // self.pitch)
        if is_page_empty:
            fit = max(fit, 1)
        if (fit < 2 and not is_page_empty) or self.line_count - fit < 1:
            return None, self
        head, tail = self._cut(fit)
        return Piece(head.height, head.draw), tail

    def _cut(self, fit: int) -> tuple[Row, Row]:
        def part(keep_head: bool) -> Row:
            cells = tuple(
                replace(cell, lines=cell.lines[:fit] if keep_head else cell.lines[fit:] or ("",)) for cell in self.cells
            )
            return replace(self, cells=cells, height_min=0.0, strokes=() if keep_head else self.strokes)

        return part(True), part(False)

    def cut_last(self, count: int) -> tuple[Row | None, Row]:
        """Return the row without its last lines, if any stays, and a row of the last lines."""
        if self.line_count <= 2 * count:
            return None, self
        head, tail = self._cut(self.line_count - count)
        return head, tail

    def draw(self, pen: Pen, top: float) -> None:
        height = self.height
        for cell in self.cells:
            pen.box(LEFT + cell.x, top - height, cell.width, height)
            block = len(cell.lines) * cell.style.pitch
            first = top - (height - block) / 2
            for place, line in enumerate(cell.lines):
                y = cell.style.baseline(first - place * cell.style.pitch)
                self._draw_line(pen, cell, line, y)
        if self.strokes:
            last = self.cells[-1]
            pen.strokes(
                self.strokes, LEFT + last.x + _PAD, top - height + 2, min(_STROKES_WIDTH, last.width - 8), height - 4
            )

    @staticmethod
    def _draw_line(pen: Pen, cell: Cell, line: str, y: float) -> None:
        style = cell.style
        if cell.is_centred:
            pen.centred(LEFT + cell.x + cell.width / 2, y, line, style.face, style.size)
        else:
            pen.text(LEFT + cell.x + _PAD, y, line, style.face, style.size)


def _on_top_of(heading: Row, row: Row, room: float) -> tuple[Piece | None, Part | None]:
    piece, rest = row.take(room - heading.height, True)
    assert piece is not None, "an empty page takes at least one line"

    def draw(pen: Pen, top: float) -> None:
        heading.draw(pen, top)
        piece.draw(pen, top - heading.height)

    if isinstance(rest, Row):
        rest = replace(rest, repeat=heading)
    return Piece(heading.height + piece.height, draw), rest


@dataclass(frozen=True)
class Together:
    """Parts that stand on one page, so that no page has signatures without a word of the text above them.

    More than a page of them is cut like any other parts.
    """

    parts: tuple[Part, ...]

    def take(self, room: float, is_page_empty: bool) -> tuple[Piece | None, Part | None]:
        pieces: list[Piece] = []
        used, rest = 0.0, list(self.parts)
        while rest:
            piece, left = rest[0].take(room - used, is_page_empty and used == 0.0)
            if piece is not None:
                pieces.append(piece)
                used += piece.height
            if left is None:
                rest.pop(0)
                continue
            if not is_page_empty:
                return None, self
            rest[0] = left
            break
        stacked = Piece(used, lambda pen, top: _draw_stack(pieces, pen, top))
        return stacked, Together(tuple(rest)) if rest else None


def _draw_stack(pieces: Sequence[Piece], pen: Pen, top: float) -> None:
    for piece in pieces:
        piece.draw(pen, top)
        top -= piece.height


@dataclass(frozen=True)
class Solid:
    """A part that is never cut."""

    piece: Piece

    def take(self, room: float, is_page_empty: bool) -> tuple[Piece | None, Part | None]:
        if is_page_empty or self.piece.height <= room + 0.01:
            return self.piece, None
        return None, self


def gap(height: float) -> Part:
    """Return empty space; a page never begins with it."""
    return _Gap(height)


def page_break() -> Part:
    """Return a part behind which a new page begins."""
    return _PageBreak()


@dataclass(frozen=True)
class _PageBreak:
    def take(self, room: float, is_page_empty: bool) -> tuple[Piece | None, Part | None]:
        return (Piece(0.0, lambda _pen, _top: None), None) if is_page_empty else (None, self)


@dataclass(frozen=True)
class _Gap:
    height: float

    def take(self, room: float, is_page_empty: bool) -> tuple[Piece | None, Part | None]:
        height = 0.0 if is_page_empty else min(self.height, room)
        return Piece(height, lambda _pen, _top: None), None


def paginate(parts: Sequence[Part], page_height: float) -> list[list[tuple[float, Piece]]]:
    """Return the pages: pieces with the distance of their upper edge from the top of the type area."""
    pages: list[list[tuple[float, Piece]]] = [[]]
    used = 0.0
    for part in parts:
        rest: Part | None = part
        while rest is not None:
            piece, rest = rest.take(page_height - used, used == 0.0)
            if piece is not None and piece.height > 0:
                pages[-1].append((used, piece))
                used += piece.height
            if rest is not None:
                pages.append([])
                used = 0.0
    return pages
