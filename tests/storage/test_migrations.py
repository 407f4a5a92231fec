"""The schema that the steps make is the schema that the program uses."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from core.storage import migrate, tables
from core.storage.engine import writer_engine
from tests.helpers.stores import KEY, fresh_store


def schema_of(engine: sa.Engine) -> dict[str, tuple[tuple[str, str, bool], ...]]:
    found = sa.inspect(engine)
    return {
        # A column that a later step added stands last; every statement names its columns.
        table: tuple(sorted((c["name"], str(c["type"]), bool(c["nullable"])) for c in found.get_columns(table)))
        + tuple((i["name"] or "", ",".join(filter(None, i["column_names"])), False) for i in found.get_indexes(table))
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_the_steps_make_exactly_the_tables_of_the_program(tmp_path: Path) -> None:
    fresh_store(tmp_path).close()
    stepped = writer_engine(tmp_path / "main.db", KEY)
    direct = writer_engine(tmp_path / "direct.db", KEY)
    with direct.begin() as connection:
        tables.metadata.create_all(connection)
    assert schema_of(stepped) == schema_of(direct)
    stepped.dispose()
    direct.dispose()


def test_the_newest_step_is_the_one_the_program_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD_REVISION]


def test_a_copy_is_kept_before_an_upgrade(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    engine = writer_engine(store.path, KEY)
    copy = migrate.keep_copy(engine, store.path, migrate.HEAD_REVISION)
    engine.dispose()
    kept = writer_engine(copy, KEY)
    assert migrate.stored_revision(kept) == migrate.HEAD_REVISION
    kept.dispose()
