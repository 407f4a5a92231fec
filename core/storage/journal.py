"""The journal: entries in, verification, and the rebuilding of every row from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from core.kernel.records import Record
from core.storage import projection, tables
from core.storage.foreign_check import foreign_breaks
from core.storage.held import Own, all_held
from core.sync.entries import CHAIN_START, Break, Entry, Link, decode, encode, next_chain, seal_text, walk

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes, bytes], bool]
PublicOf = Callable[[str], bytes]

BATCH = 2_000

# Built once: SQLAlchemy keeps the key of its cache on the statement object, and every save runs these.
_HEAD = sa.select(tables.entry.c.n, tables.entry.c.chain, tables.entry.c.hlc).order_by(tables.entry.c.n.desc()).limit(1)
_ADD_ENTRY = sa.insert(tables.entry)
_ADD_RUN = sa.insert(tables.run)


class Head(Record):
    """The end of the chain: how many entries, the chain value, and the last clock value."""

    n: int
    chain: bytes
    hlc: str


class LogReport(Record):
    """What `log verify` found. `head` is the chain value in hex; `bad` is empty exactly when all holds."""

    verdict: str
    entries: int
    head: str
    bad: tuple[Break, ...]
    foreign: int = 0
    """Entries of others that are held and were checked."""


def read_head(connection: sa.Connection) -> Head:
    """Return the end of the chain as this transaction sees it."""
    row = connection.execute(_HEAD).first()
    return Head(n=row.n, chain=row.chain, hlc=row.hlc) if row else Head(n=0, chain=CHAIN_START, hlc="")


def append(connection: sa.Connection, head: Head, entries: Sequence[Entry]) -> Head:
    """Write the entries behind the head and return the new head."""
    rows: list[dict[str, int | str | bytes]] = []
    chain = head.chain
    for item in entries:
        raw = encode(item)
        chain = next_chain(chain, raw)
        rows.append(
            {"n": item.n, "id": item.id, "fam": item.fam, "ent": item.ent, "visit": item.visit, "hlc": item.hlc}
            | {"raw": raw, "chain": chain}
        )
    connection.execute(_ADD_ENTRY, rows)
    return Head(n=entries[-1].n, chain=chain, hlc=entries[-1].hlc)


def past_links(connection: sa.Connection, device: str) -> Iterator[Link]:
    """Yield the chain of a device that this station was before a restore."""
    t = tables.past_entry
    query = sa.select(t.c.n, t.c.raw, t.c.chain).where(t.c.device == device).order_by(t.c.n)
    for row in connection.execution_options(yield_per=BATCH).execute(query):
        yield Link(n=row.n, raw=row.raw, chain=row.chain)


def seal_run(connection: sa.Connection, *, device: str, before: Head, after: Head, sign: Sign) -> None:
    """Seal the entries between two heads with the device's key."""
    connection.execute(
        _ADD_RUN,
        {
            "device": device,
            "first": before.n + 1,
            "count": after.n - before.n,
            "prev": before.chain,
            "head": after.chain,
            "seal": sign(seal_text(device, after.n, after.chain)),
        },
    )


def links(connection: sa.Connection) -> Iterator[Link]:
    """Yield the chain from its first entry, a batch at a time."""
    t = tables.entry
    last = 0
    while True:
        query = sa.select(t.c.n, t.c.raw, t.c.chain).where(t.c.n > last).order_by(t.c.n).limit(BATCH)
        rows = connection.execute(query).all()
        for row in rows:
            yield Link(n=row.n, raw=row.raw, chain=row.chain)
        if len(rows) < BATCH:
            return
        last = rows[-1].n


def verify(
    connection: sa.Connection,
    *,
    device: str,
    public_of: PublicOf,
    check: Verify,
    home: str = "",
    expected_head: str = "",
) -> LogReport:
    """Check every link and every seal, and that the seals cover the chains without a gap; past and foreign ones too.

    With `expected_head` (hex, from a paper) also that this head lies on a chain: a cut-off tail or an old copy
    of the whole file does not hold it.
    """
    bad: list[Break] = []
    count = 0
    is_expected_seen = not expected_head
    devices = [row.device for row in connection.execute(sa.select(tables.past_entry.c.device).distinct())]
    for owner in (*devices, device):
        chain = links(connection) if owner == device else past_links(connection, owner)
        runs = connection.execute(sa.select(tables.run).where(tables.run.c.device == owner).order_by("first")).all()
        ends = {end for row in runs for end in (row.first - 1, row.first + row.count - 1)}
        heads: dict[int, bytes] = {0: CHAIN_START}
        last = 0
        for step in walk(chain):
            if isinstance(step, Break):
                bad.append(step)
                continue
            count += 1
            last = step.n
            if step.n in ends:
                heads[step.n] = step.chain
            is_expected_seen = is_expected_seen or step.chain.hex().startswith(expected_head.lower())
        bad.extend(_bad_seals(runs, last=last, heads=heads, public=public_of(owner), check=check))
    bad.extend(_bad_columns(connection))
    own = Own(device, frozenset((*devices, device)), home)
    bad.extend(foreign_breaks(connection, own, check=check))
    foreign = int(connection.exec_driver_sql("SELECT count(*) FROM foreign_entry").scalar_one())
    end = read_head(connection)
    if not is_expected_seen:
        bad.append(Break(n=end.n, entry="", why="head_not_on_chain"))
    verdict = "broken" if bad else "intact"
    return LogReport(verdict=verdict, entries=count, head=end.chain.hex(), bad=tuple(bad), foreign=foreign)


def _bad_seals(
    runs: Sequence[sa.Row[Any]], *, last: int, heads: dict[int, bytes], public: bytes, check: Verify
) -> Iterator[Break]:
    covered = 0
    for row in runs:
        end = row.first + row.count - 1
        if row.first != covered + 1:
            yield Break(n=covered + 1, entry="", why="unsealed")
        covered = end
        if heads.get(row.first - 1) != row.prev or heads.get(end) != row.head:
            yield Break(n=end, entry="", why="seal_does_not_fit")
        elif not check(public, seal_text(row.device, end, row.head), row.seal):
            yield Break(n=end, entry="", why="seal_forged")
    if covered != last:
        yield Break(n=min(covered, last) + 1, entry="", why="unsealed" if covered < last else "cut_off")


def _bad_columns(connection: sa.Connection) -> Iterator[Break]:
    """Yield entries whose columns tell something else than their bytes."""
    t = tables.entry
    columns = sa.select(t.c.n, t.c.id, t.c.fam, t.c.ent, t.c.visit, t.c.raw).order_by(t.c.n)
    for row in connection.execute(columns):
        item = decode(row.raw)
        if (item.id, item.fam, item.ent, item.visit) != (row.id, row.fam, row.ent, row.visit):
            yield Break(n=row.n, entry=row.id, why="column")


def rebuilt_rows(connection: sa.Connection, own: Own) -> dict[tuple[str, str], tuple[str, bytes]]:
    """Return every row as the entries alone give it: (family, id) to (leaves, canonical record)."""
    return projection.rows_of(all_held(connection, own))


def differing_rows(connection: sa.Connection, own: Own) -> tuple[str, ...]:
    """Return "family/id" of every row that differs from what the entries give; empty when all is equal."""
    expected = rebuilt_rows(connection, own)
    differing: list[str] = []
    for name, table in tables.TABLES.items():
        live = connection.execute(sa.select(table.c.id, table.c.entry, table.c.record))
        differing.extend(
            f"{name}/{row.id}" for row in live if expected.pop((name, row.id), None) != (row.entry, row.record)
        )
    differing.extend(f"{family}/{entity}" for family, entity in expected)
    return tuple(sorted(differing))
