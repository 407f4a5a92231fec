"""A PostgreSQL server of the bench's own: in a temporary folder, reached by a socket file only, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.kernel.errors import Trouble

DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "max_connections": "60",
    "fsync": "on",
    "synchronous_commit": "on",
}
START_S, STOP_S = 60, 60


@contextmanager
def own_server() -> Generator[str]:
    """Give the URL of an empty database.

    Raises:
        Trouble: "bench.no_postgresql", params why.
    """
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="mingjian-pg-"))
    owner: dict[str, Any] = {}
    if os.geteuid() == 0:
        # The server refuses to run as the superuser; Debian's packages bring a user for it.
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    base = folder / "base"
    try:
        _run([binaries / "initdb", "-D", base, "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8"], owner)
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        options += f" -c unix_socket_directories={folder}"
        _run(
            [binaries / "pg_ctl", "-D", base, "-w", "-t", f"{START_S}", "-l", folder / "log", "-o", options, "start"],
            owner,
        )
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            _run([binaries / "pg_ctl", "-D", base, "-m", "fast", "-w", "-t", f"{STOP_S}", "stop"], owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = shutil.which("initdb")
    if versions:
        return versions[-1].parent
    if found:
        return Path(found).parent
    raise Trouble("bench.no_postgresql", why="initdb")


def _run(words: list[Any], owner: dict[str, Any]) -> None:
    ended = subprocess.run(
        [str(word) for word in words],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=2 * START_S,
        cwd="/",
        **owner,
    )
    if ended.returncode:
        why = ended.stderr.strip().splitlines()
        raise Trouble("bench.no_postgresql", why=why[-1] if why else str(words[0]))
