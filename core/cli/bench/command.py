"""`bench NAME`, `bench all`, `bench guard`, `bench growth`, `bench store`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from core.cli.context import Context
from core.kernel.errors import Refusal
from core.kernel.progress import Progress

# Module by bench, in the order of the table. Imported when asked for: most of them load heavy libraries.
BENCHES = {
    "search": "search",
    "start": "window",
    "latency": "window",
    "save": "save",
    "papers": "papers",
    "scan": "scan",
    "determine": "determine",
    "encrypt": "encrypt",
    "delta": "delta",
    "firstload": "firstload",
    "push": "exchange",
    "pull": "exchange",
    "ingest": "ingest",
    "simulate": "simulate",
}
TOGETHER = ("all", "guard", "growth", "store")


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    bench = groups.add_parser("bench", parents=[common], help="the published benchmarks")
    bench.add_argument("name", choices=(*BENCHES, *TOGETHER), metavar="NAME", help=", ".join((*BENCHES, *TOGETHER)))
    bench.add_argument("--rows", type=int, help="enterprises in the store; by default the full size once it was made")
    bench.add_argument("--seed", type=int, default=0, help="simulate: the first seed; --rows says how many follow")
    bench.add_argument("--store", type=Path, help="folder of the stores; by default in the user's cache")
    bench.add_argument(
        "--out",
        type=Path,
        help="write the table, the picture or the records into this folder, or one line",
    )
    bench.add_argument("--quick", action="store_true", help="few repetitions: to try it, not to publish")
    bench.set_defaults(run=_bench)


def _bench(context: Context) -> None:
    runs = {"all": _all, "guard": _guard, "growth": _growth, "store": _store}
    runs.get(context.args.name, _one)(context)


def _setting(context: Context, progress: Progress | None = None) -> Any:
    from core.cli.bench.setting import MANY, Setting
    from core.cli.bench.store import cache_folder, usual_rows

    base = context.args.store or cache_folder()
    args = context.args
    return Setting(
        rows=args.rows or usual_rows(base),
        base=base,
        progress=progress or context.progress,
        is_quick=args.quick,
        schedules=args.rows if args.rows and args.name == "simulate" else MANY,
        seed=args.seed,
    )


def run_bench(name: str, setting: Any) -> Any:
    """Run one bench and return its result."""
    module = import_module(f"core.cli.bench.{BENCHES[name]}")
    own = f"run_{name}"
    return getattr(module, own if hasattr(module, own) else "run")(setting)


def _one(context: Context) -> None:
    from core.cli.bench.table import plain_lines, write_into

    result = run_bench(context.args.name, _setting(context))
    if context.args.out:
        write_into(context.args.out, result)
    context.show(result, plain_lines(result))


def _all(context: Context) -> None:
    from core.cli.bench.table import markdown, write_records

    results = list(_results(context, BENCHES))
    if context.args.out:
        write_records(context.args.out, results)
    context.show(results, markdown(results))


def _guard(context: Context) -> None:
    from core.cli.bench.table import aim_lines

    results = list(_results(context, ("search", "save", "scan", "determine", "encrypt")))
    context.show(results, [line for result in results for line in aim_lines(result)])
    missed = [f"{result.bench}: {aim.name}" for result in results for aim in result.aims if not aim.is_met]
    if missed:
        raise Refusal("bench.aim_missed", count=len(missed), aims="; ".join(missed))


def _results(context: Context, names: Iterable[str]) -> Iterable[Any]:
    setting = _setting(context)
    for name in names:
        yield run_bench(name, setting)


def _growth(context: Context) -> None:
    from core.cli.bench.growth import measure, picture

    points = measure(_setting(context))
    if context.args.out:
        (context.args.out / "growth.svg").write_text(picture(points), "utf-8")
    context.show(points, (f"{one.what} {one.rows:,}: {one.ms} ms, {one.busy_ms} ms of the processor" for one in points))


def _store(context: Context) -> None:
    from core.cli.bench.store import FULL_ROWS, mark_of

    setting = _setting(context)
    rows = context.args.rows or FULL_ROWS
    from core.cli.bench.store import ready_store

    store = ready_store(setting.base, rows, context.progress)
    mark = mark_of(setting.base, rows)
    assert mark is not None, "a store that is ready has its mark"
    lines = [
        context.words("bench.store_ready", rows=f"{mark.rows:,}", visits=f"{mark.visits:,}", path=store.folder),
        context.words("bench.store_cost", seconds=round(mark.made_in_s), mb=mark.bytes_on_disk // 2**20),
    ]
    context.show(mark, lines)
