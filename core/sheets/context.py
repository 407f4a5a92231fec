"""What a sheet says outside its table: the body and the kind of list in titles and chapter rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from core.domain.list_cells import clean
from core.domain.lists import ListKind
from core.sheets.sheet import SheetRow

_COUNT = "[一二三四五六七八九十百]+"
_CHAPTER = re.compile(rf"^(?:第?{_COUNT}[)）]?[、.．章节部分]|[(（]{_COUNT}[)）])\s*")
_BODY_END = r"(?:局|厅|委员会|委|办公室|管委会|总队|支队|大队|部门|政府|机关|中心|署|法院|检察院|公司)"
_BODY = re.compile(rf"[^(（)）,，:：、。;；\s\d]{{2,30}}{_BODY_END}")
_BODY_IN_BRACKETS = re.compile(rf"[(（]([^(（)）,，;；]{{2,30}}{_BODY_END})[)），,]")
_FILED_BY = re.compile(rf"(?:填报|汇总|制表|填表|编制)单位[^:：]*[:：]\s*([^\s:：]{{2,30}}{_BODY_END})(?:\s|$)")
_TITLE_OF_BODY = re.compile(
    r"^(?:\d{4}年度?)?([^(（)）,，:：、。;；\s\d各]{2,24}?(?:局|厅|委员会|总队|支队|大队))(?=.{2,30}(?:清单|目录|计划|名单|名录|表|上限)$)"
)
_YEAR = re.compile(r"(20\d\d)\s*年(?:度|.*计划)")
# The order matters: a title that names several is decided by the first here that it holds.
_LIST_TYPES = {
    "不予实施行政强制": "不予行政强制",
    "不予行政强制": "不予行政强制",
    "免予行政强制": "不予行政强制",
    "不予强制": "不予行政强制",
    "不予处罚": "不予处罚",
    "不予行政处罚": "不予处罚",
    "免予处罚": "免予处罚",
    "免予行政处罚": "免予处罚",
    "首违不罚": "首违不罚",
    "减轻": "减轻处罚",
    "从轻": "从轻处罚",
}


def chapter_text(row: SheetRow, own: Mapping[int, str], needed: set[int], *, is_after_notes: bool) -> str | None:
    """Return the title of a chapter row without its number, or None when the row is none.

    A chapter row holds one text: with a chapter number before it, or in a cell merged over half the table, or in
    the first column when that is not one a data row needs.
    """
    if len(own) != 1 or is_after_notes:
        return None
    column, raw = next(iter(own.items()))
    text = clean(raw)
    numbered = _CHAPTER.match(text)
    is_wide = any(first == column and (last - first + 1) * 2 > len(row.cells) for first, last in row.spans)
    is_words_in_front = column == 0 and column not in needed and not any(char.isdigit() for char in text)
    if (numbered and (column not in needed or is_wide)) or is_wide or is_words_in_front:
        return text[numbered.end() :] if numbered else text
    return None


def context_of(kind: ListKind, sheet_name: str, texts: Sequence[str]) -> dict[str, str]:
    """Return the fields that titles or a chapter settle for the rows below that leave them empty."""
    if kind is ListKind.LENIENCY:
        return _list_type([*texts, sheet_name]) | _body(texts, "agency")
    if kind is ListKind.PLANS:
        return _year(texts) | _plan_title(texts) | _body(texts, "subject")
    return _body(texts, "subject") if kind in (ListKind.ITEMS, ListKind.CAPS, ListKind.OFFICERS) else {}


def _list_type(texts: Sequence[str]) -> dict[str, str]:
    for text in texts:
        for words, list_type in _LIST_TYPES.items():
            if words in text:
                return {"list_type": list_type}
    return {}


def _body(texts: Sequence[str], field: str) -> dict[str, str]:
    for text in texts:
        found = _BODY_IN_BRACKETS.search(text) or _FILED_BY.search(text) or _TITLE_OF_BODY.search(text)
        if found is not None and not found[1].startswith("各"):
            return {field: found[1]}
        if len(texts) == 1 and (whole := _BODY.fullmatch(text)) is not None:
            return {field: whole[0]}
    return {}


def _year(texts: Sequence[str]) -> dict[str, str]:
    found = next((match for match in map(_YEAR.search, texts) if match is not None), None)
    return {"year": found[1]} if found is not None else {}


def _plan_title(texts: Sequence[str]) -> dict[str, str]:
    title = next((text for text in texts if text.endswith(("计划", "计划表"))), "")
    return {"title": title} if title else {}
