"""The message catalogue: every sentence a person reads, in Chinese and English.

The files are resources/words/*.toml. A plain text is `key = {zh = "…", en = "…"}`; a fault has three sentences
a language, in the order what happened, what is safe, what to do: `code = {zh = ["…", "…", "…"], en = […]}`.
`{name}` takes a parameter.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from core.kernel.errors import Fault
from core.kernel.resources import resources_dir

Lang = Literal["zh", "en"]


@dataclass(frozen=True)
class FaultWords:
    """The three sentences of a fault."""

    what: str
    safe: str
    todo: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.safe, self.todo) if part)


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """Return every key with its languages. A key that stands in two files is a defect."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((resources_dir() / "words").glob("*.toml")):
        for key, entry in tomllib.loads(path.read_text("utf-8")).items():
            assert key not in found, f"{key} stands twice in the message catalogue ({path.name})"
            found[key] = entry
    return found


def text(key: str, lang: Lang, /, **params: object) -> str:
    """Return the words of a key. A missing key is a defect."""
    words = catalogue()[key][lang]
    assert isinstance(words, str), f"{key} is a fault, not a text"
    return words.format(**params) if params else words


def fault_words(fault: Fault, lang: Lang) -> FaultWords:
    """Return what happened, what is safe and what to do, for a fault."""
    sentences = catalogue()[fault.code][lang]
    what, safe, todo = (sentence.format(**fault.params) for sentence in sentences)
    return FaultWords(what, safe, todo)
