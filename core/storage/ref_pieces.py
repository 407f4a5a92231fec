"""The pieces that find an enterprise: what the index holds of a row, and what a word of a query asks for.

Every question is a conjunction of whole pieces: nothing is looked up by its beginning, because an index answers a
beginning only by reading all that begins so (one letter over 4,000,000 rows took 30 s). Marks keep the sorts of
pieces apart; a piece of one sort that looks like another's only adds a candidate, which the row itself refuses.
"""

from __future__ import annotations

from operator import add

from core.domain.enterprises import Enterprise
from core.domain.search_terms import Term, TermKind, bigrams, normal

NAMES, INITIALS, PLACES = "names", "initials", "places"
WAYS = (NAMES, INITIALS, PLACES)
"""What a word can mean, the likeliest first."""

PLACE_MARK, START_MARK, INITIALS_MARK = "1", "2", "3"


def row_pieces(row: Enterprise) -> str:
    """Return the pieces of one row, parted by spaces.

    Names are held as characters and pairs, places as pairs, initials as their first letter, pairs and triples.
    """
    name, letters = normal(row.name), row.initials
    names = {*name, *map(add, name, name[1:])}
    places: set[str] = set()
    for place in (normal(row.street), normal(row.address)):
        # No pair spans two columns; the last character stands alone as well.
        places.update(map(add, place, place[1:]), place[-1:])
    pairs = tuple(map(add, letters, letters[1:]))
    shorts = {*pairs, *map(add, pairs, letters[2:])}
    # The marks are put before pieces by joining, which costs least.
    text = f" {INITIALS_MARK}".join((f" {PLACE_MARK}".join((" ".join(names), *places)), *shorts))
    return f"{text} {START_MARK}{letters[0]}" if letters else text


def asked_pieces(way: str, word: Term) -> tuple[str, ...]:
    """Return the pieces that a row must hold for the word to stand in it in this way; none: it cannot.

    One character is too little to be a place; one letter means initials that begin with it.
    """
    text = word.text
    if way == NAMES:
        return bigrams(text)
    if way == PLACES:
        return tuple(PLACE_MARK + piece for piece in bigrams(text)) if len(text) > 1 else ()
    if word.kind is TermKind.TEXT:
        return ()
    if len(text) == 1:
        return (START_MARK + text,)
    size = min(len(text), 3)
    return tuple(dict.fromkeys(INITIALS_MARK + text[at : at + size] for at in range(len(text) - size + 1)))
