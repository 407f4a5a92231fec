"""The steps make the program's tables on both engines, and a newer database is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from core.hq import migrate
from core.hq.engine import open_engines
from core.hq.store import HqStore
from core.hq.tables import metadata
from core.kernel.errors import Refusal
from tests.helpers.clock import standing_clock
from tests.helpers.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def two_databases(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Give two databases without tables."""
    if request.param == "sqlite":
        return str(tmp_path / "one.db"), str(tmp_path / "two.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.fresh(), server.fresh()


def schema_of(database: str) -> Any:
    """Return tables, columns, keys and indexes as the database tells them."""
    engines = open_engines(database)
    found = sa.inspect(engines.writer)
    schema = {
        table: (
            sorted((column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)),
            found.get_pk_constraint(table)["constrained_columns"],
            sorted((index["name"] or "", index["column_names"], index["unique"]) for index in found.get_indexes(table)),
            sorted((one["name"] or "", one["column_names"]) for one in found.get_unique_constraints(table)),
        )
        for table in found.get_table_names()
        if table != "alembic_version"
    }
    engines.close()
    return schema


def test_the_steps_make_exactly_the_tables_of_the_program(two_databases: tuple[str, str]) -> None:
    stepped, direct = two_databases
    HqStore(stepped, clock=standing_clock()).close()
    engines = open_engines(direct)
    metadata.create_all(engines.writer)
    engines.close()
    assert schema_of(stepped) == schema_of(direct)


def test_a_newer_database_is_refused_and_left_alone(two_databases: tuple[str, str]) -> None:
    database, _ = two_databases
    HqStore(database, clock=standing_clock()).close()
    engines = open_engines(database)
    with engines.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'h9999'")
    with pytest.raises(Refusal) as refused:
        HqStore(database, clock=standing_clock())
    assert (refused.value.code, refused.value.params["found"]) == ("hq.newer_version", "h9999")
    assert migrate.stored_revision(engines.writer) == "h9999"
    engines.close()


def test_the_newest_step_is_the_one_the_program_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD_REVISION]
