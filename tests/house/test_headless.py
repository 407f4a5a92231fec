"""Everything below the window runs where no window library is loaded."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.helpers.house import ROOT

# Migration scripts run only inside Alembic's own context; they are tried by the tests of the store.
IMPORT_EVERYTHING = """
import importlib, json, pkgutil, sys
import core
names = [m.name for m in pkgutil.walk_packages(core.__path__, "core.") if ".migrations" not in m.name]
for name in names:
    importlib.import_module(name)
print(json.dumps({"imported": names, "loaded": sorted(sys.modules)}))
"""


def _loaded_after(code: str) -> dict[str, list[str]]:
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def all_of_core() -> dict[str, list[str]]:
    return _loaded_after(IMPORT_EVERYTHING)


def test_the_whole_core_is_imported(all_of_core: dict[str, list[str]]) -> None:
    assert {"core.kernel.clock", "core.domain.visits"} <= set(all_of_core["imported"])


@pytest.mark.parametrize("banned", ["PySide6", "shiboken6", "ui", "sqlalchemy.orm", "sqlite3"])
def test_core_never_loads(banned: str, all_of_core: dict[str, list[str]]) -> None:
    assert [name for name in all_of_core["loaded"] if name == banned or name.startswith(f"{banned}.")] == []


def test_a_command_never_loads_the_window_library() -> None:
    code = """
import contextlib, io, json, sys
import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main.main(["--help"])
print(json.dumps({"loaded": sorted(sys.modules)}))
"""
    loaded = _loaded_after(code)["loaded"]
    assert [name for name in loaded if name.split(".")[0] in {"PySide6", "ui"}] == []


def test_picking_a_head_loads_nothing() -> None:
    loaded = _loaded_after("import json, sys, main\nprint(json.dumps({'loaded': sorted(sys.modules)}))")["loaded"]
    assert [name for name in loaded if name.split(".")[0] in {"PySide6", "ui", "core", "sqlalchemy"}] == []
