"""Entities of which several values stand side by side: all their leaves, and every field that clashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.domain.families import BY_NAME
from core.kernel.records import Record
from core.storage import projection
from core.storage.held import Key, Own, held_of
from core.sync.merge import Clash, change_of, leaves


class Clashing(Record):
    """One entity with clashes.

    `leaves` are the entries that a decision names as its parents. `shown` is the plain form of what is shown until
    then; None where the entity was voided.
    """

    family: str
    entity: str
    visit: str
    leaves: tuple[str, ...]
    clashes: tuple[Clash, ...]
    shown: dict[str, Any] | None


def clashing(connection: sa.Connection, own: Own, *, visit: str = "", key: Key | None = None) -> tuple[Clashing, ...]:
    """Return the entities that clash: all, those of one visit, or one."""
    where, values = "1", ()
    if visit:
        where, values = "visit = ?", (visit,)
    elif key is not None:
        where, values = "fam = ? AND ent = ?", key
    sql = f"SELECT fam, ent, visit FROM clash WHERE {where} ORDER BY visit, fam, ent"
    rows = connection.exec_driver_sql(sql, values).all()
    return _views(connection, own, [(row[0], row[1], row[2]) for row in rows])


def clashing_in(connection: sa.Connection, visit: str) -> int:
    """Return how many entities of a visit clash."""
    sql = "SELECT count(*) FROM clash WHERE visit = ?"
    return int(connection.exec_driver_sql(sql, (visit,)).scalar_one())


def _views(connection: sa.Connection, own: Own, rows: Sequence[tuple[str, str, str]]) -> tuple[Clashing, ...]:
    held = held_of(connection, own, {entity for _, entity, _ in rows})
    found: list[Clashing] = []
    for name, entity, visit in rows:
        family = BY_NAME[name]
        entries = {one.entry.id: one.entry for one in held[name, entity] if projection.counts(family, one)}
        together = projection.projected(family, entries.values())
        ends = leaves(change_of(entry) for entry in entries.values())
        found.append(
            Clashing(
                family=name,
                entity=entity,
                visit=visit,
                leaves=tuple(end.id for end in ends),
                clashes=together.clashes,
                shown=together.body,
            )
        )
    return tuple(found)
