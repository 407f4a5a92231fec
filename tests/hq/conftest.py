"""Databases for tests of headquarters: an SQLite file, and a PostgreSQL of the session's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.headquarters import Author, Headquarters


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database of either kind."""
    return str(tmp_path / "hq.db")


@pytest.fixture
def hq(database: str) -> Iterator[Headquarters]:
    """Give a headquarters that was just begun."""
    headquarters = Headquarters(database)
    yield headquarters
    headquarters.close()


@pytest.fixture
def author(hq: Headquarters) -> Author:
    """Give a device that was admitted and wrote nothing yet."""
    one = Author("d-1", clock=hq.clock)
    hq.admit(one)
    return one
