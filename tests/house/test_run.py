"""The run command makes the demo station once, sweeps only what it made itself, and knows when there is no display."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.house import ROOT

# Stands for the environment: the words are said, nothing is installed, and `python` writes down what it was asked.
SETUP = """
say() { printf '%s\\n' "$1" "  $2" >&2; }
prepare() { PYTHON=./python; }
"""
PYTHON = """#!/bin/sh
echo "$*" >>asked
case "$*" in
*"station new"*)
    [ ! -e fail ] || { echo half >"$3/main.db"; exit 3; }
    echo made >"$3/station.json"
    echo '{"accounts": []}' ;;
esac
"""


class Clone:
    """A clone of the project with a made-up Python and a station home beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.home = folder / "home" / "mingjian"
        (self.folder / "packaging").mkdir(parents=True)
        shutil.copy(ROOT / "packaging" / "run.sh", self.folder / "packaging")
        (self.folder / "packaging" / "setup.sh").write_text(SETUP, "utf-8")
        (self.folder / "python").write_text(PYTHON, "utf-8")
        (self.folder / "python").chmod(0o755)

    def run(self, *options: str, display: str = ":0") -> subprocess.CompletedProcess[str]:
        places = {"HOME": str(self.folder), "MINGJIAN_HOME": str(self.home)}
        return subprocess.run(
            ["/bin/sh", "packaging/run.sh", *options],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "DISPLAY": display, **places},
            capture_output=True,
            text=True,
            check=False,
        )

    def asked(self) -> list[str]:
        """Return what Python was asked since the last time, without the folder of the home."""
        asked = self.folder / "asked"
        lines = asked.read_text("utf-8").replace(str(self.home), "HOME").splitlines()
        asked.unlink()
        return lines


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


WINDOW = "main.py --home HOME"
MAKING = "main.py --home HOME --json station new --demo"
ACCOUNTS = "packaging/demo.py accounts HOME"


def test_the_first_start_makes_the_station_and_opens_the_window(clone: Clone) -> None:
    ran = clone.run("--lang", "en")
    assert (ran.returncode, clone.asked()) == (0, [MAKING, ACCOUNTS, f"{WINDOW} --lang en"])


def test_the_second_start_makes_nothing(clone: Clone) -> None:
    clone.run()
    clone.asked()
    clone.run()
    assert clone.asked() == [ACCOUNTS, WINDOW]


def test_only_the_owner_may_read_the_accounts(clone: Clone) -> None:
    clone.run()
    assert (clone.home / "demo-accounts.json").stat().st_mode & 0o077 == 0


def test_a_station_whose_making_failed_is_made_anew(clone: Clone) -> None:
    (clone.folder / "fail").touch()
    failed = clone.run()
    (clone.folder / "fail").unlink()
    again = clone.run()
    assert (failed.returncode, again.returncode, (clone.home / "main.db").exists()) == (3, 0, False)


def test_a_folder_with_other_files_is_never_swept(clone: Clone) -> None:
    clone.home.mkdir(parents=True)
    letter = clone.home / "letter.txt"
    letter.write_text("mine", "utf-8")
    (clone.folder / "fail").touch()
    clone.run()
    clone.run()
    assert letter.read_text("utf-8") == "mine"


def test_without_a_display_the_visit_is_made_from_the_command_line(clone: Clone) -> None:
    ran = clone.run(display="")
    assert clone.asked()[-1] == "packaging/demo.py visit HOME"
    assert "no display" in ran.stderr


def test_the_demo_accounts_are_listed_with_their_passwords(tmp_path: Path) -> None:
    account = {"name": "zhangmin", "role": "officer", "password": "abcd-efgh"}
    (tmp_path / "demo-accounts.json").write_text(json.dumps({"accounts": [account]}), "utf-8")
    command = [sys.executable, "packaging/demo.py", "accounts", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["zhangmin", "officer", "abcd-efgh"]
