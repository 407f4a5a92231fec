"""Chains of other devices as they are held here: where they end, whether a run follows, runs that only we hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from core.domain.shared_state import StationDevice
from core.domain.station_events import TrustedKey
from core.kernel.records import from_plain, parse_json
from core.storage.held import Key, Own
from core.storage.own_chain import me_value, own_lines
from core.sync.entries import CHAIN_START, next_chain
from core.sync.ports import Tail
from core.sync.runs import CheckedRun, Run, RunHeader
from core.sync.streams import hq_device, is_hq

HQ_PUBLIC = "hq_public"
"""Headquarters' Ed25519 key, in `me`."""
HQ_PUBLIC_PAST = "hq_public_past"
"""Keys that headquarters had before, one behind the other: what they sealed stays sealed."""
_KEY_BYTES = 32


def tail(connection: sa.Connection, device: str) -> Tail:
    """Return the end of another device's chain as far as it is held."""
    row = connection.exec_driver_sql(
        "SELECT n, chain FROM foreign_entry WHERE device = ? AND chain != x'' ORDER BY n DESC, pos DESC LIMIT 1",
        (device,),
    ).first()
    return Tail(n=row[0], chain=row[1]) if row else Tail(n=0, chain=CHAIN_START)


def held_tails(connection: sa.Connection) -> dict[str, int]:
    """Return how far the chains of other devices are held."""
    rows = connection.exec_driver_sql("SELECT device, max(n) FROM foreign_entry WHERE chain != x'' GROUP BY device")
    return {row[0]: row[1] for row in rows if not is_hq(row[0])}


def chain_values(connection: sa.Connection, device: str, n: int) -> set[bytes]:
    """Return every chain value that is held after entry n: more than one where a chain had parted."""
    if n == 0:
        return {CHAIN_START}
    sql = "SELECT chain FROM foreign_entry WHERE device = ? AND n = ?"
    return {row[0] for row in connection.exec_driver_sql(sql, (device, n)) if row[0]}


def keep_seals(connection: sa.Connection, runs: Iterable[CheckedRun]) -> None:
    """Keep the seals of runs of others."""
    values = [
        (one.device, one.first, one.head, one.stream, one.count, one.prev, one.seal, one.suite)
        for one in (run.header for run in runs)
    ]
    if values:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO foreign_run(device, first, head, stream, count, prev, seal, suite)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )


def only_here(connection: sa.Connection) -> tuple[tuple[Any, ...], ...]:
    """Return device, first, head of each run of others with an entry that is not known to be at headquarters.

    Headquarters' own chains first: what it had answered must be back before what it answers to comes again.
    """
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT r.device, r.first, r.head FROM foreign_entry f CROSS JOIN foreign_run r"
        " ON r.device = f.device AND f.n BETWEEN r.first AND r.first + r.count - 1"
        " WHERE f.seq IS NULL ORDER BY r.device, r.first"
    )
    return tuple(sorted((tuple(row) for row in rows), key=lambda run: not is_hq(run[0])))


def held_run(connection: sa.Connection, own: Own, device: str, first: int, head: bytes) -> Run | None:
    """Return a held run of another device as it was sealed; None where none of its lines is only here, or one lacks."""
    row = connection.exec_driver_sql(
        "SELECT stream, count, prev, seal, suite FROM foreign_run WHERE device = ? AND first = ? AND head = ?",
        (device, first, head),
    ).first()
    if row is None:
        return None
    header = RunHeader(
        device=device, stream=row[0], first=first, count=row[1], prev=row[2], head=head, seal=row[3], suite=row[4]
    )
    lines = lines_of_run(connection, own, header)
    is_only_here = any(seq is None for _, seq in lines)
    return (
        Run(header=header, lines=tuple(raw for raw, _ in lines))
        if is_only_here and len(lines) == header.count
        else None
    )


def lines_of_run(connection: sa.Connection, own: Own, header: RunHeader) -> list[tuple[bytes, int | None]]:
    """Return line and place of each entry of a run, back from its end as far as its chain is held without a hole.

    From the end, since a chain that had parted is held with several entries of one number: only the sealed end tells
    which of them belong to this run. The chain of a disk that was copied may have parted from our own.
    """
    span = (header.first, header.last)
    rows = connection.exec_driver_sql(
        "SELECT n, raw, chain, seq FROM foreign_entry WHERE device = ? AND n BETWEEN ? AND ?", (header.device, *span)
    ).all()
    mine = own_lines(connection, own, header.device, *span) if header.device in own.devices else ()
    held: defaultdict[int, list[tuple[bytes, bytes, int | None]]] = defaultdict(list)
    for n, raw, chain, seq in (*rows, *mine):
        held[n].append((raw, chain, seq))
    found: list[tuple[bytes, int | None]] = []
    end = header.head
    for n in range(header.last, header.first - 1, -1):
        before = {header.prev} if n == header.first else {chain for _, chain, _ in held[n - 1]}
        steps = ((raw, seq, value) for raw, chain, seq in held[n] if chain == end for value in before)
        step = next((one for one in steps if next_chain(one[2], one[0]) == end), None)
        if step is None:
            break
        raw, seq, end = step
        found.append((raw, seq))
    return found[::-1]


def note_beside(connection: sa.Connection, own: Own, run: RunHeader) -> set[Key]:
    """Give what of a run has no place the place 0: at headquarters, beside the stream.

    Returns the keys of what headquarters itself had said in them: their rows are to be made again.
    """
    chain, touched = run.prev, set[Key]()
    for n, (line, _) in enumerate(lines_of_run(connection, own, run), run.first):
        chain = next_chain(chain, line)
        rows = connection.exec_driver_sql(
            "UPDATE foreign_entry SET seq = 0, stream = ? WHERE device = ? AND n = ? AND chain = ? AND seq IS NULL"
            " RETURNING fam, ent",
            (run.stream, run.device, n, chain),
        )
        touched |= {(row[0], row[1]) for row in rows}
    return touched if is_hq(run.device) else set()


def unsaid(connection: sa.Connection, stream: str) -> set[Key]:
    """Return the keys of what headquarters had said once and, as a stream was read so far, says no longer."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT fam, ent FROM foreign_entry WHERE coalesce(seq, 0) = 0 AND device = ?", (hq_device(stream),)
    )
    return {(row[0], row[1]) for row in rows}


def public_of(connection: sa.Connection, device: str) -> bytes | None:
    """Return the public key of a device: own, headquarters', told by headquarters, or trusted by a person."""
    if is_hq(device):
        return me_value(connection, HQ_PUBLIC)
    own = me_value(connection, f"public:{device}")
    if own is not None:
        return own
    row = connection.exec_driver_sql("SELECT record FROM f_station_device WHERE id = ?", (device,)).first()
    if row is not None:
        return bytes.fromhex(from_plain(StationDevice, parse_json(row[0])).public)
    for trusted in connection.exec_driver_sql("SELECT record FROM f_trusted_key").all():
        key = from_plain(TrustedKey, parse_json(trusted[0]))
        if key.device == device and not key.is_void:
            return bytes.fromhex(key.public)
    return None


def sealers_of(connection: sa.Connection, device: str) -> tuple[bytes, ...]:
    """Return the keys with which a chain may have been sealed: of headquarters also those it had before."""
    living = public_of(connection, device) or b""
    past = me_value(connection, HQ_PUBLIC_PAST) or b"" if is_hq(device) else b""
    return (living, *(past[at : at + _KEY_BYTES] for at in range(0, len(past), _KEY_BYTES)))
