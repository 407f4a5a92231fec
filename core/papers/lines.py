"""Chinese line breaking: no closing mark starts a line, no opening mark ends one, numbers and words stay whole.

Pure; reportlab's own breaking knows Japanese marks only (platform.md section 6). Source: GB/T 15834-2011 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable

NO_START = frozenset("，。、；：？！,.;:?!）〕】〗》〉」』”’)]}…—～·％%℃‰")
NO_END = frozenset("（〔【〖《〈「『“‘([{￥$№")
# A number with its point, sign or unit mark, a Latin word, a code; everything else breaks between characters.
_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.,:/_@#&+%\-]*[0-9A-Za-z%]|\s+|.", re.DOTALL)

Measure = Callable[[str], float]


def break_lines(text: str, measure: Measure, width: float, first_indent: float = 0.0) -> list[str]:
    """Return the lines of a text; a newline in it always breaks. Every line fits `width`, the first one less
    `first_indent`, unless one single character is wider."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        indent = first_indent if not lines else 0.0
        lines.extend(_break_one(paragraph, measure, width, indent))
    return lines


def _break_one(text: str, measure: Measure, width: float, indent: float) -> list[str]:
    tokens = _cut_long(_TOKEN.findall(text), measure, width)
    sizes = [measure(token) for token in tokens]
    lines: list[str] = []
    start = 0
    room = width - indent
    while start < len(tokens):
        end, used = start, 0.0
        while end < len(tokens) and used + sizes[end] <= room + 1e-6:
            used += sizes[end]
            end += 1
        end = max(end, start + 1)
        if end < len(tokens):
            end = _lawful_break(tokens, start, end)
        lines.append("".join(tokens[start:end]).rstrip())
        start = end
        while start < len(tokens) and tokens[start].isspace():
            start += 1
        room = width
    return lines or [""]


def _lawful_break(tokens: list[str], start: int, end: int) -> int:
    for place in range(end, start, -1):
        if tokens[place][0] not in NO_START and tokens[place - 1][-1] not in NO_END:
            return place
    return end


def _cut_long(tokens: list[str], measure: Measure, width: float) -> list[str]:
    """A digest or address longer than a line has to break somewhere."""
    cut: list[str] = []
    for token in tokens:
        if len(token) > 1 and measure(token) > width:
            cut.extend(token)
        else:
            cut.append(token)
    return cut
