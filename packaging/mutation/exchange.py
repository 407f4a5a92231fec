"""Put mutated or noted code in the place of the functions that stand in memory."""

from __future__ import annotations

import ast
import gc
import importlib
import os
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any


def function_at(source: str, row: int, column: int) -> str:
    """Return the qualified name of the outermost function whose body holds the place, or an empty text."""

    def search(body: list[ast.stmt], before: str) -> str:
        for node in body:
            if isinstance(node, ast.ClassDef):
                inner = search(node.body, f"{before}{node.name}.")
                if inner:
                    return inner
            if isinstance(node, ast.FunctionDef):
                first = node.body[0]
                ends = (node.end_lineno or 0, node.end_col_offset or 0)
                if (first.lineno, first.col_offset) <= (row, column) <= ends:
                    return f"{before}{node.name}"
        return ""

    return search(ast.parse(source).body, "")


def code_named(code: CodeType, name: str) -> CodeType | None:
    """Return the code of a function by its qualified name."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_qualname == name:
                return constant
            inner = code_named(constant, name)
            if inner is not None:
                return inner
    return None


@cache
def functions_of(module: str) -> dict[str, list[FunctionType]]:
    """Return the living function objects of a module by qualified name; looked for once, before anything is frozen."""
    path = str(Path(module).resolve())
    found: dict[str, list[FunctionType]] = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and os.path.realpath(each.__code__.co_filename) == path:
            found[each.__code__.co_qualname].append(each)
    return found


def exchanged(module: str, name: str, mutated: str) -> bool:
    """Put the mutated code into every function object of that name; tell whether that was possible."""
    new = code_named(compile(mutated, str(Path(module).resolve()), "exec"), name)
    functions = functions_of(module).get(name, [])
    if new is None or not functions or any(len(one.__code__.co_freevars) != len(new.co_freevars) for one in functions):
        return False
    for each in functions:
        each.__code__ = new
    return True


def exchange_all(module: str, code: CodeType) -> None:
    """Put the code of a whole module into its living functions, where it fits."""
    for name, functions in functions_of(module).items():
        new = code_named(code, name)
        for each in functions:
            if new is not None and len(each.__code__.co_freevars) == len(new.co_freevars):
                each.__code__ = new


def note_of(number: int, statement: ast.stmt) -> ast.stmt:
    """Return the statement that notes that the line of another one was reached."""
    note = ast.parse(f"__reach__(({number}, {statement.lineno}))").body[0]
    return ast.copy_location(note, statement)


def forget_compiled() -> None:
    """Forget the packages that were made ready to run: they hold closures of the code before."""
    kept: dict[int, Any] = vars(importlib.import_module("core.domain.determinations.compiled"))["_kept"]
    kept.clear()
