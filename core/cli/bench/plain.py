"""The same data in files without a key, to compare with; made for the bench and taken away after it.

Nothing of the product can open a file without a key: the engine here is the bench's own.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from core.storage.engine import (
    BEGIN_READING,
    BEGIN_WRITING,
    READER_PRAGMAS,
    WRITER_PRAGMAS,
    driver,
    engine_over,
    reader_engine,
    writer_engine,
)


@contextmanager
def twins(path: Path, key: bytes, folder: Path, *, writes: bool) -> Generator[tuple[Any, Any]]:
    """Give two engines over copies of a database, encrypted and plain; both copies go afterwards."""
    sealed, plain = folder / f"sealed-{path.name}", folder / f"plain-{path.name}"
    for leftover in folder.glob(f"*-{path.name}*"):
        leftover.unlink()
    shutil.copyfile(path, sealed)
    export(sealed, key, plain)
    pragmas, begin = (WRITER_PRAGMAS, BEGIN_WRITING) if writes else (READER_PRAGMAS, BEGIN_READING)
    engines = (
        writer_engine(sealed, key) if writes else reader_engine(sealed, key),
        engine_over(partial(_connect, plain, pragmas), begin=begin),
    )
    try:
        yield engines
    finally:
        for engine in engines:
            engine.dispose()
        for leftover in folder.glob(f"*-{path.name}*"):
            leftover.unlink()


def export(path: Path, key: bytes, target: Path) -> None:
    """Write the content of an encrypted database into a new file without a key."""
    connection = driver.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("ATTACH DATABASE ? AS plain KEY ''", (str(target),))
    connection.execute("SELECT sqlcipher_export('plain')")
    connection.execute("DETACH DATABASE plain")
    connection.close()


def _connect(path: Path, pragmas: tuple[str, ...]) -> Any:
    connection = driver.connect(str(path), isolation_level=None, check_same_thread=False, cached_statements=256)
    for pragma in ("PRAGMA foreign_keys = ON", *pragmas):
        connection.execute(pragma)
    return connection
