"""The house as text and syntax: which files there are, and what stands in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON_ROOMS = ("core", "ui", "tests", "packaging")
TEXT_ROOMS = (*PYTHON_ROOMS, "resources", ".ci", ".github")
TEXT_ENDINGS = frozenset({".py", ".sh", ".toml", ".md", ".txt", ".in", ".lock", ".ini", ".yml", ".yaml", ".svg", ""})


@cache
def python_files(*rooms: str) -> tuple[Path, ...]:
    """Return the Python files of the rooms (all rooms and main.py by default), in order."""
    found = [path for room in rooms or PYTHON_ROOMS for path in (ROOT / room).rglob("*.py")]
    return tuple(sorted(found if rooms else [*found, ROOT / "main.py"]))


def text_files() -> Iterator[Path]:
    """Give every file of the project that a person reads as text."""
    for path in ROOT.iterdir():
        # In a second working tree .git is a file that points to the first.
        if path.name != ".git" and path.is_file() and path.suffix in TEXT_ENDINGS and not path.is_symlink():
            yield path
    for room in TEXT_ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and path.suffix in TEXT_ENDINGS and "__pycache__" not in path.parts:
                yield path


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def place(path: Path, line: int | None = None) -> str:
    """Return a file's place as a person would look it up."""
    name = path.relative_to(ROOT).as_posix()
    return name if line is None else f"{name}:{line}"


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Give every function of a file, inner ones and methods included."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def called_name(call: ast.Call) -> str:
    """Return the last name of what is called: `raises` for `pytest.raises(…)`, empty for what has no name."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def imported_modules(path: Path) -> Iterator[tuple[int, str]]:
    """Give line and dotted name of every import of a file; `from a import b` gives both `a` and `a.b`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"
