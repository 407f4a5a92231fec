"""Which keys of the message catalogue the code uses, read from its syntax."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.helpers.house import called_name, place, python_files, tree_of

# Functions of the window that put a key together from a family and a value; what comes before the family.
FAMILIES = {"words_or_code": "", "term": "ui.term."}
FAULTS = frozenset({"Refusal", "Trouble"})


@dataclass(frozen=True)
class Use:
    """One call that names a key: where, which key, and the parameters it passes (None when they are spread)."""

    place: str
    key: str
    params: frozenset[str] | None


def code_files() -> tuple[Path, ...]:
    """Return the files whose keys count: the program, not its tests."""
    return tuple(path for path in python_files() if not _is_test(path))


def _is_test(path: Path) -> bool:
    return place(path).startswith(("tests/", "packaging/"))


def raised_faults() -> Iterator[Use]:
    """Give every `Refusal("code", …)` and `Trouble("code", …)`."""
    for path in code_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and called_name(node) in FAULTS and (key := _first_word(node)):
                yield Use(place(path, node.lineno), key, _params(node))


def shown_texts() -> Iterator[Use]:
    """Give every `t("key", …)`, `text("key", …)` and `context.words("key", …)` of the two heads.

    Methods called `text` belong to widgets and settings; only the function of the catalogue counts.
    """
    for path in code_files():
        if not place(path).startswith(("ui/", "core/cli/")):
            continue
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call) or not (key := _first_word(node)):
                continue
            is_function = isinstance(node.func, ast.Name) and node.func.id in {"t", "text"}
            is_method = isinstance(node.func, ast.Attribute) and node.func.attr in {"t", "words"}
            if is_function or is_method:
                yield Use(place(path, node.lineno), key, _params(node))


def window_keys() -> Iterator[Use]:
    """Give every text constant of the window that is written like one of its keys, such as those in tables."""
    for path in code_files():
        if place(path).startswith("ui/"):
            for node in ast.walk(tree_of(path)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and _looks_like_key(node.value):
                    yield Use(place(path, node.lineno), node.value, None)


def _looks_like_key(text: str) -> bool:
    parts = text.split(".")
    # A beginning such as "ui.today.duty_" is completed at run time.
    return len(parts) >= 3 and parts[0] == "ui" and all(part.isidentifier() for part in parts) and text[-1] != "_"


@cache
def constants() -> frozenset[str]:
    """Return every text constant of the program."""
    return frozenset(
        node.value
        for path in code_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@cache
def built_keys() -> tuple[frozenset[str], frozenset[str]]:
    """Return beginnings and endings of keys put together at run time: `f"ui.page.{name}"`, `f"{key}.hint"`."""
    starts: set[str] = set()
    ends: set[str] = set()
    for path in code_files():
        for node in ast.walk(tree_of(path)):
            first, last = _ends_of(node)
            if isinstance(node, ast.Call) and called_name(node) in FAMILIES:
                starts.add(f"{FAMILIES[called_name(node)]}{_first_word(node)}.")
            if "." in first and first[-1] in "._":
                starts.add(first)
            if last.startswith((".", "_")) and len(last) > 2:
                ends.add(last)
    return frozenset(starts), frozenset(ends)


def _ends_of(node: ast.AST) -> tuple[str, str]:
    if isinstance(node, ast.JoinedStr) and len(node.values) > 1:
        return _constant(node.values[0]), _constant(node.values[-1])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _constant(node.left), _constant(node.right)
    return "", ""


def is_used(key: str) -> bool:
    """Tell whether the program names the key or can put it together."""
    starts, ends = built_keys()
    if key in constants() or any(key.startswith(start) for start in starts):
        return True
    return any(key.endswith(end) and key.removesuffix(end) in constants() for end in ends)


def placeholders(words: Any) -> frozenset[str]:
    """Return the names in braces of a text or of a fault's sentences."""
    sentences: list[str] = [words] if isinstance(words, str) else list(words)
    fields = (field for sentence in sentences for _, field, _, _ in string.Formatter().parse(sentence) if field)
    return frozenset(field.split(".")[0].split("[")[0] for field in fields)


def _first_word(call: ast.Call) -> str:
    return _constant(call.args[0]) if call.args else ""


def _constant(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value else ""


def _params(call: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(name for name in names if name)
