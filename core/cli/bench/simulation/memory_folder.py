"""Where the files of a simulation lie."""

from __future__ import annotations

from pathlib import Path

_IN_MEMORY = Path("/dev/shm")


def memory_folder() -> str | None:
    """Return a folder that lies in memory where the system has one: a simulation needs no disk that keeps."""
    return str(_IN_MEMORY) if _IN_MEMORY.is_dir() else None
