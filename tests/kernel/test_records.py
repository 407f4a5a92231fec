"""Reading records for the first time in many threads at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPTH, THREADS = 40, 8
# Deep records and short turns: read without preparation, this ends the process nearly every time.
READ_AT_ONCE = f"""
import sys, threading
from core.kernel import records
sys.setswitchinterval(1e-6)
kinds = [type("K0", (records.Record,), {{"__annotations__": {{"a": int}}, "a": 0, "__module__": "__main__"}})]
for n in range(1, {DEPTH}):
    inner = kinds[-1]
    fields = {{"x": inner | None, "y": tuple[inner, ...], "z": dict[str, tuple[inner, ...]]}}
    values = {{"x": None, "y": (), "z": {{}}}}
    kinds.append(type(f"K{{n}}", (records.Record,), {{"__annotations__": fields, "__module__": "__main__", **values}}))
begun, last = threading.Barrier({THREADS}), kinds[-1]
def read():
    begun.wait()
    WAY
threads = [threading.Thread(target=read) for _ in range({THREADS})]
for one in threads: one.start()
for one in threads: one.join()
"""


@pytest.mark.parametrize(
    "way",
    ["records.from_plain(last, {'x': {}})", "records.settle_records(); records.msgspec.json.decode(b'{}', type=last)"],
)
def test_two_threads_may_read_a_kind_for_the_first_time_together(way: str) -> None:
    script = READ_AT_ONCE.replace("WAY", way)
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
