"""Databases for tests of headquarters: an SQLite file, and a PostgreSQL of the session's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.hq.store import HqStore
from core.hq.tables import metadata
from tests.helpers.clock import standing_clock
from tests.helpers.headquarters import Author, Headquarters
from tests.helpers.postgres import PostgresServer, empty, running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Give a PostgreSQL that runs for this session."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_tables(postgres: PostgresServer) -> str:
    """Give the URL of a database with every table."""
    url = postgres.fresh()
    HqStore(url, clock=standing_clock()).close()
    return url


@pytest.fixture
def postgres_url(postgres_tables: str) -> str:
    """Give the URL of an empty database on PostgreSQL."""
    empty(postgres_tables, list(metadata.tables))
    return postgres_tables


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an SQLite file with every table and no row, to copy."""
    path = tmp_path_factory.mktemp("tables") / "hq.db"
    HqStore(path, clock=standing_clock()).close()
    return path


@pytest.fixture
def sqlite_path(sqlite_tables: Path, tmp_path: Path) -> str:
    """Give the path of an empty SQLite database."""
    return str(shutil.copy(sqlite_tables, tmp_path / "hq.db"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test of a headquarters on both databases, unless it says which (marker `on`)."""
    if "database" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("on")
        metafunc.parametrize("database", mark.args if mark else ("sqlite", "postgresql"), indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Give an empty database of either kind."""
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_path")
    return request.getfixturevalue("postgres_url")


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
