"""Results as text: lines for a person, the table of the README, and records for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from core.cli.bench.figures import Aim, Result
from core.kernel.records import to_plain

SIGNS = {"<=": "≤", ">=": "≥"}


def plain_lines(result: Result) -> Iterator[str]:
    """Give the lines of one result."""
    yield f"{result.bench}: {result.what}, {result.rows:,} rows"
    yield f"  {result.figure:g} {result.unit}  (median of {result.runs}, {result.lowest:g} … {result.highest:g})"
    if result.baseline is not None and result.ratio is not None:
        yield f"  baseline {result.baseline:g} {result.unit}: {result.baseline_what}"
        yield f"  {result.ratio:g} {result.ratio_means}"
    yield from (f"  {name}: {value}" for name, value in result.details.items())
    yield from aim_lines(result)
    yield f"  {result.machine}"


def aim_lines(result: Result) -> Iterator[str]:
    """Give one line an aim, with whether it was reached."""
    for aim in result.aims:
        yield f"  {'✓' if aim.is_met else '✕'} {result.bench}: {_aim(aim)}"


def markdown(results: Sequence[Result]) -> Iterator[str]:
    """Give the table of the README, and below it the machine."""
    yield "| bench | what | rows | median (range) | baseline | ratio | aims |"
    yield "|---|---|---|---|---|---|---|"
    for one in results:
        baseline = f"{one.baseline:g} {one.unit}: {one.baseline_what}" if one.baseline is not None else "–"
        ratio = f"{one.ratio:g} {one.ratio_means}" if one.ratio is not None else "–"
        aims = "; ".join(f"{'✓' if aim.is_met else '✕'} {_aim(aim)}" for aim in one.aims)
        figure = f"{one.figure:g} {one.unit} ({one.lowest:g} … {one.highest:g})"
        yield f"| `{one.bench}` | {one.what} | {one.rows:,} | {figure} | {baseline} | {ratio} | {aims} |"
    for machine in dict.fromkeys(one.machine for one in results):
        names = ", ".join(f"`{one.bench}`" for one in results if one.machine == machine)
        yield ""
        yield f"{machine}: {names}"


def write_records(folder: Path, results: Sequence[Result]) -> None:
    """Write the results as JSON and as the table into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps([to_plain(one) for one in results], ensure_ascii=False, indent=2)
    (folder / "results.json").write_text(text + "\n", "utf-8")
    (folder / "results.md").write_text("\n".join(markdown(results)) + "\n", "utf-8")


def write_into(folder: Path, result: Result) -> None:
    """Put one result in the place of its older one in the folder's records and table, or behind them."""
    path = folder / "results.json"
    known = list(msgspec.json.decode(path.read_bytes(), type=list[Result])) if path.exists() else []
    places = [at for at, one in enumerate(known) if one.bench == result.bench]
    at = places[0] if places else len(known)
    known[at : at + 1] = [result]
    write_records(folder, known)


def _aim(aim: Aim) -> str:
    return f"{aim.name} {aim.reached:g} ({SIGNS[aim.sign]} {aim.limit:g})"
