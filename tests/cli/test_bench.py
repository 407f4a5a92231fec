"""The benchmarks run, on a small store, and answer in the shape that scripts rely on. No figure is looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.cli.bench import delta, growth, store
from core.cli.bench.figures import Result, at_least, at_most, share
from core.cli.bench.queries import typed_queries
from core.cli.bench.table import aim_lines, markdown, write_into
from core.cli.main import main
from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.kernel.progress import Unwatched
from core.kernel.records import changed
from core.station import new_station

ROWS = 2_000
SHAPE = {"bench", "rows", "figure", "unit", "baseline", "ratio", "runs", "machine"}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("bench")
    # Made beforehand with a cheap password, else each bench would wait for the key derivation.
    new_station(base / f"{ROWS}", [(store.ACCOUNT, store.PASSWORD)], is_demo=True, cost=CHEAP_COST_FOR_TESTS)
    store.ready_store(base, ROWS, Unwatched())
    return base


@pytest.fixture
def bench(stores: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def run(*words: str) -> Any:
        code = main(["bench", *words, "--rows", f"{ROWS}", "--store", str(stores), "--quick", "--json"])
        out = capsys.readouterr().out
        assert code == 0, out
        return json.loads(out)

    return run


@pytest.mark.parametrize("name", ["search", "save", "determine", "encrypt", "scan", "firstload"])
def test_a_bench_answers_in_the_shape_that_scripts_rely_on(bench: Callable[..., Any], name: str) -> None:
    answer = bench(name)
    assert answer.keys() >= SHAPE
    assert answer["bench"] == name
    assert answer["lowest"] <= answer["figure"] <= answer["highest"]
    assert answer["aims"]


def test_delta_without_its_peer_says_so_and_compares_with_nothing(
    bench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta, "PEER", "no_such_peer")
    answer = bench("delta")
    assert answer.keys() >= SHAPE
    assert (answer["baseline"], answer["ratio"], answer["aims"]) == (None, None, [])
    assert "no_such_peer" in answer["details"]["peer"]


def test_the_store_holds_what_it_says(stores: Path) -> None:
    made = store.mark_of(stores, ROWS)
    assert made is not None
    assert (made.rows, made.visits) == (ROWS, ROWS // store.ROWS_A_VISIT)


def test_the_chain_of_a_store_made_in_bulk_is_intact_and_its_rows_follow_from_it(stores: Path) -> None:
    with store.ready_store(stores, ROWS, Unwatched()).session() as session:
        report = session.verify_log()
        assert (report.verdict, report.bad) == ("intact", ())
        assert report.entries > ROWS // store.ROWS_A_VISIT * 51
        assert session.differing_rows() == ()


def test_making_a_store_that_is_there_changes_nothing(stores: Path) -> None:
    before = (stores / f"{ROWS}" / "main.db").stat().st_mtime_ns
    store.ready_store(stores, ROWS, Unwatched())
    assert (stores / f"{ROWS}" / "main.db").stat().st_mtime_ns == before


def test_every_typed_query_finds_something(stores: Path) -> None:
    with store.ready_store(stores, ROWS, Unwatched()).session() as session:
        empty = [query.text for query in typed_queries(ROWS, 10) if not session.enterprises.search(query.text)]
    assert empty == []


def test_a_prefix_of_a_query_is_what_is_on_the_screen_after_each_key() -> None:
    (first, *_) = typed_queries(ROWS, 1)
    assert list(first.prefixes())[-1] == first.text
    assert len(list(first.prefixes())) == len(first.text)


def test_an_aim_says_whether_it_was_met() -> None:
    assert at_most("p95 ms", 16, 16).is_met
    assert not at_most("p95 ms", 16.1, 16).is_met
    assert at_least("times faster", 50, 50).is_met
    assert not at_least("times faster", 49.9, 50).is_met


def test_a_share_is_the_smallest_sample_that_so_many_do_not_exceed() -> None:
    samples = [float(one) for one in range(1, 101)]
    assert (share(samples, 95), share(samples, 100), share([7.0], 95)) == (95, 100, 7)


def test_the_table_has_a_line_a_bench(stores: Path, bench: Callable[..., Any]) -> None:
    from core.cli.bench.command import run_bench
    from core.cli.bench.setting import Setting

    result = run_bench("determine", Setting(ROWS, stores, Unwatched(), is_quick=True))
    lines = list(markdown([result]))
    assert [line.startswith("|") for line in lines] == [True, True, True, False, False]
    assert len(list(aim_lines(result))) == len(result.aims)


def test_one_bench_takes_its_line_among_the_others(tmp_path: Path) -> None:
    one = Result(
        bench="a",
        rows=1,
        figure=1,
        unit="s",
        baseline=None,
        ratio=None,
        runs=1,
        machine="m",
        what="w",
        lowest=1,
        highest=1,
    )
    for result in (one, changed(one, bench="b", machine="n"), changed(one, figure=2)):
        write_into(tmp_path, result)
    records = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert [(record["bench"], record["figure"]) for record in records] == [("a", 2), ("b", 1)]
    assert (tmp_path / "results.md").read_text("utf-8").endswith("\nm: `a`\n\nn: `b`\n")


def test_growth_knows_a_line_from_a_level_and_draws_both() -> None:
    points = tuple(
        growth.Point(what=what, rows=rows, ms=ms, busy_ms=ms)
        for rows in (10_000, 100_000, 1_000_000)
        for what, ms in (("search", rows / 10_000), ("save", 1.0))
    )
    assert growth.exponent(points, "search") == pytest.approx(1)
    assert growth.exponent(points, "save") == pytest.approx(0)
    assert growth.picture(points).count("<polyline") == 2


def test_an_unknown_bench_is_a_usage_error() -> None:
    try:
        code = main(["bench", "nothing"])
    except SystemExit as leaving:
        code = leaving.code
    assert code == 2
