"""Pinyin initials (拼音首字母) of names: for search by typing letters and for the order of lists."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

# Readings that the dictionary of the library misses and that names of shops, streets and people here need.
OWN_READINGS: dict[str, tuple[str, ...]] = {
    "溁": ("ying",),
    "商行": ("shang", "hang"),
    "烟酒行": ("yan", "jiu", "hang"),
    "药行": ("yao", "hang"),
    "车行": ("che", "hang"),
    "粮行": ("liang", "hang"),
    "长沙": ("chang", "sha"),
    "长沙市": ("chang", "sha", "shi"),
    "重庆": ("chong", "qing"),
    "重庆市": ("chong", "qing", "shi"),
    "厦门": ("xia", "men"),
    "广厦": ("guang", "sha"),
}


@cache
def _library() -> Any:
    """Load the dictionary late: it takes longer than the first page of the window may wait."""
    import pypinyin

    single = {ord(text): ",".join(readings) for text, readings in OWN_READINGS.items() if len(text) == 1}
    phrases = {text: [[reading] for reading in readings] for text, readings in OWN_READINGS.items() if len(text) > 1}
    pypinyin.load_single_dict(single)
    pypinyin.load_phrases_dict(phrases)
    return pypinyin


def initials_of(name: str) -> str:
    """Return the initials of a name: upper case A to Z and digits only, one for each character that has one.

    Polyphones follow the words they stand in: 长沙 gives CS, 重庆 CQ, 商行 SH. Latin letters and digits
    stand for themselves, everything else is dropped.
    """
    library = _library()
    parts = library.lazy_pinyin(unicodedata.normalize("NFKC", name), style=library.Style.FIRST_LETTER)
    return "".join(_letter(character) for part in parts for character in part)


def _letter(character: str) -> str:
    """Return the plain upper-case letter or digit of a character without its accent, or nothing."""
    plain = unicodedata.normalize("NFKD", character)[:1].upper()
    return plain if plain.isascii() and plain.isalnum() else ""
