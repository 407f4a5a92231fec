"""What headquarters published, as its entries tell it."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from core.domain.publications import Publication
from core.kernel.records import from_plain
from core.storage.held import Own, held_of
from core.sync.merge import change_of, project

FAMILY = "list_version"


def publications(connection: sa.Connection, own: Own) -> tuple[Publication, ...]:
    """Return every published version that was not withdrawn. What a station wrote of its own lists is left out."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT ent FROM foreign_entry WHERE device LIKE 'hq/ref/%' AND fam = ? AND verdict = ''", (FAMILY,)
    ).all()
    held = held_of(connection, own, [row[0] for row in rows])
    found: list[Publication] = []
    for (family, _), entries in held.items():
        told = [change_of(one.entry) for one in entries if not one.is_own and one.is_good]
        if family != FAMILY or not told:
            continue
        body = project(told).body
        if body is not None:
            found += _read(body)
    return tuple(sorted(found, key=lambda one: (one.kind.value, one.version)))


def _read(body: dict[str, object]) -> tuple[Publication, ...]:
    try:
        return (from_plain(Publication, body),)
    except msgspec.ValidationError:
        # Judged when it came: what a later program writes differently is read after the upgrade.
        return ()
