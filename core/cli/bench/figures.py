"""What a bench answers, and how a row of measurements becomes one figure."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.kernel.records import Record


class Aim(Record):
    """One aim of design.md section 10 and what was reached. `sign` is "<=" or ">="."""

    name: str
    reached: float
    sign: str
    limit: float

    @property
    def is_met(self) -> bool:
        """Tell whether what was reached keeps the limit."""
        return self.reached <= self.limit if self.sign == "<=" else self.reached >= self.limit


def at_most(name: str, reached: float, limit: float) -> Aim:
    """Return an aim that is met up to the limit."""
    return Aim(name=name, reached=rounded(reached), sign="<=", limit=limit)


def at_least(name: str, reached: float, limit: float) -> Aim:
    """Return an aim that is met from the limit on."""
    return Aim(name=name, reached=rounded(reached), sign=">=", limit=limit)


class Result(Record):
    """The machine-readable record of one bench (design.md section 9).

    `figure` and `baseline` are medians in `unit`; `ratio` says how often the figure holds the baseline, or for
    "times faster" the other way round, see `ratio_means`. `lowest` and `highest` are the range of the figure.
    """

    bench: str
    rows: int
    figure: float
    unit: str
    baseline: float | None
    ratio: float | None
    runs: int
    machine: str
    what: str
    """What was timed, in a few English words."""
    baseline_what: str = ""
    ratio_means: str = ""
    lowest: float
    highest: float
    aims: tuple[Aim, ...] = ()
    details: Mapping[str, float | str] = {}


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call took, in seconds."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def processor_seconds(work: Callable[[], object]) -> float:
    """Return how long one call kept the processor, in seconds: other programs on the machine do not count in."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def interleaved(rounds: int, *works: Callable[[], object]) -> tuple[list[float], ...]:
    """Return the seconds of each work, run in turn: a disturbance of the machine then hits all of them alike."""
    taken: tuple[list[float], ...] = tuple([] for _ in works)
    for _ in range(rounds):
        for samples, work in zip(taken, works, strict=True):
            samples.append(seconds(work))
    return taken


def share(samples: Sequence[float], percent: float) -> float:
    """Return the smallest sample that at least `percent` of the samples do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, -int(-len(ordered) * percent // 100) - 1)]


def median(samples: Sequence[float]) -> float:
    """Return the middle of the samples."""
    return statistics.median(samples)


def rounded(value: float) -> float:
    """Return the value to four significant digits, as the tables show it."""
    return float(f"{value:.4g}")


def settle() -> None:
    """Collect garbage before a measurement, so that none of it is paid for inside."""
    gc.collect()


def machine() -> str:
    """Return what the figures were measured on."""
    names = [line.split(":", 1)[1].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")]
    memory = [int(line.split()[1]) for line in _lines(Path("/proc/meminfo")) if line.startswith("MemTotal")]
    parts = [f"{os.cpu_count()} x {names[0] if names else platform.processor() or platform.machine()}"]
    parts += [f"{kilobytes / 2**20:.0f} GB" for kilobytes in memory[:1]]
    return ", ".join([*parts, platform.system(), f"Python {platform.python_version()}"])


def memory_mb() -> float:
    """Return the resident memory of this process in MB (2**20 bytes), or 0 where the system does not tell."""
    kilobytes = [int(line.split()[1]) for line in _lines(Path("/proc/self/status")) if line.startswith("VmRSS")]
    return kilobytes[0] / 1024 if kilobytes else 0.0


def _lines(path: Path) -> list[str]:
    # Only Linux has these files; elsewhere the figure is simply not told.
    return path.read_text("utf-8").splitlines() if path.exists() else []
