"""`bench encrypt`: what a person waits for on an encrypted and on a plain store, in turn; raw ratios beside it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.cli.bench.figures import Result, at_most, interleaved, machine, median, rounded, settle
from core.cli.bench.plain import twins
from core.cli.bench.queries import typed_queries
from core.cli.bench.save import saver
from core.cli.bench.setting import Setting
from core.cli.bench.store import USUAL_ROWS, BenchStore
from core.domain.checklists import Answer
from core.domain.visits import Visit
from core.kernel.clock import SystemClock
from core.kernel.ids import new_id
from core.storage.held import Own
from core.storage.ref_search import search
from core.storage.work import Horizon, WorkOpener

TIMES_PLAIN = 1.15
ROUNDS = 300
PAGE_ROUNDS = 100
ROWS_MAX = USUAL_ROWS
"""Both copies lie on the disk beside the store."""

Pair = tuple[list[float], list[float]]


def run(setting: Setting) -> Result:
    """Measure search, opening a visit and saving on both twins; then raw reading and writing without an aim."""
    setting = Setting(min(setting.rows, ROWS_MAX), setting.base, setting.progress, setting.is_quick)
    store = setting.store
    with tempfile.TemporaryDirectory(dir=store.folder.parent) as name:
        folder = Path(name)
        searched = _search(store, folder, setting)
        waited, raw = _main(store, folder, setting)
    waited = {"search, a key": searched, **waited}
    ratios = {what: median(sealed) / median(plain) for what, (sealed, plain) in waited.items()}
    sealed_ms, plain_ms = (sum(median(pair[side]) for pair in waited.values()) * 1000 for side in (0, 1))
    return Result(
        bench="encrypt",
        rows=store.rows,
        figure=rounded(sealed_ms),
        unit="ms",
        baseline=rounded(plain_ms),
        ratio=rounded(sealed_ms / plain_ms),
        runs=setting.times(ROUNDS),
        machine=machine(),
        what="one key in the search, one visit opened, one answer saved; encrypted",
        baseline_what="the same on a store without encryption",
        ratio_means="times the baseline",
        lowest=rounded(sum(min(pair[0]) for pair in waited.values()) * 1000),
        highest=rounded(sum(max(pair[0]) for pair in waited.values()) * 1000),
        aims=(at_most("times plain, together", sealed_ms / plain_ms, TIMES_PLAIN),),
        details={f"{what}, times plain": rounded(ratio) for what, ratio in ratios.items()}
        | {f"raw: {what}, times plain": rounded(median(pair[0]) / median(pair[1])) for what, pair in raw.items()},
    )


def _search(store: BenchStore, folder: Path, setting: Setting) -> Pair:
    texts = [text for query in typed_queries(store.rows, 5) for text in query.prefixes()]

    def asker(engine: Any) -> Callable[[], None]:
        left = iter(texts * 100)

        def ask() -> None:
            with engine.begin() as connection:
                search(connection, next(left), limit=20)

        return ask

    with twins(store.enterprises_path, store.reference_key, folder, writes=False) as engines:
        return _pair(setting.times(ROUNDS), *(asker(engine) for engine in engines))


def _main(store: BenchStore, folder: Path, setting: Setting) -> tuple[dict[str, Pair], dict[str, Pair]]:
    with store.session() as session:
        device, actor = session.device, session.account.officer
    with twins(store.main_path, store.main_key, folder, writes=True) as engines:
        openers = [
            WorkOpener(
                engine=engine,
                path=folder,
                device=device,
                clock=SystemClock(),
                actor=actor,
                horizon=Horizon(own=Own("", frozenset(), "")),
            )
            for engine in engines
        ]
        waited = {
            "open a visit": _pair(setting.times(PAGE_ROUNDS), *(visit_opener(one, store.rows) for one in openers)),
            "save an answer": _pair(setting.times(ROUNDS), *(saver(one, new_id()) for one in openers)),
        }
        raw = {
            "scan of the journal": _pair(3, *(_scanner(engine) for engine in engines)),
            "one row by its key": _pair(setting.times(ROUNDS), *(_reader(engine) for engine in engines)),
        }
    return waited, raw


def visit_opener(open_work: Any, rows: int) -> Callable[[], None]:
    """Return a call that reads the next visit and its answers, as its page does."""
    visits = max(1, rows // 40)
    turn = 0

    def read() -> None:
        nonlocal turn
        turn += 1
        identifier = f"bench-{turn * 9973 % visits:08d}"
        with open_work() as work:
            work.table(Visit).get(identifier)
            answers = work.table(Answer).where(visit=identifier)
            assert len(answers) == 50, "a past visit has 50 answers"

    return read


def _scanner(engine: Any) -> Callable[[], None]:
    def scan() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT sum(length(raw)) FROM entry").all()

    return scan


def _reader(engine: Any) -> Callable[[], None]:
    turn = 0

    def read() -> None:
        nonlocal turn
        turn += 1
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT raw FROM entry WHERE n = ?", (1 + turn * 7919 % 100_000,)).all()

    return read


def _pair(rounds: int, *works: Callable[[], None]) -> Pair:
    for work in works:
        work()
    settle()
    sealed, plain = interleaved(rounds, *works)
    return sealed, plain
