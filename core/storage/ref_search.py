"""As-you-type search over one reference file of enterprises: pieces find candidates, the row itself decides.

Candidates are capped and never ranked by the index (platform.md section 4): a common word costs what a rare one does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain, product
from operator import itemgetter

import msgspec
import sqlalchemy as sa

from core.domain.enterprises import EnterpriseHit
from core.domain.search_terms import Term, TermKind, normal, terms
from core.storage.ref_later import found_by, newest
from core.storage.ref_pieces import WAYS, asked_pieces
from core.storage.ref_schema import TAIL

# A row costs a page to read and decrypt, some 40 µs in a file of gigabytes; a frame holds no more of them.
CANDIDATES_MAX = 100
# All that share the beginning or the end of a code fit alike, so few of each are enough to choose from.
CODES_MAX = 40
WORDS_MAX = 4

EXACT, CODE, NAME_START, NAME_PART, INITIALS, PLACE = 0, 10, 20, 30, 40, 50


class _Row(msgspec.Struct):
    """The fields that the search reads; decoding the whole record would cost twice as much."""

    id: str
    name: str
    uscc: str = ""
    street: str = ""
    address: str = ""
    grade: str = ""
    initials: str = ""


_decoder = msgspec.json.Decoder(_Row)


def search(connection: sa.Connection, query: str, *, limit: int) -> tuple[EnterpriseHit, ...]:
    """Return the best hits; an empty query gives none."""
    words = terms(query)[:WORDS_MAX]
    if not words:
        return ()
    whole = normal(query)
    seen: set[int] = set()
    found: list[tuple[int, int, int, _Row]] = []
    source = newest(connection)
    # What shares the beginning of a code is enough; names and addresses with its digits are not what was meant.
    enough = min(limit, CODES_MAX) if len(words) == 1 and words[0].kind is TermKind.CODE else limit
    for candidates in _lookups(connection, source, words):
        fresh = [pos for pos in candidates if pos not in seen]
        seen.update(fresh)
        for pos, row in _rows(connection, source, fresh):
            score = _score(row, words, whole)
            if score is not None:
                found.append((score, len(row.name), pos, row))
        if len(found) >= enough:
            break
    found.sort(key=itemgetter(0, 1, 2))
    return tuple(_hit(row, score) for score, _, _, row in found[:limit])


def _lookups(connection: sa.Connection, source: str, words: Sequence[Term]) -> Iterator[list[int]]:
    """Yield candidate rows, the likeliest way of meaning the words first."""
    if len(words) == 1 and words[0].kind is TermKind.CODE:
        yield _by_code(connection, source, words[0].text)
    for ways in sorted(product(WAYS, repeat=len(words)), key=_unlikeliness):
        pieces = [asked_pieces(way, word) for way, word in zip(ways, words, strict=True)]
        if all(pieces):
            asked = " AND ".join(f'"{piece}"' for piece in dict.fromkeys(chain.from_iterable(pieces)))
            yield found_by(connection, source, asked, limit=CANDIDATES_MAX)


def _unlikeliness(ways: tuple[str, ...]) -> tuple[int, int]:
    return (len(set(ways)), sum(WAYS.index(way) for way in ways))


def _by_code(connection: sa.Connection, source: str, code: str) -> list[int]:
    """Return rows whose code begins with, ends with, or has the organisation part beginning with the text."""
    found: list[int] = []
    for column in ("id", "substr(id, 9)"):
        sql = f"SELECT pos FROM {source} WHERE {column} >= ? AND {column} < ? LIMIT {CODES_MAX}"
        found += [int(row[0]) for row in connection.exec_driver_sql(sql, (code, code + "\uffff")).all()]
    if len(code) >= TAIL:
        sql = f"SELECT pos FROM {source} WHERE substr(id, 15) = ? LIMIT {CANDIDATES_MAX}"
        found += [int(row[0]) for row in connection.exec_driver_sql(sql, (code[-TAIL:],)).all()]
    return list(dict.fromkeys(found))


def _rows(connection: sa.Connection, source: str, positions: Sequence[int]) -> list[tuple[int, _Row]]:
    if not positions:
        return []
    # One statement whatever their number, so that the driver keeps it prepared.
    sql = f"SELECT pos, body FROM {source} WHERE pos IN (SELECT value FROM json_each(?))"
    found = connection.exec_driver_sql(sql, (json.dumps(positions),)).all()
    return [(int(row[0]), _decoder.decode(row[1])) for row in found]


def _score(row: _Row, words: Sequence[Term], whole: str) -> int | None:
    """Return how well the row fits, smaller is better, or None if some word is nowhere in it."""
    name = normal(row.name)
    if whole in (name, row.uscc):
        return EXACT
    worst = 0
    for word in words:
        if word.text in row.uscc and word.kind is TermKind.CODE:
            fit = CODE
        elif name.startswith(word.text):
            fit = NAME_START
        elif word.text in name:
            fit = NAME_PART
        elif word.text in row.initials:
            fit = INITIALS + (not row.initials.startswith(word.text))
        elif word.text in normal(row.street) or word.text in normal(row.address):
            fit = PLACE
        else:
            return None
        worst = max(worst, fit)
    return worst


def _hit(row: _Row, score: int) -> EnterpriseHit:
    return EnterpriseHit(
        id=row.id, name=row.name, uscc=row.uscc, street=row.street, address=row.address, grade=row.grade, score=score
    )
