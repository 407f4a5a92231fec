"""The house is tidy: small files, small functions, nothing that belongs elsewhere."""

from __future__ import annotations

import ast
import re

from tests.helpers.house import (
    ROOT,
    called_name,
    functions_of,
    imported_modules,
    place,
    python_files,
    text_files,
    tree_of,
)

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
TOP_LEVEL = {"main.py", "pyproject.toml", "README.md", "ui", "core", "resources", "tests", "packaging"}
# Written in halves, so that this file does not find itself.
HOSTS = tuple(name + ".org" for name in ("pypi", "files.pythonhosted", "registry.npmjs", "deb.debian"))
MACHINE_PATH = re.compile(r"(?<![\w.~$}/-])/(?:work|root|home/[a-z]\w*|Users/[A-Za-z]\w*|opt/(?:pypi|wheels))/")
SILENCED = re.compile(
    r"#\s*(?:(?:type|pyright):\s*ignore(?:\[[^\]]*\])?|noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?)(.*)$"
)
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
SKIPS = frozenset({"skip", "skipif", "xfail"})
CHECKING_CALLS = re.compile(r"^(?:assert|check|expect|raises|wait|fail|warns|run_state_machine)")


def test_no_python_file_is_longer_than_the_wall() -> None:
    lengths = {place(path): len(path.read_text("utf-8").splitlines()) for path in python_files()}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES_MAX} == {}


def test_no_function_is_longer_than_the_wall() -> None:
    long = {
        place(path, function.lineno): lines
        for path in python_files()
        for function in functions_of(path)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_the_top_level_is_the_given_one() -> None:
    shown = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert shown - {"build", "dist", "__pycache__"} <= TOP_LEVEL


def test_the_readme_maps_every_room_and_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    rooms = [f"core/{path.name}/" for path in (ROOT / "core").iterdir() if (path / "__init__.py").exists()]
    wanted = [*rooms, "`ui/`", "main.py", "sh packaging/run.sh", "sh packaging/test.sh"]
    assert [name for name in wanted if name not in readme] == []


def test_packaging_is_no_python_package() -> None:
    # A package of that name would shadow the library `packaging`, which pytest needs.
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_every_package_says_what_its_room_is_for() -> None:
    rooms = [path for path in python_files("core", "ui") if path.name == "__init__.py"]
    assert [place(path) for path in rooms if not ast.get_docstring(tree_of(path))] == []


def test_every_module_has_a_docstring() -> None:
    modules = [path for path in python_files() if path.read_text("utf-8").strip()]
    assert [place(path) for path in modules if not ast.get_docstring(tree_of(path))] == []


def test_core_and_window_never_open_files_with_the_standard_sqlite() -> None:
    # Two copies of SQLite on one live file end in "disk I/O error" (platform.md section 2).
    assert _imports_of("sqlite3", "core", "ui") == []


def test_nobody_imports_the_orm() -> None:
    assert _imports_of("sqlalchemy.orm", "core", "ui", "tests") == []


def test_no_file_names_a_registry_host_or_a_path_of_one_machine() -> None:
    found = [
        place(path, number)
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if any(host in line for host in HOSTS) or MACHINE_PATH.search(line)
    ]
    assert found == []


def test_a_silenced_checker_says_why() -> None:
    silent = [
        place(path, number)
        for path in python_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (match := SILENCED.search(line)) and not re.search(r"\w{3}", match[1])
    ]
    assert silent == []


def test_nothing_is_marked_unfinished() -> None:
    found = [
        place(path, number)
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if path.suffix in {".py", ".sh", ".toml"} and UNFINISHED.search(line)
    ]
    assert found == []


def test_every_test_checks_something() -> None:
    tests = [(path, f) for path in python_files("tests") for f in functions_of(path) if f.name.startswith("test_")]
    assert [place(path, f.lineno) for path, f in tests if not _checks_something(f)] == []


def test_a_skipped_test_says_why() -> None:
    silent = [
        place(path, node.lineno)
        for path in python_files("tests")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.Call) and _is_bare_skip(node)
    ]
    assert silent == []


def test_tests_never_sleep_and_never_measure() -> None:
    clocks = {"sleep", "perf_counter", "perf_counter_ns", "monotonic", "process_time"}
    found = [
        place(path, node.lineno)
        for path in python_files("tests")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and called_name(node) in clocks
    ]
    assert found == []


def _imports_of(banned: str, *rooms: str) -> list[str]:
    return [
        place(path, line)
        for path in python_files(*rooms)
        for line, name in imported_modules(path)
        if name == banned or name.startswith(f"{banned}.")
    ]


def _checks_something(function: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Assert)
        or (isinstance(node, ast.Call) and CHECKING_CALLS.match(called_name(node).lstrip("_")) is not None)
        for node in ast.walk(function)
    )


def _is_bare_skip(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef):
        return any(isinstance(mark, ast.Attribute) and mark.attr in SKIPS for mark in node.decorator_list)
    if isinstance(node, ast.Call) and called_name(node) in SKIPS | {"importorskip"}:
        has_reason = any(keyword.arg == "reason" for keyword in node.keywords)
        return not has_reason and not (called_name(node) == "skip" and node.args)
    return False
