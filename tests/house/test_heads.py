"""main.py picks the window or the command line from the arguments."""

from __future__ import annotations

import pytest

from main import is_command


@pytest.mark.parametrize(
    "arguments", [[], ["--home", "station"], ["--lang", "en"], ["--lang=en"], ["--home", "a", "--lang", "en"]]
)
def test_options_alone_open_the_window(arguments: list[str]) -> None:
    assert not is_command(arguments)


@pytest.mark.parametrize(
    "arguments", [["station", "info"], ["--home", "a", "doctor"], ["--lang=en", "doctor"], ["--help"], ["--json"]]
)
def test_a_word_or_a_question_is_for_the_command_line(arguments: list[str]) -> None:
    assert is_command(arguments)
