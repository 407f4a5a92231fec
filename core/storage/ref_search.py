"""As-you-type search over one reference file of enterprises: pieces find candidates, the row itself decides.

Candidates are capped and never ranked by the index (platform.md section 4): a common word costs what a rare one does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import msgspec
import sqlalchemy as sa

from core.domain.enterprises import EnterpriseHit
from core.domain.search_terms import Term, TermKind, bigrams, normal, terms
from core.storage.ref_writer import initial_pieces

CANDIDATES_MAX = 400
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
    found: dict[int, EnterpriseHit] = {}
    for candidates in _lookups(connection, words):
        for pos, row in _rows(connection, [pos for pos in candidates if pos not in found]):
            score = _score(row, words, normal(query))
            if score is not None:
                found[pos] = _hit(row, score)
        if len(found) >= limit:
            break
    ordered = sorted(found.items(), key=lambda pair: (pair[1].score, len(pair[1].name), pair[0]))
    return tuple(hit for _, hit in ordered[:limit])


def _lookups(connection: sa.Connection, words: Sequence[Term]) -> Iterator[list[int]]:
    """Yield candidate rows, the likeliest way of meaning the words first."""
    if len(words) == 1 and words[0].kind is TermKind.CODE:
        yield _by_code(connection, words[0].text)
    for ways in sorted(product(("names", "initials", "places"), repeat=len(words)), key=_unlikeliness):
        pieces = [_pieces(way, word) for way, word in zip(ways, words, strict=True)]
        if all(pieces):
            yield _by_pieces(connection, [(way, piece) for way, piece in zip(ways, pieces, strict=True) if piece])


def _unlikeliness(ways: tuple[str, ...]) -> tuple[int, int]:
    return (len(set(ways)), sum(("names", "initials", "places").index(way) for way in ways))


def _pieces(way: str, word: Term) -> str | None:
    """Return the index query of one word in one table, or None where the word cannot stand there."""
    if way == "initials":
        if word.kind is TermKind.TEXT:
            return None
        parts = [piece for piece in initial_pieces(word.text) if len(piece) == 3] or [word.text]
    else:
        parts = list(bigrams(word.text))
    is_short = len(word.text) < (3 if way == "initials" else 2)
    return " AND ".join(f'"{part}"' for part in parts) + ("*" if is_short else "")


def _by_pieces(connection: sa.Connection, asked: Sequence[tuple[str, str]]) -> list[int]:
    merged: dict[str, list[str]] = {}
    for table, piece in asked:
        merged.setdefault(table, []).append(f"({piece})")
    (first, *others) = merged.items()
    sql = f"SELECT rowid FROM {first[0]} WHERE {first[0]} MATCH ?"
    values = [" AND ".join(first[1])]
    for table, pieces in others:
        sql += f" AND rowid IN (SELECT rowid FROM {table} WHERE {table} MATCH ?)"
        values.append(" AND ".join(pieces))
    rows = connection.exec_driver_sql(f"{sql} LIMIT {CANDIDATES_MAX}", tuple(values))
    return [int(row[0]) for row in rows]


def _by_code(connection: sa.Connection, code: str) -> list[int]:
    """Return rows whose code begins with, ends with, or has the organisation part beginning with the text."""
    found: list[int] = []
    for sql, text in (
        ("SELECT pos FROM row WHERE id >= ? AND id < ?", code),
        ("SELECT pos FROM code WHERE org >= ? AND org < ?", code),
        ("SELECT pos FROM code WHERE tail >= ? AND tail < ?", code[::-1]),
    ):
        rows = connection.exec_driver_sql(f"{sql} LIMIT {CANDIDATES_MAX}", (text, text + "\uffff"))
        found.extend(int(row[0]) for row in rows)
    return list(dict.fromkeys(found))


def _rows(connection: sa.Connection, positions: Sequence[int]) -> Iterator[tuple[int, _Row]]:
    if not positions:
        return
    marks = ",".join(map(str, positions))
    for row in connection.exec_driver_sql(f"SELECT pos, body FROM row WHERE pos IN ({marks})"):
        yield int(row[0]), _decoder.decode(row[1])


def _score(row: _Row, words: Sequence[Term], whole: str) -> int | None:
    """Return how well the row fits, smaller is better, or None if some word is nowhere in it."""
    name, place = normal(row.name), normal(row.street + row.address)
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
        elif word.text in place:
            fit = PLACE
        else:
            return None
        worst = max(worst, fit)
    return worst


def _hit(row: _Row, score: int) -> EnterpriseHit:
    return EnterpriseHit(
        id=row.id, name=row.name, uscc=row.uscc, street=row.street, address=row.address, grade=row.grade, score=score
    )


