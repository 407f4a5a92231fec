"""Every entry that is held of some entities, whoever wrote it: our own, those of devices we were, those of others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from core.kernel.records import Record
from core.sync.entries import Entry
from core.sync.judge import GOOD, judge
from core.sync.streams import is_hq

BATCH = 5_000

Key = tuple[str, str]
"""(family, id)."""

_decode = msgspec.json.Decoder(Entry).decode


class Held(NamedTuple):
    """One held entry, as far as leaves and rows need it."""

    entry: Entry
    is_own: bool
    stream: str
    """The stream in which it stands with effect, as far as known; empty: none."""
    is_good: bool
    """Whether it may make rows."""
    record: Record | None = None
    """What a put says, where it was read already."""


class OwnPlace(NamedTuple):
    """Where an own entry stands."""

    is_past: bool
    device: str
    n: int
    chain: bytes
    confirmed_seq: int | None
    raw: bytes


class ForeignPlace(NamedTuple):
    """Where an entry of another device stands."""

    pos: int
    device: str
    n: int
    chain: bytes
    stream: str
    seq: int | None
    verdict: str
    raw: bytes


class Own(NamedTuple):
    """The devices that this station was and is."""

    living: str
    devices: frozenset[str]
    home: str
    """The stream of its entries; empty before enrolment."""


# Under the id of an entry that stood in the stream before, an own one stands there without effect.
_HAS_EFFECT = (
    "coalesce(t.confirmed_seq, 0) != 0 AND NOT EXISTS (SELECT 1 FROM foreign_entry f"
    " WHERE f.id = t.id AND f.stream = ? AND f.seq != 0 AND f.effect)"
)


def asked(values: Iterable[str]) -> str:
    """Return a list as one value of a statement, so that the driver keeps one statement whatever its length."""
    return msgspec.json.encode(list(values)).decode()


def known_entities(connection: sa.Connection, entities: Iterable[str]) -> set[str]:
    """Return those of the ids of which something is held."""
    wanted = asked(entities)
    found: set[str] = set()
    for table in ("entry", "past_entry", "foreign_entry"):
        rows = connection.exec_driver_sql(
            f"SELECT j.value FROM json_each(?) j WHERE EXISTS (SELECT 1 FROM {table} t WHERE t.ent = j.value)",
            (wanted,),
        )
        found.update(row[0] for row in rows)
    return found


def own_places(connection: sa.Connection, own: Own, identifiers: Iterable[str]) -> dict[str, OwnPlace]:
    """Return where own entries stand, by their id; ids of others are left out."""
    wanted = asked(identifiers)
    found: dict[str, OwnPlace] = {}
    past = connection.exec_driver_sql(
        "SELECT t.id, t.device, t.n, t.chain, t.confirmed_seq, t.raw FROM json_each(?) j"
        " CROSS JOIN past_entry t ON t.id = j.value",
        (wanted,),
    )
    for row in past:
        found[row[0]] = OwnPlace(True, *row[1:])
    live = connection.exec_driver_sql(
        "SELECT t.id, t.n, t.chain, t.confirmed_seq, t.raw FROM json_each(?) j CROSS JOIN entry t ON t.id = j.value",
        (wanted,),
    )
    for row in live:
        found[row[0]] = OwnPlace(False, own.living, *row[1:])
    return found


def foreign_places(connection: sa.Connection, identifiers: Iterable[str]) -> Mapping[str, list[ForeignPlace]]:
    """Return where entries of others stand, by their id: one id may stand in several places."""
    found: defaultdict[str, list[ForeignPlace]] = defaultdict(list)
    rows = connection.exec_driver_sql(
        "SELECT t.id, t.pos, t.device, t.n, t.chain, t.stream, t.seq, t.verdict, t.raw FROM json_each(?) j"
        " CROSS JOIN foreign_entry t ON t.id = j.value",
        (asked(identifiers),),
    )
    for row in rows:
        found[row[0]].append(ForeignPlace(*row[1:]))
    return found


def held_of(connection: sa.Connection, own: Own, entities: Iterable[str]) -> dict[Key, list[Held]]:
    """Return every held entry of the entities."""
    wanted = asked(entities)
    found: defaultdict[Key, list[Held]] = defaultdict(list)
    for table in ("past_entry", "entry"):
        rows = connection.exec_driver_sql(
            f"SELECT t.raw, {_HAS_EFFECT} FROM json_each(?) j CROSS JOIN {table} t ON t.ent = j.value",
            (own.home, wanted),
        )
        for row in rows:
            _note(found, _own(row, own))
    rows = connection.exec_driver_sql(
        "SELECT t.raw, t.device, t.stream, t.seq, t.effect, t.verdict FROM json_each(?) j"
        " CROSS JOIN foreign_entry t ON t.ent = j.value",
        (wanted,),
    )
    for row in rows:
        _note(found, _foreign(row, own))
    return found


def all_held(connection: sa.Connection, own: Own) -> Iterable[Held]:
    """Yield every held entry, own ones first."""
    streaming = connection.execution_options(yield_per=BATCH)
    for table in ("past_entry", "entry"):
        for row in streaming.exec_driver_sql(f"SELECT t.raw, {_HAS_EFFECT} FROM {table} t", (own.home,)):
            yield _own(row, own)
    sql = "SELECT raw, device, stream, seq, effect, verdict FROM foreign_entry"
    for row in streaming.exec_driver_sql(sql):
        yield _foreign(row, own)


def _note(found: defaultdict[Key, list[Held]], held: Held) -> None:
    found[held.entry.fam, held.entry.ent].append(held)


def _own(row: Any, own: Own) -> Held:
    """Return an own entry from its line and whether it stands in its stream with effect."""
    entry = _decode(row[0])
    # An older program than the one that wrote it may sit here now (F28).
    return Held(entry, True, own.home if row[1] else "", judge(entry, by_hq=False) == GOOD)


def _foreign(row: Any, own: Own) -> Held:
    raw, device, stream, seq, effect, verdict = row
    stands = stream if effect and seq else ""
    # What headquarters had said and now keeps beside its chain, it says no more.
    is_unsaid = seq == 0 and is_hq(device)
    return Held(_decode(raw), device in own.devices, stands, not verdict and not is_unsaid)
