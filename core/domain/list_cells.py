"""Texts of spreadsheet cells to values and back: dates, months, legal bases, yes and no, words of a closed set.

A parser raises BadCell with the code of a complaint; `show` gives the text that an export writes, and every shown
value parses to itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from types import UnionType
from typing import Any, get_args, get_origin

from core.domain.catalog import SubjectKind
from core.domain.lists import Origin
from core.domain.officers import CertState, Role


class BadCell(Exception):
    """The text of a cell cannot be read; `code` names the words `lists.row.<code>`."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


# Full-width letters, digits and the signs of measures become narrow; Chinese punctuation stays as it was published.
_WIDE = (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), *map(ord, "％－＋／．"))
_NARROW = {wide: wide - 0xFEE0 for wide in _WIDE}
_DIRTY = re.compile(
    r"[\x00-\x1f\x7f-\xa0\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff％＋－-９Ａ-Ｚａ-ｚ]|^ | $|  "
)
_LINE_BREAK = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]+\s*")
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff]|_x000D_")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return the text without what typists and layouts leave: line breaks, odd and doubled spaces, full-width digits.

    A line break between Latin letters was a space, everywhere else it only broke the line. Idempotent.
    """
    if _DIRTY.search(text) is None:
        return text
    text = _INVISIBLE.sub("", text).translate(_NARROW)
    text = _LINE_BREAK.sub(_joint, text)
    return _SPACES.sub(" ", text).strip()


def _joint(found: re.Match[str]) -> str:
    before = found.string[found.start() - 1 : found.start()]
    after = found.string[found.end() : found.end() + 1]
    return " " if before.isascii() and before.isalnum() and after.isascii() and after.isalnum() else ""


def key(text: str) -> str:
    """Return what stays when two typists write the same name: NFKC without any white space, upper case."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", clean(text))).upper()


_PARTS = re.compile(r"[;；]+|[\r\n]+(?=\s*(?:《|[一二三四五六七八九十\d]+[、.．]))")


def split_parts(text: str) -> tuple[str, ...]:
    """Return the parts of a list in one cell: legal bases, enterprises. Semicolons part, and lines that begin anew."""
    return tuple(part for part in map(clean, _PARTS.split(text)) if part)


def split_names(text: str) -> tuple[str, ...]:
    """Return the bodies named in one cell; here the enumeration comma parts too, unless it stands in brackets."""
    return tuple(part for part in map(clean, re.split(r"[;；、\r\n](?![^(（]*[)）])", text)) if part)


_DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})(?:\s*[-./月]\s*(\d{1,2})?)?\s*[日号]?(?:[ T]\d{1,2}:\d{2}.*)?")
_PERIOD = re.compile(
    r"(\d{4}\s*[-./年][^至到~]*?)\s*(?:至|到|~|—+|–| - |-(?=\d{4}))\s*(\d{4}\s*[-./年].*|长期|永久|无固定期限)"
)
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ENDLESS = {"长期", "永久", "无固定期限", "至今", "长期有效", "-", "—", "/", "无"}
# Day 0 of the serial numbers that spreadsheets count days with; 20000 is 1954, 80000 is 2119.
_SERIAL_ZERO = date(1899, 12, 30)


def parse_date(text: str, *, is_end: bool = False) -> date | None:
    """Return the day of 2025年6月30日, 2025.06.30, 2025/6/30, 20250630, 2025年6月 or a spreadsheet's serial number.

    A month alone is its first day, or its last one for the end of a period. 长期 and the like give None. Where one
    cell holds a whole period, its first or its last day is taken.

    Raises:
        BadCell: "DATE_UNREADABLE".
    """
    plain = unicodedata.normalize("NFKC", clean(text))
    if plain in _ENDLESS:
        return None
    period = _PERIOD.fullmatch(plain)
    if period is not None:
        return parse_date(period[2 if is_end else 1], is_end=is_end)
    try:
        if re.fullmatch(r"\d{5}(\.\d+)?", plain) and 20_000 <= float(plain) <= 80_000:
            return _SERIAL_ZERO + timedelta(days=int(float(plain)))
        found = _PACKED.fullmatch(plain) or _DAY.fullmatch(plain)
        if found is not None:
            year, month, day = (int(part) if part else 0 for part in found.groups())
            return date(year, month, day) if day else _month_edge(year, month, is_end=is_end)
    except ValueError:
        # A thirteenth month or a 31 June: falls through to the complaint.
        pass
    raise BadCell("DATE_UNREADABLE")


def _month_edge(year: int, month: int, *, is_end: bool) -> date:
    first = date(year, month, 1)
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1) if is_end else first


_MONTH_RANGE = re.compile(r"(?:\d{4}年)?(\d{1,2})月?(?:[-—–~至到]+(次年|翌年)?(?:\d{4}年)?(\d{1,2}))?月?(?:份)?")
_MONTH_WORDS = {
    "全年": range(1, 13),
    "上半年": range(1, 7),
    "下半年": range(7, 13),
    "第一季度": range(1, 4),
    "第二季度": range(4, 7),
    "第三季度": range(7, 10),
    "第四季度": range(10, 13),
}


def parse_months(text: str) -> tuple[int, ...]:
    """Return the months 1..12 of a text such as 5-10月, 10月-次年3月, 一季度、9月; empty where it names none for sure.

    In the order of the text: a month smaller than the one before it is in the following year.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    months: list[int] = []
    for part in re.split(r"[、,;和及]", plain):
        named = _MONTH_WORDS.get(part) or _MONTH_WORDS.get("第" + part)
        span = named or _month_span(part)
        if not span:
            return ()
        months += [month for month in span if month not in months]
    return tuple(months)


def _month_span(part: str) -> list[int]:
    found = _MONTH_RANGE.fullmatch(part)
    if found is None:
        return []
    first, last = int(found[1]), int(found[3] or found[1])
    if not (1 <= first <= 12 and 1 <= last <= 12) or (last < first and not found[2]):
        return []
    end = last + 12 if found[2] else last
    return [(month - 1) % 12 + 1 for month in range(first, end + 1)][:12]


_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九十")} | {"两": 2}
_TIMES = re.compile(
    r"(?:每年|年度|全年)?(?:不超过|不多于|至多|最多|上限|≤)?(\d+|[一二三四五六七八九十两])次?(?:/年|每年|/年度)?"
)


def parse_times(text: str) -> int | None:
    """Return the plain number of visits a year in 1次/年, 每年不超过2次, 4; None where the text says more than that."""
    found = _TIMES.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    if found is None:
        return None
    return int(found[1]) if found[1].isdigit() else _DIGITS[found[1]]


def parse_int(text: str) -> int:
    """Return the whole number in 2025, 2025年, 3次.  Raises BadCell "NUMBER_UNREADABLE"."""
    found = re.fullmatch(r"(\d+)(?:\.0+)?(?:年度?|次|家|户)?", unicodedata.normalize("NFKC", clean(text)))
    if found is None:
        raise BadCell("NUMBER_UNREADABLE")
    return int(found[1])


# The first word of each value is what exports write; the others are read too.
WORDS: dict[type, dict[Any, tuple[str, ...]]] = {
    bool: {
        True: (
            "是",
            "yes",
            "true",
            "1",
            "√",
            "有",
            "工作日",
            "上班",
            "补班",
            "调休上班",
            "专项",
            "专项检查",
            "专项计划",
        ),
        False: (
            "否",
            "no",
            "false",
            "0",
            "×",
            "无",
            "休息日",
            "休息",
            "放假",
            "节假日",
            "法定节假日",
            "年度",
            "年度计划",
        ),
    },
    SubjectKind: {
        SubjectKind.ORGAN: ("行政机关", "行政执法机关", "法定行政机关", "法定"),
        SubjectKind.AUTHORIZED_ORG: (
            "法律法规授权组织",
            "授权组织",
            "法律、法规授权的组织",
            "法律法规授权的组织",
            "授权",
        ),
        SubjectKind.ENTRUSTED_ORG: ("受委托组织", "委托组织", "受委托执法组织", "受委托机关", "委托"),
    },
    Origin: {
        Origin.PUBLISHED: ("公布", "已公布"),
        Origin.DEMO: ("示例·推演", "示例", "推演"),
        Origin.OWN: ("本单位", "自有"),
    },
    CertState: {
        CertState.VALID: ("有效", "正常", "在用"),
        CertState.SUSPENDED: ("暂扣", "暂停", "停用", "冻结"),
        CertState.REVOKED: ("吊销", "注销", "收回", "收缴", "作废", "撤销"),
    },
    Role: {
        Role.OFFICER: ("执法人员", "检查人员", "主办", "协办"),
        Role.UNIT_HEAD: ("承办机构负责人", "科室负责人"),
        Role.BODY_HEAD: ("行政执法主体负责人", "机关负责人", "主要负责人"),
        Role.LEGAL_REVIEWER: ("法制审核人员", "法制审核"),
        Role.PANEL: ("集体讨论成员", "集体讨论"),
        Role.SUPERVISOR: ("行政执法监督", "监督人员"),
        Role.LIST_ADMIN: ("清单管理员", "清单/计划管理员"),
        Role.CERT_ADMIN: ("证件管理员",),
        Role.AUDITOR: ("案卷评查员", "评查员"),
        Role.CLERK: ("站所文员", "文员", "内勤"),
    },
}
_READ_WORDS = {
    kind: {key(word): value for value, words in table.items() for word in (*words, str(value))}
    for kind, table in WORDS.items()
}


def parse_word(kind: type, text: str) -> Any:
    """Return the value that a word of a closed set stands for.

    Raises:
        BadCell: "WORD_UNKNOWN", params choices.
    """
    value = _READ_WORDS[kind].get(key(text))
    if value is None:
        raise BadCell("WORD_UNKNOWN", choices="、".join(words[0] for words in WORDS[kind].values()))
    return value


def parser_of(field: str, annotation: Any) -> Callable[[str], Any]:
    """Return the parser of a record's field, from its type; the record stays the only place that lists fields."""
    if isinstance(annotation, UnionType):
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    if get_origin(annotation) is tuple:
        inner = get_args(annotation)[0]
        if isinstance(inner, type) and issubclass(inner, StrEnum):
            return lambda text: tuple(parse_word(inner, part) for part in split_names(text))
        return split_names if field == "partner_subjects" else split_parts
    if annotation is date:
        return partial(parse_date, is_end=field.endswith("_to"))
    if annotation is int:
        return parse_int
    return partial(parse_word, annotation) if annotation in WORDS else clean


def show(value: Any) -> str:
    """Return the text of a value as an export writes it; its parser gives the value again."""
    if value is None:
        return ""
    if isinstance(value, (bool, StrEnum)):
        return WORDS[type(value)][value][0]
    if isinstance(value, tuple):
        return ";".join(show(one) for one in value)
    return value.isoformat() if isinstance(value, date) else str(value)
