"""Words for the enterprise search: the one normal form, its two-character pieces, and what a query asks for.

The store indexes pieces of two characters that are cut here (platform.md section 4), so the writer of the
index and the reader of a query must cut alike; both call this module.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from core.kernel.records import Record

USCC_LENGTH = 18


class TermKind(StrEnum):
    """What one word of a query looks like. The store may still try a word in other columns."""

    TEXT = "text"
    """A part of a name or an address."""
    INITIALS = "initials"
    """Latin letters only: pinyin initials, or Latin letters inside a name (KTV)."""
    CODE = "code"
    """Latin letters and digits with at least one digit: a part of a code, or a number inside an address."""


class Term(Record):
    """One word of a query in normal form."""

    text: str
    kind: TermKind

    @property
    def is_whole_code(self) -> bool:
        """Tell whether the word is as long as a whole 统一社会信用代码; its check digits are not looked at."""
        return self.kind is TermKind.CODE and len(self.text) == USCC_LENGTH


def normal(text: str) -> str:
    """Return the normal form: full-width folded (NFKC), upper case, only letters, digits and characters.

    Brackets, spaces and other punctuation go, what stands inside brackets stays.
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    # Upper case may bring back a compatibility form (ŉ), so the fold runs once more; then it is stable.
    stable = unicodedata.normalize("NFKC", folded)
    return stable if stable.isalnum() else "".join(filter(str.isalnum, stable))


def bigrams(text: str) -> tuple[str, ...]:
    """Return the distinct two-character pieces of the normal form, in order; of one character, that character.

    Every text that contains the query contains all pieces of the query; the reverse must be checked on the row.
    """
    plain = normal(text)
    if len(plain) == 1:
        return (plain,)
    return tuple(dict.fromkeys(plain[at : at + 2] for at in range(len(plain) - 1)))


def terms(query: str) -> tuple[Term, ...]:
    """Return the words of a query in order, each once, with what they look like. Spaces and punctuation part words.

    A code typed in groups (9143 0104 MA4X …) is put together again if the groups make a whole code.
    """
    folded = unicodedata.normalize("NFKC", query)
    whole = normal(query)
    if len(whole) == USCC_LENGTH and _kind(whole) is TermKind.CODE:
        return (Term(text=whole, kind=TermKind.CODE),)
    words = "".join(character if character.isalnum() else " " for character in folded).split()
    return tuple(Term(text=word, kind=_kind(word)) for word in dict.fromkeys(map(normal, words)) if word)


def _kind(word: str) -> TermKind:
    if not word.isascii():
        return TermKind.TEXT
    return TermKind.INITIALS if word.isalpha() else TermKind.CODE
