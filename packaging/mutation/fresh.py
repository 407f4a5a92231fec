"""Mutants outside a function: the child imports the house again, with the mutated source in the module's place."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOM = "tests/domain/determinations"
# The quick files; the first that fails ends it.
FILES = (
    "units",
    "facts",
    "reading",
    "derive",
    "duties",
    "limits",
    "measures",
    "statute_rows",
    "lists",
    "golden",
    "package",
    "bad_packages",
    "replay",
)


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module and gives it another source."""

    def __init__(self, name: str, path: str, source: str) -> None:
        self._name, self._path, self._source = name, path, source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for the one module only."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=self._path)

    def exec_module(self, module: ModuleType) -> None:
        """Run the mutated source as the module."""
        exec(compile(self._source, self._path, "exec"), module.__dict__)


def is_killed(mutant: dict[str, Any]) -> bool:
    """Import and test the house with the mutant; in a child only, whose modules are forgotten."""
    name = mutant["module"].removesuffix(".py").replace("/", ".")
    for known in [each for each in sys.modules if each.split(".")[0] in ("core", "tests")]:
        del sys.modules[known]
    sys.meta_path.insert(0, Mutated(name, str(Path(mutant["module"]).resolve()), mutant["source"]))
    try:
        importlib.import_module(name)
    except Exception:  # noqa: BLE001  (whatever stops the import is what kills the mutant)
        return True
    files = [f"{ROOM}/test_{each}.py" for each in FILES]
    return pytest.main(["-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--timeout=0", *files]) != 0
