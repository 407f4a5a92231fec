"""The unit of work: entry, row and chain head in one transaction, sealed when it commits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from core.domain.families import BY_RECORD, Family
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.records import Record, canonical_bytes, to_plain
from core.storage import journal, projection, tables
from core.storage.engine import spoken_troubles
from core.storage.held import Own, held_of
from core.sync import merge
from core.sync.entries import Entry, next_hlc
from core.sync.merge import change_of

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class _Statements:
    """The statements of one family. Built once: SQLAlchemy keeps the key of its cache on the statement object."""

    find: Any
    place: Any
    put: Any


@cache
def _statements(name: str) -> _Statements:
    table = tables.TABLES[name]
    wanted = table.c.id == sa.bindparam("id")
    put = insert(table)
    return _Statements(
        find=sa.select(table.c.record).where(wanted),
        place=_place(table),
        put=put.on_conflict_do_update(index_elements=["id"], set_={c.name: put.excluded[c.name] for c in table.c}),
    )


def _place(table: sa.Table) -> Any:
    """Return the query for where an entity stands; `is_gone`: something is held of it, and no row is shown."""
    wanted = sa.bindparam("id")
    row = sa.select(table.c.entry, table.c.made, sa.false().label("is_gone")).where(table.c.id == wanted)
    traces = (
        sa.select(sa.null(), sa.null(), sa.true()).where(one.c.ent == wanted)
        for one in (tables.entry, tables.foreign_entry, tables.past_entry)
    )
    # Asked in this order, and no further than the first that is there.
    return sa.union_all(row, *traces).limit(1)


@cache
def _reading(family: Family, asked: tuple[tuple[str, bool], ...]) -> Any:
    """Return the query for rows by indexed fields; True: any of several values."""
    table = tables.TABLES[family.name]
    query = sa.select(table.c.record).order_by(table.c.made)
    for field, is_any in asked:
        assert field in (*family.indexed, "id"), f"{family.name}.{field} is not indexed"
        wanted = sa.bindparam(field, expanding=is_any)
        query = query.where(table.c[field].in_(wanted) if is_any else table.c[field] == wanted)
    return query


@cache
def _newest(family: Family, field: str, *, is_searched: bool) -> Any:
    """Return the query for the greatest values of an indexed field, read backwards along its index."""
    assert field in family.indexed, f"{family.name}.{field} is not indexed"
    table = tables.TABLES[family.name]
    query = sa.select(table.c.record).order_by(table.c[field].desc(), table.c.made.desc()).limit(sa.bindparam("limit"))
    if not is_searched:
        return query
    return query.where(sa.cast(table.c.record, sa.Text).like(sa.bindparam("part"), escape="\\"))


def _is_plain(text: str) -> bool:
    """Tell whether a text stands in the stored form as it is, and whether LIKE knows both cases of its letters."""
    same_case = all(letter.isascii() or letter.lower() == letter.upper() for letter in text)
    return same_case and canonical_bytes(text) == b'"%s"' % text.encode()


Write = Callable[[Family, Record, "tuple[str, ...] | None"], None]


class FamilyTable(Generic[R]):
    """The live rows of one family inside one transaction."""

    def __init__(self, connection: sa.Connection, family: Family, write: Write) -> None:
        self._connection = connection
        self._family = family
        self._find = _statements(family.name).find
        self._write = write
        self._decoder = msgspec.json.Decoder(family.record)

    def find(self, identifier: str) -> R | None:
        row = self._connection.execute(self._find, {"id": identifier}).first()
        return self._record(row.record) if row else None

    def get(self, identifier: str) -> R:
        record = self.find(identifier)
        if record is None:
            raise Refusal("store.not_found", family=self._family.name, id=identifier)
        return record

    def where(self, **equals: Any) -> Sequence[R]:
        """Return the records whose id or indexed fields equal the values; a set or tuple means any of its values."""
        asked = tuple((field, isinstance(value, tuple | frozenset | set)) for field, value in equals.items())
        values = {
            field: [tables.index_value(one) for one in equals[field]] if is_any else tables.index_value(equals[field])
            for field, is_any in asked
        }
        found = self._connection.execute(_reading(self._family, asked), values)
        return tuple(self._record(row.record) for row in found)

    def newest(self, field: str, *, limit: int, text: str = "") -> Sequence[R]:
        """Return up to `limit` records, the greatest value of an indexed field first; see core.services.ports.Table."""
        values: dict[str, Any] = {"limit": limit}
        is_searched = bool(text) and _is_plain(text)
        if is_searched:
            values["part"] = "%" + text.replace("%", "\\%").replace("_", "\\_") + "%"
        found = self._connection.execute(_newest(self._family, field, is_searched=is_searched), values)
        return tuple(self._record(row.record) for row in found)

    def put(self, record: R, *, parents: tuple[str, ...] | None = None) -> None:
        """Write a new version; `parents` names the leaves that it takes the place of, where it is more than a change
        of what is shown: a person's decision between several values."""
        self._write(self._family, record, parents)

    def _record(self, body: bytes) -> R:
        return self._decoder.decode(body)  # pyright: ignore[reportReturnType]  # the decoder was made for R


class StoreWork:
    """One transaction on main.db (core.services.ports.Work)."""

    def __init__(self, connection: sa.Connection, *, actor: str, clock: Clock, seen: str = "", own: Own) -> None:
        self._connection = connection
        self._clock = clock
        self._seen = seen
        self._own = own
        self.actor = actor
        # The end of the chain before and after this work; read when first wanted: most works only read rows.
        self.before: journal.Head | None = None
        self._head: journal.Head | None = None

    @property
    def head(self) -> journal.Head:
        """The end of the chain as it stands now."""
        if self._head is None:
            self.before = self._head = journal.read_head(self._connection)
        return self._head

    def table(self, kind: type[R]) -> FamilyTable[R]:
        return FamilyTable(self._connection, BY_RECORD[kind], self._put)

    def chain_head(self) -> str:
        return self.head.chain.hex()

    def _put(self, family: Family, record: Record, parents: tuple[str, ...] | None = None) -> None:
        statements = _statements(family.name)
        identifier = str(getattr(record, family.key))
        old = self._connection.execute(statements.place, {"id": identifier}).first()
        leaves = tuple(old.entry.split(" ")) if old and old.entry else ()
        is_simple = tables.CLASHES not in leaves and parents is None
        if old and old.is_gone:
            # Voided: what is written now stands behind that, and is no second beginning beside it.
            leaves, is_simple = self._ends(family, identifier), False
        now = self._clock.now()
        item = Entry(
            id=new_id(),
            n=self.head.n + 1,
            hlc=next_hlc(self.head.hlc, now),
            fam=family.name,
            ent=identifier,
            visit=str(getattr(record, family.visit_field)) if family.visit_field else "",
            parents=parents if parents is not None else tuple(leaf for leaf in leaves if leaf != tables.CLASHES),
            schema=family.schema,
            actor=self.actor,
            at=now,
            blobs=blobs_of(record),
            seen=self._seen,
            body=to_plain(record),
        )
        self._head = journal.append(self._connection, self.head, (item,))
        if not is_simple:
            # Other values stand beside this one: what is shown follows from all of them.
            key = (family.name, identifier)
            held = held_of(self._connection, self._own, (identifier,))[key]
            projection.write_shown(self._connection, {key: projection.shown(family, held)})
            return
        made = old.made if old else projection.made_of(item.hlc)
        values: dict[str, Any] = {"id": identifier, "entry": item.id, "made": made}
        # The plain form is made once: the entry holds it, the row holds its canonical bytes.
        values |= tables.index_columns(family, record) | {"record": canonical_bytes(item.body)}
        self._connection.execute(statements.put, values)

    def _ends(self, family: Family, identifier: str) -> tuple[str, ...]:
        """Return the leaves of an entity of which no row is shown."""
        held = held_of(self._connection, self._own, (identifier,))[family.name, identifier]
        changes = [change_of(one.entry) for one in held if projection.counts(family, one)]
        return tuple(one.id for one in merge.leaves(changes))


def blobs_of(record: Record) -> tuple[str, ...]:
    """Return the content addresses that the record and the records inside it name, each once.

    They stand in the fields `blob`, `media`, `earlier_facts` and `…_blob`.
    """
    return tuple(dict.fromkeys(_addresses(record)))


def _addresses(record: Record) -> Iterator[str]:
    for field in record.__struct_fields__:
        value = getattr(record, field)
        values = value if isinstance(value, tuple) else (value,)
        for one in values:
            if isinstance(one, Record):
                yield from _addresses(one)
            elif one and (field in _BLOB_FIELDS or field.endswith("_blob")):
                yield str(one)


_BLOB_FIELDS = frozenset({"blob", "media", "earlier_facts"})


@dataclass(frozen=True)
class Device:
    """This device's name and its key, as functions, so that the key itself stays in one place."""

    id: str
    public: bytes
    sign: Callable[[bytes], bytes]


_NOBODY = Own("", frozenset(), "")


@dataclass
class Horizon:
    """What this process knows of headquarters' order and of its own devices, kept here so that a save asks nothing.

    Another process that syncs the same home moves on without telling: then `seen` is older, and still true.
    """

    own: Own = _NOBODY
    seen: str = ""


@dataclass(frozen=True)
class WorkOpener:
    """Opens transactions for one person at one device (core.services.ports.OpenWork)."""

    engine: sa.Engine
    path: Path
    device: Device
    clock: Clock
    actor: str
    horizon: Horizon = dataclasses.field(default_factory=Horizon)

    @contextmanager
    def _open(self) -> Generator[StoreWork]:
        with spoken_troubles(self.path), self.engine.begin() as connection:
            horizon = self.horizon
            work = StoreWork(connection, actor=self.actor, clock=self.clock, seen=horizon.seen, own=horizon.own)
            yield work
            if work.before is not None and work.head.n != work.before.n:
                journal.seal_run(
                    connection, device=self.device.id, before=work.before, after=work.head, sign=self.device.sign
                )

    def __call__(self) -> Any:
        return self._open()
