"""The chains of our own devices as sync reads them: where they end, what headquarters holds of them, sealed runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.storage.held import Own
from core.sync.entries import CHAIN_START, decode, seal_text
from core.sync.ports import Tail
from core.sync.runs import Run, RunHeader

HOME = "home_stream"
"""The stream of this station's entries, in `me`; absent before enrolment."""
_PUBLIC = "public:"

_EMPTY = Tail(n=0, chain=CHAIN_START)


def me_value(connection: sa.Connection, key: str) -> bytes | None:
    """Return a value that belongs to this device."""
    row = connection.exec_driver_sql("SELECT value FROM me WHERE key = ?", (key,)).first()
    return row[0] if row else None


def set_me(connection: sa.Connection, key: str, value: bytes) -> None:
    """Keep a value that belongs to this device."""
    connection.exec_driver_sql("INSERT OR REPLACE INTO me(key, value) VALUES (?, ?)", (key, value))


def read_own(connection: sa.Connection) -> Own:
    """Return the devices that this station was and is, those too of which this disk holds nothing any more."""
    living, home, devices = "", "", set[str]()
    # One statement: every transaction of a sync begins with it.
    for key, value in connection.exec_driver_sql(
        "SELECT key, value FROM me WHERE key IN ('device', ?) UNION ALL SELECT substr(key, 8), NULL FROM me"
        " WHERE key LIKE 'public:%'",
        (HOME,),
    ):
        if value is None:
            devices.add(key)
        elif key == HOME:
            home = value.decode()
        else:
            living = value.decode()
    return Own(living, frozenset((*devices, living)), home)


def own_devices(connection: sa.Connection) -> tuple[str, ...]:
    """Return the devices that this station was and wrote entries as, oldest first, the living one last."""
    living = (me_value(connection, "device") or b"").decode()
    rows = connection.exec_driver_sql(
        "SELECT substr(me.key, 8), (SELECT id FROM past_entry p WHERE p.device = substr(me.key, 8) LIMIT 1)"
        " FROM me WHERE me.key LIKE 'public:%'"
    ).all()
    # Entry ids sort by when they were made, so the device whose ids come first is the older one.
    past = sorted((first, device) for device, first in rows if first is not None and device != living)
    return (*(device for _, device in past), living)


def read_seen(connection: sa.Connection, home: str) -> str:
    """Return how far headquarters' order was read, as an entry carries it (core.sync.entries.Entry.seen)."""
    row = connection.exec_driver_sql("SELECT seq, head FROM stream_cursor WHERE stream = ?", (home,)).first()
    return f"{home}@{row[0]}#{row[1].hex()[:16]}" if row is not None and row[0] else ""


def unconfirmed(connection: sa.Connection) -> int:
    """Return the number of own entries that headquarters is not known to hold."""
    return sum(
        connection.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE confirmed_seq IS NULL").scalar_one()
        for table in ("entry", "past_entry")
    )


def oldest_unconfirmed_at(connection: sa.Connection) -> datetime | None:
    """Return when the oldest own entry was written that exists only here, by this device's own claim."""
    found = [
        decode(row[0]).at
        for row in (
            connection.exec_driver_sql(
                f"SELECT raw FROM {table} WHERE confirmed_seq IS NULL ORDER BY n LIMIT 1"
            ).first()
            for table in ("entry", "past_entry")
        )
        if row is not None
    ]
    return min(found, default=None)


class _Chain:
    """One own chain inside one transaction: the living one, or a past one."""

    def __init__(self, connection: sa.Connection, own: Own, device: str) -> None:
        self._connection = connection
        self._is_past = device != own.living
        self.table = "past_entry" if self._is_past else "entry"
        self._where = "device = ? AND" if self._is_past else ""
        self._key: tuple[str, ...] = (device,) if self._is_past else ()

    def rows(self, what: str, rest: str, *values: Any) -> Any:
        """Return rows of this chain; `rest` follows WHERE."""
        sql = f"SELECT {what} FROM {self.table} WHERE {self._where} {rest}"
        return self._connection.exec_driver_sql(sql, (*self._key, *values))

    def update(self, change: str, rest: str, *values: Any) -> int:
        """Change rows of this chain and return how many."""
        sql = f"UPDATE {self.table} SET {change} WHERE {self._where} {rest}"
        return int(self._connection.exec_driver_sql(sql, (*self._key, *values)).rowcount)


def tail(connection: sa.Connection, own: Own, device: str) -> Tail:
    """Return the end of an own chain."""
    row = _Chain(connection, own, device).rows("n, chain", "n > 0 ORDER BY n DESC LIMIT 1").first()
    return Tail(n=row[0], chain=row[1]) if row else _EMPTY


def chain_at(connection: sa.Connection, own: Own, device: str, n: int) -> bytes | None:
    """Return the chain value after entry n; CHAIN_START for 0; None beyond the end."""
    if n == 0:
        return CHAIN_START
    row = _Chain(connection, own, device).rows("chain", "n = ?", n).first()
    return row[0] if row else None


def own_lines(
    connection: sa.Connection, own: Own, device: str, first: int, last: int
) -> Sequence[tuple[int, bytes, bytes, int | None]]:
    """Return number, line, chain value and place in the stream of own entries `first` … `last`."""
    rows = _Chain(connection, own, device).rows("n, raw, chain, confirmed_seq", "n BETWEEN ? AND ?", first, last)
    return [tuple(row) for row in rows]


def confirmed(connection: sa.Connection, own: Own, device: str) -> int:
    """Return up to where headquarters is known to hold a chain."""
    chain = _Chain(connection, own, device)
    first = chain.rows("n", "confirmed_seq IS NULL ORDER BY n LIMIT 1").first()
    return int(first[0]) - 1 if first else tail(connection, own, device).n


def confirm(connection: sa.Connection, own: Own, device: str, have: int, *, durable: int) -> int:
    """Mark entries up to `have` as held by headquarters and later ones as not; return how many are not.

    Past `have` an entry that was read in the stream, in its chain or taken in outside of it, stays marked.
    """
    chain = _Chain(connection, own, device)
    chain.update("confirmed_seq = 0", "n <= ? AND confirmed_seq IS NULL", have)
    chain.update("confirmed_seq = NULL", "n > ? AND confirmed_seq = 0", have)
    set_me(connection, f"durable:{device}", b"%d" % durable)
    return int(chain.rows("count(*)", "confirmed_seq IS NULL").scalar_one())


def durable(connection: sa.Connection, device: str) -> int:
    """Return up to where a chain is inside a backup of headquarters."""
    return int(me_value(connection, f"durable:{device}") or b"0")


def own_run(
    connection: sa.Connection,
    own: Own,
    device: str,
    first: int,
    *,
    entries_max: int,
    bytes_max: int,
    sign: Callable[[bytes], bytes] | None,
) -> Run | None:
    """Return the sealed run from `first`; without a key it ends where a seal was made when it was written."""
    chain = _Chain(connection, own, device)
    prev = chain_at(connection, own, device, first - 1)
    ends = None if sign else _sealed_ends(connection, device, first)
    least = min(ends, default=0) if ends is not None else first
    wanted = max(entries_max, least - first + 1)
    rows = chain.rows("n, raw, chain", "n >= ? ORDER BY n LIMIT ?", first, wanted).all()
    if not rows or prev is None:
        return None
    count = _fitting([len(row[1]) for row in rows], first, least, entries_max=entries_max, bytes_max=bytes_max)
    if ends is not None:
        count = max(end for end in ends if end <= rows[count - 1][0]) - first + 1
    last = rows[count - 1]
    header = RunHeader(
        device=device,
        stream=own.home,
        first=first,
        count=count,
        prev=prev,
        head=last[2],
        seal=sign(seal_text(device, last[0], last[2])) if sign else (ends or {})[last[0]],
    )
    return Run(header=header, lines=tuple(row[1] for row in rows[:count]))


def _fitting(sizes: list[int], first: int, least: int, *, entries_max: int, bytes_max: int) -> int:
    """Return how many lines fit, at least those up to entry `least`, and always one."""
    count = total = 0
    for size in sizes:
        total += size
        if count >= max(1, least - first + 1) and (count >= entries_max or total > bytes_max):
            break
        count += 1
    return count


def _sealed_ends(connection: sa.Connection, device: str, first: int) -> dict[int, bytes]:
    sql = "SELECT first + count - 1, seal FROM run WHERE device = ? AND first + count - 1 >= ? ORDER BY first LIMIT 501"
    return {row[0]: row[1] for row in connection.exec_driver_sql(sql, (device, first))}
