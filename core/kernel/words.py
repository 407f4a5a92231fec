"""The message catalogue: every sentence a person reads, in Chinese and English.

The files are resources/words/*.toml. A plain text is `key = {zh = "…", en = "…"}`; a fault has three sentences
a language, in the order what happened, what is safe, what to do: `code = {zh = ["…", "…", "…"], en = […]}`.
`{name}` takes a parameter; `{name:family}` takes the words of a value, that is of the key `family.<value>`.
"""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from core.kernel.errors import Fault
from core.kernel.resources import resources_dir

Lang = Literal["zh", "en"]
FIRST = "ui_shell.toml"
"""The file that the unlock page speaks from."""


@dataclass(frozen=True)
class FaultWords:
    """The three sentences of a fault."""

    what: str
    safe: str
    todo: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.safe, self.todo) if part)


class _Value(str):
    """A parameter that can be said in words: `{state:visit.state}` gives the text of `visit.state.<value>`."""

    lang: Lang = "zh"

    def __format__(self, family: str) -> str:
        if not family:
            return str(self)
        # Several values come as one text, parted by commas; what has no words of its own was typed by a person.
        parts = (part.strip() for part in re.split("[,、]", self))
        said = [text(key, self.lang) if (key := f"{family}.{part}") in catalogue() else part for part in parts]
        return ("、" if self.lang == "zh" else ", ").join(said)


def _filled(template: str, lang: Lang, params: Mapping[str, object]) -> str:
    values: dict[str, object] = {}
    for name, value in params.items():
        values[name] = value
        if isinstance(value, str):
            values[name] = said = _Value(value)
            said.lang = lang
    return template.format(**values)


class Catalogue(Mapping[str, dict[str, Any]]):
    """Every key with its languages, read file by file until a key is found: the first page needs one file only.

    A key that stands in two files is a defect, found when the second is read.
    """

    def __init__(self) -> None:
        paths = sorted((resources_dir() / "words").glob("*.toml"), key=lambda path: (path.name != FIRST, path.name))
        self._waiting = paths[::-1]
        self._found: dict[str, dict[str, Any]] = {}
        self._reading = threading.Lock()

    def __getitem__(self, key: str) -> dict[str, Any]:
        while key not in self._found and self._waiting:
            self._read_one()
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        while self._waiting:
            self._read_one()
        return iter(self._found)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _read_one(self) -> None:
        with self._reading:
            if not self._waiting:
                return
            path = self._waiting[-1]
            read = tomllib.loads(path.read_text("utf-8"))
            twice = read.keys() & self._found.keys()
            assert not twice, f"{sorted(twice)} stand twice in the message catalogue ({path.name})"
            # A copy is put in place whole: other threads look without the lock.
            self._found = self._found | read
            self._waiting.pop()


@cache
def catalogue() -> Catalogue:
    """Return the catalogue of this process."""
    return Catalogue()


def text(key: str, lang: Lang, /, **params: object) -> str:
    """Return the words of a key. A missing key is a defect."""
    words = catalogue()[key][lang]
    assert isinstance(words, str), f"{key} is a fault, not a text"
    return _filled(words, lang, params) if params else words


def fault_words(fault: Fault, lang: Lang) -> FaultWords:
    """Return what happened, what is safe and what to do, for a fault."""
    sentences = catalogue()[fault.code][lang]
    what, safe, todo = (_filled(sentence, lang, fault.params) for sentence in sentences)
    return FaultWords(what, safe, todo)
