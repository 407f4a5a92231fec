"""Past visits in bulk: real entries, a real chain, one seal a run, so that the full-size store verifies like any other.

A visit has 51 entries: itself and 50 answers. They count as confirmed by headquarters, as an archive would be.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from core.domain.checklists import Answer, Verdict
from core.domain.families import BY_RECORD
from core.domain.visits import Visit, VisitKind, VisitState
from core.kernel.ids import cell_id, new_id
from core.kernel.progress import Progress
from core.kernel.records import canonical_bytes, to_plain
from core.services.demo.enterprises import EnterpriseMaker
from core.storage import journal, tables
from core.storage.engine import writer_engine
from core.storage.work import Device
from core.sync.entries import Entry, encode, next_chain, next_hlc

ANSWERS = 50
ENTRIES = ANSWERS + 1
VISITS_A_BATCH = 200
RUN = 500
"""Entries under one seal."""
BEGUN_AT = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)
COLUMNS = {
    "entry": ("n", "id", "fam", "ent", "visit", "hlc", "raw", "chain", "confirmed_seq"),
    **{f"f_{name}": tables.TABLES[name].columns.keys() for name in ("visit", "answer")},
}
BULK_CACHE_KB = 262_144
"""The keys of answers are spread evenly (UUIDv5): their index must stay in memory while it grows."""


class PastVisits:
    """Writes the visits that are still missing; cut short, it goes on where the last whole batch ended."""

    def __init__(self, path: Path, key: bytes, device: Device, *, subject: str, officers: tuple[str, ...]) -> None:
        self._engine = writer_engine(path, key)
        self._device = device
        self._officers = officers
        self._maker = VisitMaker(subject, officers)

    def write(self, count: int, enterprises: int, progress: Progress) -> None:
        """Bring the store to `count` past visits at as many of the first `enterprises` enterprises."""
        by_entity = next(index for index in tables.entry.indexes if index.name == "entry_by_entity")
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA cache_size = -{BULK_CACHE_KB}")
            done = self._done(connection)
            if done < count:
                by_entity.drop(connection, checkfirst=True)
        while done < count:
            batch = range(done, min(done + VISITS_A_BATCH, count))
            with self._engine.begin() as connection:
                self._write_batch(connection, batch, enterprises)
            done = batch.stop
            progress.step(done, count, "visits")
        with self._engine.begin() as connection:
            # Built at the end by sorting: kept up row by row it would cost as much as all the rest.
            by_entity.create(connection, checkfirst=True)
            connection.exec_driver_sql("ANALYZE")
        self._engine.dispose()

    def _done(self, connection: Any) -> int:
        found = connection.exec_driver_sql("SELECT count(*) FROM f_visit WHERE id LIKE 'bench-%'")
        return int(found.scalar_one())

    def _write_batch(self, connection: Any, numbers: range, enterprises: int) -> None:
        head = journal.read_head(connection)
        before, unsealed = head, 0
        rows: dict[str, list[tuple[Any, ...]]] = {"entry": [], "f_visit": [], "f_answer": []}
        for number in numbers:
            for record in self._maker.records(number, enterprises):
                head = self._add(rows, head, record)
                unsealed += 1
                if unsealed == RUN:
                    self._seal(connection, before, head)
                    before, unsealed = head, 0
        if unsealed:
            self._seal(connection, before, head)
        for table, found in rows.items():
            names, marks = ", ".join(COLUMNS[table]), ", ".join("?" * len(COLUMNS[table]))
            # In the order they were made: the answers of a visit lie together, as they do where people work.
            connection.exec_driver_sql(f"INSERT INTO {table}({names}) VALUES ({marks})", found)

    def _seal(self, connection: Any, before: journal.Head, after: journal.Head) -> None:
        journal.seal_run(connection, device=self._device.id, before=before, after=after, sign=self._device.sign)

    def _add(self, rows: dict[str, list[tuple[Any, ...]]], head: journal.Head, record: Visit | Answer) -> journal.Head:
        family = BY_RECORD[type(record)]
        visit, at = (record.id, record.created_at) if isinstance(record, Visit) else (record.visit, record.answered_at)
        item = Entry(
            id=new_id(),
            n=head.n + 1,
            hlc=next_hlc(head.hlc, BEGUN_AT),
            fam=family.name,
            ent=record.id,
            visit=visit,
            schema=family.schema,
            actor=self._officers[0],
            at=at,
            body=to_plain(record),
        )
        raw = encode(item)
        chain = next_chain(head.chain, raw)
        rows["entry"].append((item.n, item.id, item.fam, item.ent, visit, item.hlc, raw, chain, item.n))
        indexed = tables.index_columns(family, record).values()
        rows[f"f_{family.name}"].append((record.id, item.id, item.n, *indexed, canonical_bytes(item.body)))
        return journal.Head(n=item.n, chain=chain, hlc=item.hlc)


@cache
def _enterprise_maker() -> EnterpriseMaker:
    # Five hundred stations need not learn five hundred times how names are made.
    return EnterpriseMaker()


class VisitMaker:
    """Makes finished visits and their answers, the same for the same number."""

    def __init__(self, subject: str, officers: tuple[str, ...]) -> None:
        self._subject, self._officers = subject, officers
        self._maker = _enterprise_maker()

    def records(self, number: int, enterprises: int, *, answers: int = ANSWERS) -> Iterator[Visit | Answer]:
        """Yield visit `number`, at one of the first `enterprises` enterprises, and then its answers."""
        visit = self._visit(number, enterprises)
        yield visit
        for point in range(answers):
            yield Answer(
                id=cell_id(visit.id, visit.items[0], f"point-{point}", "0"),
                visit=visit.id,
                item=visit.items[0],
                point=f"point-{point}",
                verdict=Verdict.FAIL if (number + point) % 37 == 0 else Verdict.PASS,
                note="现场已拍照,见证据清单" if point % 10 == 0 else "",
                answered_at=visit.created_at + timedelta(seconds=30 * point),
                answered_by=self._officers[0],
            )

    def _visit(self, number: int, enterprises: int) -> Visit:
        enterprise = self._maker.row(number * 7919 % enterprises)
        at = BEGUN_AT + timedelta(minutes=10 * number)
        return Visit(
            id=f"bench-{number:08d}",
            number=f"{at:%y%m%d}-{number % 10000:04d}",
            kind=VisitKind.ROUTINE,
            state=VisitState.ARCHIVED,
            subject=self._subject,
            enterprise=enterprise.id,
            enterprise_name=enterprise.name,
            uscc=enterprise.uscc,
            address=enterprise.address,
            items=(f"bench-item-{number % 10_000}",),
            officers=self._officers,
            planned_from=at,
            planned_to=at + timedelta(hours=4),
            place=enterprise.address,
            created_at=at,
            created_by=self._officers[0],
            inspecting_at=at + timedelta(hours=1),
            recorded_at=at + timedelta(hours=2),
            closed_at=at + timedelta(hours=3),
            archived_at=at + timedelta(days=30),
            conclusion="检查未发现问题(基准测试)",
            is_demo=True,
        )
