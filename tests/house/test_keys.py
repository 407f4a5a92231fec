"""The reader of keys reads what it claims to."""

from __future__ import annotations

from tests.helpers.keys import is_used, placeholders, raised_faults


def test_placeholders_of_a_text_are_its_names_in_braces() -> None:
    assert placeholders("{count:,} of {total} in {path.name}, {{literally}}") == {"count", "total", "path"}


def test_placeholders_of_a_fault_are_those_of_all_sentences() -> None:
    assert placeholders(["{a}", "safe", "{b}"]) == {"a", "b"}


def test_some_faults_are_found_in_the_program() -> None:
    assert len({use.key for use in raised_faults()}) > 10


def test_a_key_nobody_names_is_not_used() -> None:
    assert not is_used("nobody.names_this")
