"""DocumentFacts to parts: the letter after GB/T 9704 and the ruled record."""

from __future__ import annotations

from itertools import pairwise

from core.domain.documents import (
    NOT_SIGNED,
    UNVERIFIED,
    Block,
    BlockKind,
    DocumentFacts,
    FieldValue,
    Layout,
    Signature,
    SignMethod,
    printed_time,
)
from core.kernel.clock import local
from core.papers import geometry as g
from core.papers.fonts import Face, FontSet
from core.papers.lines import break_lines
from core.papers.parts import Cell, Part, Piece, Row, Solid, Style, Text, gap, joined
from core.papers.pen import Pen

LETTER = Style(Face.BODY, g.LETTER_SIZE, g.LINE_PITCH, g.LETTER_SPACING)
LETTER_HEADING = Style(Face.HEADING, g.LETTER_SIZE, g.LINE_PITCH, g.LETTER_SPACING)
FORM = Style(Face.BODY, g.FORM_SIZE, g.FORM_PITCH)
FORM_LABEL = Style(Face.HEADING, g.FORM_SIZE, g.FORM_PITCH)
TITLE = Style(Face.TITLE, g.TITLE_SIZE, g.LINE_PITCH * 1.15)
_PAD = 4.0
_LABEL_CHARS = 6
_LABEL_WIDTH = _LABEL_CHARS * g.FORM_SIZE + 2 * _PAD
_SIGN_ROW_HEIGHT = 34.0
_REFUSAL_WORDS = {
    SignMethod.REFUSED: "拒绝签名",
    SignMethod.UNABLE: "不能签名",
    SignMethod.ABSENT: "不在场，未签名",
}


class Composer:
    """Turns the facts of one paper into parts; measures with the body's fonts."""

    def __init__(self, facts: DocumentFacts, fonts: FontSet) -> None:
        self._facts = facts
        self._fonts = fonts
        self._body = LETTER if facts.layout is Layout.LETTER else FORM

    def parts(self) -> list[Part]:
        """Return every part of the paper in reading order."""
        facts = self._facts
        parts = self._head()
        for block in facts.blocks:
            parts.extend(self._block(block))
        for block in facts.remedy:
            parts.extend(self._block(block))
        if facts.issuer is not None:
            self._add_issuer(parts)
        parts.extend(self._signatures())
        if facts.copies:
            parts.append(gap(8))
            parts.extend(
                self._paragraph(
                    "本文书一式" + _count(len(facts.copies)) + "份：" + "、".join(facts.copies) + "。", FORM, 0
                )
            )
        return parts

    def _head(self) -> list[Part]:
        facts = self._facts
        parts: list[Part] = []
        if facts.layout is Layout.COVER:
            parts.append(gap(g.LINE_PITCH))
        if facts.layout is not Layout.COVER or facts.body:
            parts.append(self._centred(facts.body, TITLE))
        parts.append(self._centred(facts.title, TITLE))
        if facts.number:
            parts.append(self._centred(facts.number, LETTER if facts.layout is Layout.LETTER else FORM))
        parts.append(gap(g.LINE_PITCH / 2))
        return parts

    def _centred(self, text: str, style: Style) -> Part:
        lines = break_lines(text, lambda part: self._width(part, style), g.TYPE_WIDTH)
        return Text(tuple(lines), style, align="centre")

    def _block(self, block: Block) -> list[Part]:
        text = block.text + (f"（{UNVERIFIED}）" if block.is_unverified and block.text else "")
        match block.kind:
            case BlockKind.PARAGRAPH:
                return self._paragraph(text, self._body, 2)
            case BlockKind.SALUTATION:
                return self._paragraph(text, self._body, 0)
            case BlockKind.HEADING:
                return self._heading(text)
            case BlockKind.FORM:
                return (
                    [*(self._form_row(row) for row in block.grid), gap(6)]
                    if self._is_letter
                    else [self._form_row(r) for r in block.grid]
                )
            case BlockKind.TABLE:
                return [*self._table(block), gap(6)] if self._is_letter else self._table(block)
            case BlockKind.BLANK_BELOW:
                return [gap(4), self._centred(text or "（以下空白）", FORM)]

    @property
    def _is_letter(self) -> bool:
        return self._facts.layout is Layout.LETTER

    def _width(self, text: str, style: Style) -> float:
        return self._fonts.font(style.face).width(text, style.size, style.spacing)

    def _paragraph(self, text: str, style: Style, indent_chars: int) -> list[Part]:
        indent = indent_chars * (style.size + style.spacing)
        # The spacing behind the last character of a line takes no room on paper.
        width = g.TYPE_WIDTH + max(-style.spacing, 0)
        lines = break_lines(text, lambda part: self._width(part, style), width, indent)
        return [Text(tuple(lines), style, indent=indent)]

    def _heading(self, text: str) -> list[Part]:
        if self._is_letter:
            indent = 2 * (g.LETTER_SIZE + g.LETTER_SPACING)
            lines = break_lines(text, lambda part: self._width(part, LETTER_HEADING), g.TYPE_WIDTH, indent)
            return [Text(tuple(lines), LETTER_HEADING, indent=indent, keep_lines=1)]
        return [gap(6), Text((text,), FORM_LABEL, keep_lines=2), gap(2)]

    def _cell(self, x: float, width: float, text: str, style: Style, *, is_centred: bool = False) -> Cell:
        lines = break_lines(text, lambda part: self._width(part, style), width - 2 * _PAD)
        return Cell(x, width, tuple(lines), style, is_centred)

    def _form_row(self, fields: tuple[FieldValue, ...]) -> Row:
        share = g.TYPE_WIDTH / len(fields)
        cells: list[Cell] = []
        for place, field in enumerate(fields):
            x = place * share
            value = field.value + (f"（{UNVERIFIED}）" if field.is_unverified else "")
            cells.append(self._cell(x, _LABEL_WIDTH, field.label, FORM_LABEL, is_centred=True))
            cells.append(self._cell(x + _LABEL_WIDTH, share - _LABEL_WIDTH, value or "/", FORM))
        return Row(tuple(cells))

    def _table(self, block: Block) -> list[Part]:
        widths = block.widths or (1,) * len(block.headings)
        total = sum(widths)
        edges = [sum(widths[:place]) * g.TYPE_WIDTH / total for place in range(len(widths) + 1)]
        spans = list(pairwise(edges))
        heading = Row(
            tuple(
                self._cell(a, b - a, text, FORM_LABEL, is_centred=True)
                for (a, b), text in zip(spans, block.headings, strict=True)
            )
        )
        rows: list[Part] = []
        for row in block.rows:
            cells = tuple(self._cell(a, b - a, text or "/", FORM) for (a, b), text in zip(spans, row, strict=True))
            rows.append(Row(cells, repeat=heading))
        first: list[Part] = [*self._heading(block.text)] if block.text else []
        return [*first, heading, *rows]

    def _add_issuer(self, parts: list[Part]) -> None:
        """Add name, date and seal place, tied to the last two lines of the text (GB/T 9704-2012 7.3.5.5)."""
        issuer = self._issuer()
        last = parts[-1]
        if not isinstance(last, Text):
            parts.append(Solid(issuer))
            return
        head, tail = last.cut_last(2)
        parts[-1:] = [] if head is None else [head]
        parts.append(Solid(joined(tail, issuer)))

    def _issuer(self) -> Piece:
        issuer = self._facts.issuer
        assert issuer is not None, "the caller looked"
        style = self._body
        lines = (issuer.body, issuer.date_text)
        seal = 2.0 if issuer.has_seal_place else 0.5

        def draw(pen: Pen, top: float) -> None:
            # 成文日期 ends four characters from the right edge, the name of the body stands centred above it;
            # the seal covers both. Source: GB/T 9704-2012 7.3.5.1.
            date_width = self._width(lines[1], style)
            body_width = self._width(lines[0], style)
            centre = min(g.RIGHT - 4 * style.size - date_width / 2, g.RIGHT - body_width / 2)
            y = top - seal * style.pitch
            for place, line in enumerate(lines):
                pen.centred(
                    centre, style.baseline(y - place * style.pitch), line, style.face, style.size, style.spacing
                )
            if issuer.has_seal_place:
                pen.centred(centre, style.baseline(y + style.pitch * 1.1), "（印 章）", Face.BODY, g.SMALL_SIZE)

        return Piece((seal + 2.4) * style.pitch, draw)

    def _signatures(self) -> list[Part]:
        if not self._facts.signatures:
            return []
        rows = [self._signature_row(block) for block in self._facts.signatures]
        return [gap(8), *rows]

    def _signature_row(self, block: Signature) -> Row:
        width = _LABEL_WIDTH + 24
        label = self._cell(0, width, block.label or block.role, FORM_LABEL, is_centred=True)
        content = self._cell(width, g.TYPE_WIDTH - width, signature_words(block), FORM)
        strokes = () if block.method in NOT_SIGNED else block.strokes
        return Row((label, content), height_min=_SIGN_ROW_HEIGHT, strokes=strokes)


def signature_words(block: Signature) -> str:
    """Return what stands in a signature block: the refusal in full, or the room to sign and the date."""
    when = printed_time(local(block.signed_at)) if block.signed_at else ""
    if block.method in NOT_SIGNED:
        said = f"{block.name}{_REFUSAL_WORDS[block.method]}。原因：{block.reason}。"
        witness = f"见证人：{block.witness}。" if block.witness else ""
        media = f"影像资料{len(block.media)}份已存。" if block.media else ""
        return said + witness + media + when
    if block.strokes:
        return " " * 34 + f"{block.name} {when}"
    name = f"（{block.name}）" if block.name else ""
    return f"{name}" + " " * 40 + "年   月   日"


def _count(number: int) -> str:
    return "零一二三四五六七八九"[number] if number < 10 else str(number)
