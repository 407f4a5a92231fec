"""Forked children, a few at a time, quiet and with a limit of processor time."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Iterable, Iterator

JOBS = int(os.environ.get("MUTATION_JOBS", "2"))
# Processor seconds a mutant may take before it counts as killed by an endless loop.
CPU_SECONDS_MAX = 60
# Processor seconds of each child that ended.
CPU: list[float] = []


def quietly() -> None:
    """Let nothing of a child reach the terminal."""
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def in_children(
    numbers: Iterable[int], work: Callable[[int], int], *, seconds_max: int = CPU_SECONDS_MAX
) -> Iterator[tuple[int, int]]:
    """Run `work` for each number in a child, JOBS at a time; give number and exit code, negative for a signal."""
    waiting = iter(numbers)
    running: dict[int, int] = {}
    while True:
        while len(running) < JOBS:
            number = next(waiting, None)
            if number is None:
                break
            child = os.fork()
            if child == 0:
                quietly()
                resource.setrlimit(resource.RLIMIT_CPU, (seconds_max, seconds_max + 5))
                os._exit(work(number))
            running[child] = number
        if not running:
            return
        child, status, usage = os.wait3(0)
        CPU.append(usage.ru_utime + usage.ru_stime)
        yield running.pop(child), os.waitstatus_to_exitcode(status)
