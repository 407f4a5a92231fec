"""Every invariant and every failure of the protocol has a test that bears its number."""

from __future__ import annotations

import re

from tests.helpers.house import python_files

INVARIANTS, FAILURES = 23, 32


def numbers(letters: str) -> set[int]:
    """Return the numbers that stand behind the letters in the names of tests."""
    names = re.compile(r"\b(?:def test_|class Test|Test)\w+", re.IGNORECASE)
    number = re.compile(rf"(?:_|Test|(?<=\d)){letters}(\d\d)", re.IGNORECASE)
    texts = (path.read_text("utf-8") for path in python_files("tests") if path.name.startswith("test_"))
    return {int(found) for text in texts for name in names.findall(text) for found in number.findall(name)}


def test_every_invariant_has_a_test() -> None:
    assert set(range(1, INVARIANTS + 1)) - numbers("inv") == set()


def test_every_failure_has_a_test() -> None:
    # Of 12, 31 and 32 only what one PostgreSQL can show; packaging/cluster kills leaders and members for good.
    assert set(range(1, FAILURES + 1)) - numbers("f") == set()
