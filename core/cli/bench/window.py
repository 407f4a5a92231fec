"""`bench start` and `bench latency`: the real window, offscreen, each in a process of its own.

core never sees the window library, so the driving is done by scripts of packaging/bench.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from core.cli.bench.figures import Result, at_most, machine, median, rounded, seconds, share
from core.cli.bench.queries import typed_queries
from core.cli.bench.scripts import first_line, run_script
from core.cli.bench.setting import Setting
from core.cli.bench.store import ACCOUNT, PASSWORD, ROWS_A_VISIT, BenchStore
from core.crypto import slots
from core.crypto.slots import KeySlot
from core.domain.visits import Visit, VisitState
from core.kernel.ids import new_id
from core.kernel.records import changed, from_plain
from core.storage.home import Home

TIMES_BARE = 1.5
BEYOND_KEY_S = 0.5
STARTS = 7
FRAME_MS = 16
MEMORY_MB = 500
TARGETS = 4
VISITS = 20
FONT_FAMILY, FONT_FILES = "Noto Sans SC", "NotoSansSC_*.ttf"


def run_start(setting: Setting) -> Result:
    """Start the bare window and the program in turn; then the password to a filled Today."""
    store = setting.store
    bare: list[float] = []
    own: list[float] = []
    today: list[float] = []
    for _ in range(setting.times(STARTS)):
        bare.append(first_line("bare_window.py", FONT_FAMILY, FONT_FILES)[0])
        keys_s, rest = first_line("window_start.py", str(store.folder), PASSWORD)
        own.append(keys_s)
        today.append(float(rest.split()[1]))
    slot = from_plain(KeySlot, Home(store.folder).read().slots[ACCOUNT.name])
    derivation = median([seconds(lambda: slots.open_slot(slot, PASSWORD)) for _ in range(3)])
    beyond = median(today) - derivation
    return Result(
        bench="start",
        rows=store.rows,
        figure=rounded(median(own)),
        unit="s",
        baseline=rounded(median(bare)),
        ratio=rounded(median(own) / median(bare)),
        runs=len(own),
        machine=machine(),
        what="process start to an unlock page that takes keys",
        baseline_what="a bare window of the same library and fonts",
        ratio_means="times the baseline",
        lowest=rounded(min(own)),
        highest=rounded(max(own)),
        aims=(
            at_most("times a bare window", median(own) / median(bare), TIMES_BARE),
            at_most("s from password to Today beyond key derivation", beyond, BEYOND_KEY_S),
        ),
        details={"password to Today s": rounded(median(today)), "key derivation s": rounded(derivation)},
    )


def run_latency(setting: Setting) -> Result:
    """Drive the window over the store and look at every answer to a gesture."""
    store = setting.store
    _open_one(store)
    texts = [query.text for query in typed_queries(store.rows, setting.times(TARGETS))]
    visits = [f"bench-{turn * 977 % (store.rows // ROWS_A_VISIT):08d}" for turn in range(setting.times(VISITS))]
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / "texts", Path(name) / "visits"]
        for file, lines in zip(files, (texts, visits), strict=True):
            file.write_text("\n".join(lines), "utf-8")
        said = run_script("window_latency.py", str(store.folder), PASSWORD, *map(str, files))
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    taken: dict[str, list[float]] = told["taken"]
    keys = taken["type in the search"]
    details: dict[str, float | str] = {"memory MB": rounded(told["memory_mb"])}
    for what, samples in taken.items():
        details[f"{what} ms (p50 / p95 / worst)"] = " / ".join(
            f"{one:.1f}" for one in (median(samples), share(samples, 95), max(samples))
        )
    return Result(
        bench="latency",
        rows=store.rows,
        figure=rounded(median(keys)),
        unit="ms",
        baseline=None,
        ratio=None,
        runs=len(keys),
        machine=machine(),
        what="a key in the search until its hits are painted, in the real window",
        lowest=rounded(min(keys)),
        highest=rounded(max(keys)),
        aims=(
            at_most("p95 ms, key to painted hits", share(keys, 95), FRAME_MS),
            at_most("memory MB", told["memory_mb"], MEMORY_MB),
        ),
        details=details,
    )


def _open_one(store: BenchStore) -> None:
    """Leave one visit of the demo open, to be answered in the window."""
    with store.session() as session, session.open_work() as work:
        table = work.table(Visit)
        states = tuple(state for state in VisitState if state is not VisitState.ARCHIVED)
        visits = table.where(state=states)
        model = next(one for one in visits if one.inspecting_at is not None)
        moments = dict.fromkeys(("recorded_at", "result_told_at", "closed_at", "corrected_at"))
        table.put(changed(model, id=new_id(), state=VisitState.INSPECTING, **moments))
