"""Rows from entries: what one entity is, by all that is held of it. Saving, sync and rebuilding agree through here.

Source: sync.md 3.8; invariants 9, 10, 21.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from core.domain.families import BY_NAME, Family, Scope
from core.kernel.records import Record, canonical_bytes, from_plain, to_plain
from core.storage import tables
from core.storage.held import Held, Key
from core.sync.entries import Entry
from core.sync.merge import Clash, Projection, change_of, project


class Row(NamedTuple):
    """One row of a family's table as the entries give it."""

    entry: str
    record: bytes
    made: int
    columns: dict[str, str | None]


class Shown(NamedTuple):
    """What an entity is: its row, or none where it was voided or makes no row here, and the fields that clash."""

    row: Row | None
    clashes: tuple[Clash, ...]
    visit: str


def counts(family: Family, held: Held) -> bool:
    """Tell whether an entry may make rows at this station."""
    return held.is_good and (family.scope is not Scope.STATION or held.is_own)


def made_of(hlc: str) -> int:
    """Return the number by which rows sort, from a clock value; 0 for one that is no clock value."""
    milliseconds, _, count = hlc.partition("-")
    try:
        return min(int(milliseconds, 16) << 16 | int(count, 16), (1 << 63) - 1)
    except ValueError:
        return 0


def row_of(family: Family, entry: Entry, record: Record | None = None) -> Row:
    """Return the row of an entity that one entry alone tells of; `record` is what it says, where that was read."""
    if record is None:
        record = from_plain(family.record, entry.body)
    return Row(entry.id, canonical_bytes(record), made_of(entry.hlc), tables.index_columns(family, record))


def shown(family: Family, held: Sequence[Held]) -> Shown:
    """Return what the held entries of one entity give together."""
    if family.scope is Scope.HQ:
        # What headquarters decided anew after it was restored stands in its stream; what it had said before does not.
        held = [one for one in held if one.stream] or held
    if len(held) == 1 and counts(family, held[0]):
        only = held[0].entry
        return Shown(row_of(family, only, held[0].record) if only.op == "put" else None, (), only.visit)
    entries = {one.entry.id: one.entry for one in held if counts(family, one)}
    if not entries:
        return Shown(None, (), "")
    visit = next(iter(entries.values())).visit
    projection = projected(family, entries.values())
    if projection.body is None:
        return Shown(None, projection.clashes, visit)
    record = from_plain(family.record, projection.body)
    leaves = (*projection.parents, tables.CLASHES) if projection.clashes else projection.parents
    made = min((made_of(entry.hlc) for entry in entries.values()), default=0)
    row = Row(" ".join(leaves), canonical_bytes(record), made, tables.index_columns(family, record))
    return Shown(row, projection.clashes, visit)


def projected(family: Family, entries: Iterable[Entry]) -> Projection:
    """Return leaves, body and clashes. Bodies are read first, so that a field an older program did not know has its
    default instead of counting as taken away.
    """
    changes = [change_of(entry if entry.op != "put" else _whole(family, entry)) for entry in entries]
    return project(changes, quiet=family.quiet)


def _whole(family: Family, entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, body=to_plain(from_plain(family.record, entry.body)))


def write_rows(connection: sa.Connection, family: Family, rows: Iterable[tuple[str, Row]]) -> None:
    """Write rows over what was there; when they were made stays."""
    values = [
        (entity, row.entry, row.made, *(row.columns[field] for field in family.indexed), row.record)
        for entity, row in rows
    ]
    if values:
        connection.exec_driver_sql(_put_sql(family), values)


def write_shown(connection: sa.Connection, changed: dict[Key, Shown]) -> None:
    """Write what entities have become, and which of them clash."""
    rows: dict[str, list[tuple[str, Row]]] = {}
    gone: dict[str, list[tuple[str]]] = {}
    for (name, entity), one in changed.items():
        if one.row is not None:
            rows.setdefault(name, []).append((entity, one.row))
        else:
            gone.setdefault(name, []).append((entity,))
    for name, values in rows.items():
        write_rows(connection, BY_NAME[name], values)
    for name, identifiers in gone.items():
        connection.exec_driver_sql(f"DELETE FROM f_{name} WHERE id = ?", identifiers)
    calm = [key for key, one in changed.items() if not one.clashes]
    # Nearly always nothing clashes, and nothing is to be taken back.
    if calm and connection.exec_driver_sql("SELECT 1 FROM clash LIMIT 1").first() is not None:
        connection.exec_driver_sql("DELETE FROM clash WHERE fam = ? AND ent = ?", calm)
    clashing = [(*key, one.visit) for key, one in changed.items() if one.clashes]
    if clashing:
        connection.exec_driver_sql("INSERT OR REPLACE INTO clash(fam, ent, visit) VALUES (?, ?, ?)", clashing)


def _put_sql(family: Family) -> str:
    names = ("id", "entry", "made", *family.indexed, "record")
    # A reserved word among the indexed fields, such as `state`, would need quotes; they harm no other.
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    changed = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in ("id", "made"))
    return f"INSERT INTO f_{family.name}({columns}) VALUES ({marks}) ON CONFLICT(id) DO UPDATE SET {changed}"


def rows_of(held: Iterable[Held]) -> dict[Key, Any]:
    """Return (row's entry column, canonical record) of every entity that the entries give a row."""
    single: dict[Key, Held] = {}
    several: dict[Key, list[Held]] = {}
    for one in held:
        family = BY_NAME.get(one.entry.fam)
        if family is None or not counts(family, one):
            continue
        key = (one.entry.fam, one.entry.ent)
        if key in several:
            several[key].append(one)
        elif key in single:
            several[key] = [single.pop(key), one]
        else:
            single[key] = one
    rows: dict[Key, tuple[str, bytes]] = {}
    for key, entries in (*((key, [one]) for key, one in single.items()), *several.items()):
        row = shown(BY_NAME[key[0]], entries).row
        if row is not None:
            rows[key] = (row.entry, row.record)
    return rows
