"""`bench ingest`: headquarters on PostgreSQL takes in many stations, against bare COPY of the bytes.

A push keeps leaves, families, media and headquarters' own records beside the log in its transaction. The shown rows
(core.hq.projections) are made when somebody asks for them, and are no part of this figure.

First 8 stations with long chains, against the time that the same lines take to be copied into one table with a
commit a batch. Then 500 stations that hand over one visit of 250 answers each. It stops by itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import httpx
import psycopg

from core.cli.bench.figures import Result, at_least, at_most, machine, median, rounded, seconds, settle
from core.cli.bench.hq_matter import BenchHq, Chain, serving_hq
from core.cli.bench.setting import Setting
from core.remote.door import ENTRY_TYPE
from core.sync.runs import ENTRIES_MAX

OF_COPY = 0.4
VISITS_A_SECOND = 50
STATIONS, CHANGES_MAX = 8, 40_000
MANY, MANY_QUICK, ANSWERS, STATIONS_A_BODY = 500, 16, 250, 20
CLIENTS = 16
"""Requests at once from the many stations; the server works on as many."""
STOP_AFTER_S = 300
ANSWER_S = 60
COPIES = 3
ANSWERS_A_VISIT = 50


@dataclass
class Handed:
    """What one crowd of stations came to."""

    seconds: float
    failures: int


def run(setting: Setting) -> Result:
    """Measure both crowds on one headquarters, and the floor beside them."""
    changes = min(setting.rows, CHANGES_MAX)
    few = [_few(number, changes // STATIONS) for number in range(STATIONS)]
    many = [_one_visit(number) for number in range(MANY_QUICK if setting.is_quick else MANY)]
    with serving_hq() as hq:
        hq.admit_all([*few, *many])
        lines = [line for chain in few for line in chain.lines]
        settle()
        floors = [seconds(partial(_copy, hq, lines)) for _ in range(COPIES)]
        first = _hand_over(hq, few, clients=STATIONS)
        settle()
        second = _hand_over(hq, many, clients=CLIENTS)
    rate, floor = len(lines) / first.seconds, len(lines) / median(floors)
    visits = (len(many) - second.failures) / second.seconds
    failures = first.failures + second.failures
    return Result(
        bench="ingest",
        rows=len(lines),
        figure=rounded(rate),
        unit="changes/s",
        baseline=rounded(floor),
        ratio=rounded(rate / floor),
        runs=1,
        machine=machine(),
        what=f"{STATIONS} stations hand over to headquarters on PostgreSQL: log, leaves, media; clients beside it",
        baseline_what=f"bare COPY of the same lines, a commit every {ENTRIES_MAX}",
        ratio_means="times the baseline",
        lowest=rounded(rate),
        highest=rounded(rate),
        aims=(
            at_least("times bare COPY", rate / floor, OF_COPY),
            at_least(f"visits/s, {len(many)} stations, {ANSWERS} answers", visits, VISITS_A_SECOND),
            at_most("failures", failures, 0),
        ),
        details={
            "changes/s of the many": rounded(visits * (ANSWERS + 1)),
            "seconds of the many": rounded(second.seconds),
            "COPY lowest": rounded(len(lines) / max(floors)),
            "COPY highest": rounded(len(lines) / min(floors)),
        },
    )


def _few(number: int, changes: int) -> Chain:
    chain = Chain(f"bench-few-{number}", f"bench-{number}")
    for visit in range(max(1, changes // (ANSWERS_A_VISIT + 1))):
        chain.write_visit(visit, answers=ANSWERS_A_VISIT)
    return chain


def _one_visit(number: int) -> Chain:
    chain = Chain(f"bench-many-{number}", f"bench-body-{number // STATIONS_A_BODY}")
    chain.write_visit(number, answers=ANSWERS)
    return chain


def _hand_over(hq: BenchHq, chains: Sequence[Chain], *, clients: int) -> Handed:
    """Push every chain, each in its order, several at once; what is left when the time is over counts as failed."""
    bodies = [list(chain.bodies()) for chain in chains]
    limits = httpx.Limits(max_connections=clients)
    with httpx.Client(base_url=hq.url, timeout=ANSWER_S, limits=limits) as client, ThreadPoolExecutor(clients) as pool:
        until = time.monotonic() + STOP_AFTER_S
        begun = time.perf_counter()
        taken = list(pool.map(partial(_push, client, until), bodies))
        return Handed(time.perf_counter() - begun, taken.count(False))


def _push(client: httpx.Client, until: float, bodies: Sequence[bytes]) -> bool:
    for body in bodies:
        if time.monotonic() > until:
            return False
        try:
            answer = client.post("/v1/push", content=body, headers={"Content-Type": ENTRY_TYPE})
        except httpx.TransportError:
            return False
        if answer.status_code != 200 or answer.json()["verdict"] != "taken":
            return False
    return True


def _copy(hq: BenchHq, lines: Sequence[bytes]) -> None:
    with psycopg.connect(hq.database.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_floor")
        connection.execute("CREATE TABLE bench_floor(seq bigint PRIMARY KEY, raw bytea NOT NULL)")
        for rows in _batches(lines):
            with connection.transaction(), connection.cursor().copy("COPY bench_floor(seq, raw) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        connection.execute("DROP TABLE bench_floor")


def _batches(lines: Sequence[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    numbered = list(enumerate(lines, start=1))
    for at in range(0, len(numbered), ENTRIES_MAX):
        yield numbered[at : at + ENTRIES_MAX]
