"""The hot path stays shardable by the stream: the rules at the end of sync.md 3.5, read from tables and code."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from core.hq.tables import metadata
from tests.helpers.house import ROOT

HOT = [table for table in metadata.tables.values() if table.info.get("hot")]
HOT_CODE = ("work.py", "sql.py", "numbers.py", "store.py")
FORBIDDEN = re.compile(
    r"nextval|serial|pg_advisory|\bNOTIFY\b|\bLISTEN\b|\bxmin\b|pg_snapshot|CREATE TRIGGER|\bunnest\b", re.IGNORECASE
)


def test_the_log_and_what_a_push_touches_is_hot() -> None:
    assert {"stream_head", "device_head", "change_log", "push_run", "named_parent", "number_series"} <= {
        t.name for t in HOT
    }


@pytest.mark.parametrize("table", HOT, ids=lambda table: table.name)
def test_every_key_of_a_hot_table_begins_with_the_stream(table: sa.Table) -> None:
    unique = [list(index.columns) for index in table.indexes if index.unique]
    constraints = [list(one.columns) for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
    keys = [list(table.primary_key.columns), *unique, *constraints]
    assert [next(column.name for column in key) for key in keys] == ["stream_id"] * len(keys)


@pytest.mark.parametrize("table", HOT, ids=lambda table: table.name)
def test_no_hot_table_points_elsewhere_or_counts_by_itself(table: sa.Table) -> None:
    assert not table.foreign_keys
    assert [column.name for column in table.c if column.autoincrement is True or column.identity] == []
    assert [column.name for column in table.c if column.default is not None or column.onupdate is not None] == []


@pytest.mark.parametrize("table", HOT, ids=lambda table: table.name)
def test_no_hot_table_has_arrays_or_ranges(table: sa.Table) -> None:
    kinds = [column.type.compile(postgresql.dialect()) for column in table.c]
    assert [kind for kind in kinds if "[]" in kind or "RANGE" in kind.upper() or "SERIAL" in kind.upper()] == []


def test_once_is_only_for_entries_with_effect() -> None:
    once = next(index for index in metadata.tables["change_log"].indexes if index.name == "change_once")
    assert once.unique
    assert [column.name for column in once.columns] == ["stream_id", "change_id"]
    assert str(once.dialect_options["postgresql"]["where"]) == str(once.dialect_options["sqlite"]["where"])


def test_the_hot_path_uses_nothing_that_one_node_alone_has() -> None:
    found = {name: FORBIDDEN.findall((ROOT / "core" / "hq" / name).read_text("utf-8")) for name in HOT_CODE}
    assert found == {name: [] for name in HOT_CODE}
