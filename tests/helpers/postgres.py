"""A PostgreSQL of the test run's own, from Debian's binaries, on a socket in a folder of its own.

Started once a session, stopped at its end. Nothing is skipped where it is missing: headquarters has to run on it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

BINARIES = "/usr/lib/postgresql/*/bin"
USER = "mingjian"
# Durability against a power cut is the server's own business; a killed process loses nothing without fsync either.
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=64MB"
WAIT_S = 60


class PostgresServer:
    """A running server."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder = folder
        self.binaries = binaries
        self._made = 0

    def url(self, database: str) -> str:
        """Return the URL of a database, as headquarters takes it."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def fresh(self) -> str:
        """Return the URL of a new database without tables."""
        self._made += 1
        name = f"t{self._made}"
        with psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url(name)


def empty(url: str, tables: Sequence[str]) -> None:
    """Empty the tables of a database.

    Row by row: a test leaves few, and TRUNCATE makes every file anew, which takes five times as long.
    """
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("; ".join(f'DELETE FROM "{table}"' for table in tables).encode())


def find_binaries() -> Path:
    """Return the folder of the newest PostgreSQL; fails the test where there is none."""
    found = [folder for folder in Path("/").glob(BINARIES.lstrip("/")) if (folder / "initdb").exists()]
    if not found:
        pytest.fail(
            f"no PostgreSQL in {BINARIES}: packaging/setup.sh installs it (Debian package postgresql)", pytrace=False
        )
    return max(found, key=lambda folder: int(folder.parent.name.split(".")[0]))


@contextmanager
def running_server() -> Generator[PostgresServer]:
    """Start a server in a new folder and stop it afterwards."""
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="mj-pg-"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _as_owner((binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"))
        start = f"{OPTIONS} -c unix_socket_directories='{folder}'"
        _as_owner((binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-o", start, "-w", "-t", WAIT_S, "start"))
        try:
            yield PostgresServer(folder, binaries)
        finally:
            _as_owner((binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "-t", WAIT_S, "stop"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_owner(command: Sequence[object]) -> None:
    """Run a command of the server's; never as root, which PostgreSQL refuses."""
    owner = "postgres" if os.geteuid() == 0 else None
    ran = subprocess.run(
        [str(part) for part in command],
        # The server inherits the output of whoever starts it: a pipe would never end.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        cwd="/",
        check=False,
        timeout=2 * WAIT_S,
        user=owner,
        group=owner,
        extra_groups=[] if owner else None,
    )
    if ran.returncode != 0:
        pytest.fail(f"{Path(str(command[0])).name} ended with {ran.returncode}", pytrace=False)
