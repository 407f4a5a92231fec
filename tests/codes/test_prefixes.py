"""The table of provincial prefixes: ours is honest about what is not known, a broken one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.codes.prefixes import provincial_prefixes
from core.domain.codes import CodeKind, read_code
from core.kernel.errors import Trouble


def test_the_table_that_ships_claims_nothing_it_does_not_know() -> None:
    table = provincial_prefixes()
    assert "湖南省行政检查码" in {entry.system for entry in table}
    assert not any(entry.verified for entry in table)
    assert read_code("HN2026000123", provincial=table).kind is CodeKind.UNKNOWN


def test_an_office_can_name_its_own_prefix(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[[code]]\nsystem = "湖南营商码"\nprefix = "YS:"\nverified = true\n', "utf-8")
    code = read_code("YS:000123", provincial=provincial_prefixes(path))
    assert (code.kind, code.system, code.remarks) == (CodeKind.PROVINCIAL, "湖南营商码", ())


@pytest.mark.parametrize(
    "text", ["[[code", "[[code]]\nprefix = 3\nsystem = 'x'\n", "other = 1\n", "[[code]]\nprefix = 'A'\n"]
)
def test_a_broken_table_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Trouble) as trouble:
        provincial_prefixes(path)
    assert trouble.value.code == "codes.prefixes_unreadable"
    assert trouble.value.params == {"name": "own.toml"}


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(Trouble):
        provincial_prefixes(tmp_path / "away.toml")
