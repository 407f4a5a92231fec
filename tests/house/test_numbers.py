"""Every invariant and every failure of the protocol has a test that bears its number."""

from __future__ import annotations

import re

from tests.helpers.house import python_files

INVARIANTS, FAILURES = 23, 32
ELSEWHERE = {
    12: "packaging/cluster kills the leader of a PostgreSQL cluster",
    19: "needs an object store of several nodes",
    22: "no test yet: a snapshot of an old epoch",
    30: "no test yet: everyone in one stream at once",
    31: "needs Citus, which no package brings",
    32: "packaging/cluster kills a member of etcd",
}
"""Failures without a test in this command, and why; a number that gets one is taken off."""


def numbers(letters: str) -> set[int]:
    """Return the numbers that stand behind the letters in the names of tests."""
    names = re.compile(r"\b(?:def test_|class Test|Test)\w+", re.IGNORECASE)
    number = re.compile(rf"(?:_|Test|(?<=\d)){letters}(\d\d)", re.IGNORECASE)
    texts = (path.read_text("utf-8") for path in python_files("tests") if path.name.startswith("test_"))
    return {int(found) for text in texts for name in names.findall(text) for found in number.findall(name)}


def test_every_invariant_has_a_test() -> None:
    assert set(range(1, INVARIANTS + 1)) - numbers("inv") == set()


def test_every_failure_has_a_test() -> None:
    assert set(range(1, FAILURES + 1)) - numbers("f") == set(ELSEWHERE)
