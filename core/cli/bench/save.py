"""`bench save`: one checklist answer saved durably, against a Core transaction that writes as many rows as durably."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from core.cli.bench.figures import Result, at_most, interleaved, machine, median, rounded, settle, share
from core.cli.bench.setting import Setting
from core.cli.bench.store import BenchStore
from core.domain.checklists import Answer, Verdict
from core.kernel.ids import cell_id, new_id
from core.kernel.records import canonical_bytes
from core.services.ports import OpenWork
from core.storage import tables
from core.storage.engine import writer_engine

TIMES_BASELINE = 2
P95_MS = 5
ROUNDS = 400
WARM_UP = 20
FAMILY = tables.TABLES["answer"]


def run(setting: Setting) -> Result:
    """Save and write in turn, on the same file."""
    store = setting.store
    with store.session() as session, plain_writes(store, setting.times(ROUNDS) + WARM_UP) as write:
        save = saver(session.open_work, new_id())
        for _ in range(WARM_UP):
            save()
            write()
        settle()
        saves, writes = interleaved(setting.times(ROUNDS), save, write)
    ms = [one * 1000 for one in saves]
    ratio = median(saves) / median(writes)
    p95 = share(ms, 95)
    return Result(
        bench="save",
        rows=store.rows,
        figure=rounded(median(ms)),
        unit="ms",
        baseline=rounded(median(writes) * 1000),
        ratio=rounded(ratio),
        runs=len(ms),
        machine=machine(),
        what="one checklist answer: row, entry, chain, seal, durable",
        baseline_what="three rows of the same bytes in one durable Core transaction, same file",
        ratio_means="times the baseline",
        lowest=rounded(min(ms)),
        highest=rounded(max(ms)),
        aims=(at_most("times the baseline", ratio, TIMES_BASELINE), at_most("p95 ms", p95, P95_MS)),
        details={"p95": rounded(p95), "baseline p95": rounded(share(writes, 95) * 1000)},
    )


def saver(open_work: OpenWork, visit: str) -> Callable[[], None]:
    """Return a call that saves the next answer of a visit."""
    count = 0

    def save() -> None:
        nonlocal count
        count += 1
        with open_work() as work:
            work.table(Answer).put(answer_of(visit, count))

    return save


def answer_of(visit: str, number: int) -> Answer:
    """Return the answer to point `number`."""
    return Answer(
        id=cell_id(visit, "bench-item-1", f"point-{number}", "0"),
        visit=visit,
        item="bench-item-1",
        point=f"point-{number}",
        verdict=Verdict.PASS,
        note="现场已拍照",
        answered_at=datetime.now(UTC),
        answered_by="o-1",
    )


@contextmanager
def plain_writes(store: BenchStore, count: int) -> Generator[Callable[[], None]]:
    """Give a call that writes an entry, a row and a seal of ready-made bytes into the store's own tables.

    `count` sets of rows are made beforehand. They lie at numbers below zero, where no chain is, and go afterwards.
    """
    engine = writer_engine(store.main_path, store.main_key)
    statements = (tables.entry.insert(), FAMILY.insert(), tables.run.insert())
    _take_away(engine)
    ready = [rows_of(number) for number in range(1, count + 1)]

    def write() -> None:
        with engine.begin() as connection:
            for statement, row in zip(statements, ready.pop(), strict=True):
                connection.execute(statement, row)

    yield write
    _take_away(engine)
    engine.dispose()


def rows_of(number: int) -> tuple[dict[str, Any], ...]:
    """Return rows of the sizes that a save writes, at numbers below zero."""
    body = canonical_bytes(answer_of("bench", number))
    entry = {"n": -number, "id": new_id(), "fam": "answer", "ent": cell_id(f"{number}"), "visit": "bench"}
    entry |= {"hlc": "019a00000000-0000", "raw": body + b" " * 320, "chain": bytes(32)}
    row = {"id": f"bench-{entry['ent']}", "entry": entry["id"], "made": -number, "visit": "bench", "record": body}
    seal = {"device": "bench", "first": -number, "count": 1, "prev": bytes(32), "head": bytes(32), "seal": bytes(64)}
    return entry, row, seal


def _take_away(engine: Any) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM entry WHERE n < 0")
        connection.exec_driver_sql("DELETE FROM f_answer WHERE visit = 'bench'")
        connection.exec_driver_sql("DELETE FROM run WHERE device = 'bench'")
