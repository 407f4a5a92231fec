"""Scripts of packaging/bench in processes of their own: they load what core never does, or time a whole process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from core.kernel.errors import Trouble
from core.kernel.resources import resources_dir


def scripts_folder() -> Path:
    """Return where the scripts lie."""
    return resources_dir().parent / "packaging" / "bench"


def _command(script: str, arguments: Sequence[str]) -> list[str]:
    return [sys.executable, str(scripts_folder() / script), *arguments]


def _surroundings() -> dict[str, str]:
    # Byte code is kept between starts, as on a person's machine.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "*=false"}


def run_script(script: str, *arguments: str) -> str:
    """Return what a script printed.  Raises Trouble "bench.script_failed"."""
    ran = subprocess.run(_command(script, arguments), env=_surroundings(), capture_output=True, text=True, check=False)
    if ran.returncode:
        raise Trouble("bench.script_failed", script=script, why=(ran.stderr.splitlines() or ["?"])[-1])
    return ran.stdout


def first_line(script: str, *arguments: str) -> tuple[float, str]:
    """Return the seconds from the start of the process to its first line, and what came after that line."""
    begun = time.perf_counter()
    with subprocess.Popen(
        _command(script, arguments), env=_surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        taken = time.perf_counter() - begun
        rest, errors = process.communicate()
    if process.returncode or not first:
        raise Trouble("bench.script_failed", script=script, why=(errors.splitlines() or ["?"])[-1])
    return taken, rest
