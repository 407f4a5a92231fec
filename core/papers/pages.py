"""What stands on every page outside the parts: marks, running head, page number, code, signatures of a record."""

from __future__ import annotations

from core.domain.documents import DEMO_MARK, NOT_SIGNED, UNVERIFIED, DocumentFacts, Signature, printed_short_code
from core.papers import geometry as g
from core.papers.fonts import Face
from core.papers.pen import Pen

_SIGN_LINE_HEIGHT = 30.0


def page_signatures(facts: DocumentFacts) -> tuple[Signature, ...]:
    """Return the blocks that must be signed on each page of a record (domain.md 2.1)."""
    return tuple(block for block in facts.signatures if block.on_each_page)


def reserved_height(facts: DocumentFacts) -> float:
    """Return the room at the foot of the type area that the signature lines of each page take, in points."""
    rows = (len(page_signatures(facts)) + 1) // 2
    return rows * _SIGN_LINE_HEIGHT


def marks(facts: DocumentFacts) -> list[str]:
    """Return the marks that stand on every page."""
    said: list[str] = []
    if facts.is_demo:
        said.append(DEMO_MARK)
    if facts.is_draft:
        said.append("草稿")
    if facts.copy_mark:
        said.append(facts.copy_mark)
    if facts.edition > 1:
        said.append(f"补记本（{facts.edition}）")
    if facts.is_form_unverified:
        said.append(f"文书样式{UNVERIFIED}")
    return said


def draw_frame(pen: Pen, facts: DocumentFacts, page: int, pages: int, *, code_form: str) -> None:
    """Draw head and foot of one page. `code_form` names the drawn code; empty: no code on this paper."""
    _draw_head(pen, facts, page)
    middle = g.LEFT + g.TYPE_WIDTH / 2
    pen.centred(middle, g.BOTTOM - 11 * g.MM, f"第 {page} 页 共 {pages} 页", Face.BODY, g.PAGE_NUMBER_SIZE)
    _draw_foot(pen, facts, has_code=bool(code_form))
    if code_form:
        pen.stamp(code_form)
    _draw_page_signatures(pen, facts)


def _draw_head(pen: Pen, facts: DocumentFacts, page: int) -> None:
    y = g.PAGE_HEIGHT - 20 * g.MM
    x = g.LEFT
    for mark in marks(facts):
        width = pen.width(mark, Face.HEADING_BOLD, g.FORM_SIZE) + 10
        pen.box(x, y - 5, width, 19)
        pen.text(x + 5, y, mark, Face.HEADING_BOLD, g.FORM_SIZE)
        x += width + 6
    if page > 1:
        running = f"{facts.title} {facts.number}".strip()
        pen.right(g.RIGHT, y, running, Face.BODY, g.SMALL_SIZE)
    if facts.late_reason:
        reason = f"补录：{facts.late_reason}"
        while pen.width(reason, Face.HEADING, g.SMALL_SIZE) > g.TYPE_WIDTH:
            reason = reason[:-2] + "…"
        pen.text(g.LEFT, y - 9 * g.MM, reason, Face.HEADING, g.SMALL_SIZE)


def _draw_foot(pen: Pen, facts: DocumentFacts, *, has_code: bool) -> None:
    y = g.BOTTOM - 19 * g.MM
    lines: list[str] = []
    if has_code:
        lines.append(f"核验短码 {printed_short_code(facts)}  扫右侧二维码可离线核验本文书")
    if facts.chain_head:
        lines.append(f"记录链首 {facts.chain_head}")
    if facts.station:
        lines.append(f"站点 {facts.station}  文书编号 {facts.id}")
    for place, line in enumerate(lines):
        pen.text(g.LEFT, y - place * (g.TINY_SIZE + 3), line, Face.BODY, g.TINY_SIZE)


def _draw_page_signatures(pen: Pen, facts: DocumentFacts) -> None:
    blocks = page_signatures(facts)
    half = g.TYPE_WIDTH / 2
    top = g.BOTTOM + reserved_height(facts)
    for place, block in enumerate(blocks):
        x = g.LEFT + (place % 2) * half
        y = top - (place // 2 + 1) * _SIGN_LINE_HEIGHT + 6
        label = f"{block.label or block.role}（签名）："
        pen.text(x, y, label, Face.BODY, g.FORM_SIZE)
        start = x + pen.width(label, Face.BODY, g.FORM_SIZE)
        end = x + half - 8
        pen.rule(start, y - 3, end, y - 3)
        if block.method in NOT_SIGNED:
            pen.text(start + 4, y, "未签名，见签名栏", Face.BODY, g.SMALL_SIZE)
        elif block.strokes:
            pen.strokes(block.strokes, start + 4, y - 3, end - start - 8, _SIGN_LINE_HEIGHT - 8)
