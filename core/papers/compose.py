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
from core.papers.parts import Cell, Part, Piece, Row, Solid, Style, Text, Together, gap, page_break
from core.papers.pen import Pen

LETTER = Style(Face.BODY, g.LETTER_SIZE, g.LINE_PITCH, g.LETTER_SPACING)
LETTER_HEADING = Style(Face.HEADING, g.LETTER_SIZE, g.LINE_PITCH, g.LETTER_SPACING)
FORM = Style(Face.BODY, g.FORM_SIZE, g.FORM_PITCH)
FORM_LABEL = Style(Face.HEADING, g.FORM_SIZE, g.FORM_PITCH)
TITLE = Style(Face.TITLE, g.TITLE_SIZE, g.LINE_PITCH * 1.15)
ANNEX_TITLE = Style(Face.TITLE, g.LETTER_SIZE, g.LINE_PITCH)
CAPTION = Style(Face.BODY, g.CAPTION_SIZE, g.CAPTION_PITCH)
PHOTO_HEIGHT = g.PHOTO_HEIGHT
_PAD = 4.0
_KEPT_LINES = 2
_AIR = 6.0
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
        main, lists = _split_annexes((*facts.blocks, *facts.remedy))
        parts = self._head()
        parts.extend(self._body_parts(main))
        issuer: list[Part] = [] if facts.issuer is None else [Solid(self._issuer())]
        parts = _kept(parts, [*issuer, *self._signatures(), *self._copies()])
        for annex in lists:
            head: list[Part] = [page_break(), *self._annex_head(annex[0])]
            # The list is signed by itself: it is torn off and checked against the goods.
            parts.extend(_kept([*head, *self._body_parts(annex[1:])], self._signatures()))
        return parts

    def _body_parts(self, blocks: list[Block]) -> list[Part]:
        parts: list[Part] = []
        for block in blocks:
            new = self._block(block)
            # A rule must not touch the words above or below it.
            if parts and new and _is_ruled(parts[-1]) != _is_ruled(new[0]):
                parts.append(gap(_AIR))
            parts.extend(new)
        return parts

    def _copies(self) -> list[Part]:
        copies = self._facts.copies
        if not copies:
            return []
        said = "本文书一式" + _count(len(copies)) + "份：" + "、".join(copies) + "。"
        return [gap(8), *self._paragraph(said, FORM, 0)]

    def _annex_head(self, block: Block) -> list[Part]:
        parts = [self._centred(block.text, ANNEX_TITLE)]
        if self._facts.number:
            parts.append(self._centred(f"（{self._facts.title} {self._facts.number}）", FORM))
        return [*parts, gap(6)]

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
                return [self._form_row(row) for row in block.grid]
            case BlockKind.TABLE:
                return self._table(block)
            case BlockKind.BLANK_BELOW:
                return [gap(4), self._centred(text or "（以下空白）", FORM)]
            case BlockKind.PHOTOS:
                head = self._heading(text) if text else []
                return [*head, *(self._photo(place, row) for place, row in enumerate(block.rows, 1))]
            case BlockKind.ANNEX:
                return self._annex_head(block)

    def _photo(self, place: int, row: tuple[str, ...]) -> Part:
        """Return a picture with its caption in a frame; two stand on a page."""
        sha256, maker, time, proves = row
        width = g.TYPE_WIDTH - 2 * _PAD
        said = f"照片{place}　拍摄人：{maker}　拍摄时间：{time}\n证明对象：{proves or '/'}\nSHA-256：{sha256}"
        caption = break_lines(said, lambda part: self._width(part, CAPTION), width)
        words = Row((Cell(0, g.TYPE_WIDTH, tuple(caption), CAPTION),))

        def draw(pen: Pen, top: float) -> None:
            pen.box(g.LEFT, top - PHOTO_HEIGHT, g.TYPE_WIDTH, PHOTO_HEIGHT)
            pen.photo(sha256, g.LEFT + _PAD, top - PHOTO_HEIGHT + _PAD, width, PHOTO_HEIGHT - 2 * _PAD)
            words.draw(pen, top - PHOTO_HEIGHT)

        return Together((Solid(Piece(PHOTO_HEIGHT + words.height, draw)), gap(6)))

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
        # A heading at the foot of a page without a row under it would be read as an empty table.
        return [*first, Together((heading, *rows[:1])), *rows[1:]]

    def _issuer(self) -> Piece:
        issuer = self._facts.issuer
        assert issuer is not None, "the caller looked"
        style = self._body
        lines = (issuer.body, issuer.date_text)
        seal = 2.0 if issuer.has_seal_place else 0.5
        across, down = issuer.seal_shift_mm or (0, 0)

        def draw(pen: Pen, top: float) -> None:
            # 成文日期 ends four characters from the right edge, the name of the body stands centred above it;
            # the seal covers both. Source: GB/T 9704-2012 7.3.5.1.
            date_width = self._width(lines[1], style)
            body_width = self._width(lines[0], style)
            half = max(date_width, body_width) / 2
            usual = min(g.RIGHT - 4 * style.size - date_width / 2, g.RIGHT - body_width / 2)
            centre = usual if not across else min(max(usual + across * g.MM, g.LEFT + half), g.RIGHT - half)
            y = top - seal * style.pitch - down * g.MM
            for place, line in enumerate(lines):
                pen.centred(
                    centre, style.baseline(y - place * style.pitch), line, style.face, style.size, style.spacing
                )
            if issuer.has_seal_place:
                pen.centred(centre, style.baseline(y + style.pitch * 1.1), "（印 章）", Face.BODY, g.SMALL_SIZE)

        return Piece((seal + 2.4) * style.pitch + down * g.MM, draw)

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


def _split_annexes(blocks: tuple[Block, ...]) -> tuple[list[Block], list[list[Block]]]:
    main: list[Block] = []
    lists: list[list[Block]] = []
    for block in blocks:
        if block.kind is BlockKind.ANNEX:
            lists.append([block])
        elif lists:
            lists[-1].append(block)
        else:
            main.append(block)
    return main, lists


def _kept(parts: list[Part], end: list[Part]) -> list[Part]:
    """Return the parts with the end tied to the last lines before it (GB/T 9704-2012 7.3.5.5)."""
    if not end:
        return parts
    place = len(parts) - 1
    while place > 0 and not _is_text(parts[place]):
        place -= 1
    last = parts[place]
    if not isinstance(last, (Text, Row)):
        return [*parts[:place], Together((*parts[place:], *end))]
    head, tail = last.cut_last(_KEPT_LINES)
    before = parts[:place] if head is None else [*parts[:place], head]
    return [*before, Together((tail, *parts[place + 1 :], *end))]


def _is_ruled(part: Part) -> bool:
    return isinstance(part, (Row, Together))


def _is_text(part: Part) -> bool:
    """Tell whether a part says something: neither a gap nor 以下空白, which stands in the middle."""
    if isinstance(part, Text):
        return part.align != "centre"
    return isinstance(part, (Row, Together))


def _count(number: int) -> str:
    return "零一二三四五六七八九"[number] if number < 10 else str(number)
