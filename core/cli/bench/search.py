"""`bench search`: typing into the search over the encrypted store, against LIKE '%…%' on the same file."""

from __future__ import annotations

from typing import Any

from core.cli.bench.figures import (
    Result,
    at_least,
    at_most,
    machine,
    median,
    processor_seconds,
    rounded,
    seconds,
    settle,
    share,
)
from core.cli.bench.queries import Typed, typed_queries
from core.cli.bench.setting import Setting
from core.domain.search_terms import normal
from core.storage.engine import reader_engine

FRAME_MS = 16
FASTER = 50
LIMIT = 20
TARGETS = 25
SLOW_SAMPLES = 3

# The best first, as the search answers: LIKE must look at every row for that.
ALL_ROWS = f"SELECT body FROM row WHERE {{}} ORDER BY length(body) LIMIT {LIMIT}"
FIRST_FOUND = f"SELECT body FROM row WHERE {{}} LIMIT {LIMIT}"


def run(setting: Setting) -> Result:
    """Measure every key press of the typed queries, and LIKE on a sample of the whole queries."""
    store = setting.store
    queries = typed_queries(store.rows, setting.times(TARGETS))
    with store.session() as session:
        search = session.enterprises.search
        search("长沙", limit=LIMIT)
        settle()
        keys: dict[str, list[float]] = {}
        found = 0
        for query in queries:
            for text in query.prefixes():
                keys.setdefault(query.way, []).append(seconds(lambda text=text: search(text, limit=LIMIT)) * 1000)
            found += any(hit.id == query.target for hit in search(query.text, limit=LIMIT))
        busy = [
            processor_seconds(lambda text=text: search(text, limit=LIMIT)) * 1000
            for query in queries
            for text in query.prefixes()
        ]
    every = [one for samples in keys.values() for one in samples]
    sample = [query for query in queries if query.way in ("name part", "two words")]
    sample = sample[:: max(1, len(sample) // setting.times(SLOW_SAMPLES))][: setting.times(SLOW_SAMPLES)]
    slow, early = _like(store.enterprises_path, store.reference_key, sample)
    p50, p95 = median(every), share(every, 95)
    return Result(
        bench="search",
        rows=store.rows,
        figure=rounded(p50),
        unit="ms",
        baseline=rounded(median(slow)),
        ratio=rounded(median(slow) / p50),
        runs=len(every),
        machine=machine(),
        what="answer to one key while typing (name part, two words, initials, code)",
        baseline_what="LIKE '%…%' over the same file, best 20 first",
        ratio_means="times faster",
        lowest=rounded(min(every)),
        highest=rounded(max(every)),
        aims=(at_most("p95 ms", p95, FRAME_MS), at_least("times faster", median(slow) / p50, FASTER)),
        details={"p50": rounded(p50), "p95": rounded(p95), "worst": rounded(max(every))}
        | {f"p95 {way}": rounded(share(samples, 95)) for way, samples in keys.items()}
        | {"p50 of the processor": rounded(median(busy)), "p95 of the processor": rounded(share(busy, 95))}
        | {"LIKE, any 20 rows": rounded(median(early)), "found the one meant": f"{found}/{len(queries)}"},
    )


def _like(path: Any, key: bytes, sample: list[Typed]) -> tuple[list[float], list[float]]:
    """Return the milliseconds of LIKE with the best rows first, and with whichever 20 rows come first."""
    engine = reader_engine(path, key)
    taken: tuple[list[float], list[float]] = ([], [])
    with engine.begin() as connection:
        for query in sample:
            words = [f"%{normal(word)}%" for word in query.text.split()]
            condition = " AND ".join("CAST(body AS TEXT) LIKE ?" for _ in words)
            for samples, statement in zip(taken, (ALL_ROWS, FIRST_FOUND), strict=True):
                sql = statement.format(condition)
                ask = lambda sql=sql, words=words: connection.exec_driver_sql(sql, tuple(words)).all()  # noqa: E731  # a loop's own call, timed once
                samples.append(seconds(ask) * 1000)
    engine.dispose()
    return taken
