"""Mingjian 明检: `python main.py` opens the window, `python main.py COMMAND` is the command line.

Each head is imported only when it is picked: a command never loads Qt, and the window paints before it loads the tools.
"""

from __future__ import annotations

import sys

# Options that may stand before a command and take a value; they alone do not make a command.
OPTIONS_WITH_VALUE = frozenset({"--home", "--lang", "--account", "--password-file"})
COMMAND_LINE_ONLY = frozenset({"-h", "--help", "--version", "--json"})


def is_command(arguments: list[str]) -> bool:
    """Tell whether the arguments (without the program's name) ask for the command line."""
    waiting_for_value = False
    for argument in arguments:
        if waiting_for_value:
            waiting_for_value = False
        elif argument in COMMAND_LINE_ONLY or not argument.startswith("-"):
            return True
        else:
            waiting_for_value = argument in OPTIONS_WITH_VALUE
    return False


def main(arguments: list[str]) -> int:
    """Run the head the arguments ask for and return the exit code of the process."""
    if is_command(arguments):
        from core.cli.main import main as run_command

        return run_command(arguments)
    from ui.app import main as open_window

    return open_window(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
