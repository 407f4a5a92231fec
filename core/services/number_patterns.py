"""The patterns of numbers that a body lays over ours: the file numbers.toml in the folder of its own forms.

[[patterns]]
body = "某某局"          # empty: every body
kind = "D17"             # code or name; empty: every kind
text = "{agency_abbr}{type_abbr}〔{year}〕第{seq}号"
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from core.domain.documents import DocumentKind, kind_of
from core.domain.numbers import DEFAULT_PATTERN, format_number
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record

FILE_NAME = "numbers.toml"


class NumberPattern(Record):
    """One pattern; the narrower one wins: body and kind, then body, then kind, then ours."""

    text: str
    body: str = ""
    kind: str = ""


class _File(Record):
    patterns: tuple[NumberPattern, ...] = ()


class NumberPatterns:
    """Reads the file anew each time: it is small, and whoever changes it expects the next number to follow."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def of(self, body: str, kind: DocumentKind) -> str:
        """Return the pattern of a body and kind.

        Raises:
            Refusal: "numbers.pattern_invalid", params pattern; "numbers.patterns_unreadable", params reason.
            Trouble: "documents.form_unreadable", params file.
        """
        fitting = [
            one for one in self._patterns() if one.body in ("", body) and (not one.kind or kind_of(one.kind) is kind)
        ]
        if not fitting:
            return DEFAULT_PATTERN
        return max(fitting, key=lambda one: (bool(one.body), bool(one.kind))).text

    def _patterns(self) -> tuple[NumberPattern, ...]:
        if not self._path.is_file():
            return ()
        try:
            found = msgspec.convert(tomllib.loads(self._path.read_text("utf-8")), _File).patterns
        except OSError as error:
            raise Trouble("documents.form_unreadable", file=self._path.name) from error
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise Refusal("numbers.patterns_unreadable", reason=str(error)) from error
        for one in found:
            _check(one)
        return found


def _check(pattern: NumberPattern) -> None:
    if pattern.kind and kind_of(pattern.kind) is None:
        raise Refusal("numbers.patterns_unreadable", reason=pattern.kind)
    format_number(pattern.text, agency_abbr="机", type_abbr="文", year=2026, seq=1)
    # Two kinds count from 1 each: without the abbreviation of the kind, or a pattern of its own, they would meet.
    if not pattern.kind and "{type_abbr}" not in pattern.text:
        raise Refusal("numbers.pattern_invalid", pattern=pattern.text)
