"""The setup of the two commands chooses, asks and refuses rightly, tried with made-up tools on the path."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.helpers.house import ROOT

SCRIPTS = sorted((ROOT / "packaging").glob("*.sh"))


class Machine:
    """A machine whose tools are the ones put on it, and the basic ones of this one."""

    def __init__(self, folder: Path) -> None:
        self.tools = folder
        for name in ("sh", "sed", "grep", "tr", "cat", "env", "cksum", "mktemp", "rm", "mkdir", "tail", "test"):
            self._link(name)
        self.put("id", "echo 1000")

    def _link(self, name: str) -> None:
        found = shutil.which(name)
        assert found is not None
        (self.tools / name).symlink_to(found)

    def put(self, name: str, body: str) -> None:
        tool = self.tools / name
        tool.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
        tool.chmod(0o755)

    def run(self, command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Source setup.sh in the root of the project and run the command after it."""
        code = f"set -u; . packaging/setup.sh; {command}"
        return subprocess.run(
            ["/bin/sh", "-c", code],
            cwd=ROOT,
            env={"PATH": str(self.tools), "HOME": os.devnull, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_is_read_by_a_plain_shell(script: Path) -> None:
    read = subprocess.run(["/bin/sh", "-n", script], capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.parametrize(
    ("version", "lock"),
    [("2.41", "modern"), ("2.34", "modern"), ("2.33", "legacy-linux"), ("2.28", "legacy-linux"), ("2.27", "too-old")],
)
def test_the_c_library_chooses_the_lock(machine: Machine, version: str, lock: str) -> None:
    machine.put("getconf", f"echo 'glibc {version}'")
    assert machine.run("lock_name").stdout.strip() == lock


def test_a_system_without_glibc_takes_the_modern_lock(machine: Machine) -> None:
    assert machine.run("lock_name").stdout.strip() == "modern"


def test_the_lock_can_be_named(machine: Machine) -> None:
    assert machine.run("lock_name", MINGJIAN_LOCK="legacy-linux").stdout.strip() == "legacy-linux"


def test_too_old_a_system_is_told_so_and_nothing_is_done(machine: Machine) -> None:
    machine.put("getconf", "echo 'glibc 2.17'")
    ran = machine.run("prepare run")
    assert (ran.returncode, "glibc 2.28" in ran.stderr) == (3, True)


def test_without_python_a_sentence_says_what_to_install(machine: Machine) -> None:
    ran = machine.run("find_python")
    assert (ran.returncode, "apt-get install python3 python3-venv" in ran.stderr) == (3, True)


def test_an_old_python_is_passed_over_for_a_newer_one(machine: Machine) -> None:
    machine.put("python3", "exit 1")
    machine.put("python3.12", "exit 0")
    ran = machine.run('find_python; echo "$BASE_PYTHON"')
    assert ran.stdout.strip() == str(machine.tools / "python3.12")


def test_without_rights_the_missing_packages_are_named(machine: Machine) -> None:
    machine.put("dpkg-query", "exit 1")
    machine.put("apt-cache", "exit 1")
    machine.put("apt-get", "exit 1")
    ran = machine.run('system_packages run; echo "$MISSING"')
    assert (ran.returncode, "libzbar0" in ran.stderr, "libzbar0" in ran.stdout) == (0, True, True)


def test_tools_of_the_tests_are_not_asked_for_by_the_window(machine: Machine) -> None:
    machine.put("dpkg-query", "exit 1")
    machine.put("apt-cache", "exit 1")
    asked = {need: set(machine.run(f"missing_packages {need}").stdout.split()) for need in ("run", "test")}
    assert "poppler-utils" in asked["test"] - asked["run"]
    assert asked["run"] < asked["test"]


def test_of_two_names_the_one_the_system_knows_is_asked_for(machine: Machine) -> None:
    machine.put("dpkg-query", "exit 1")
    machine.put("apt-cache", '[ "$2" = libzbar0t64 ]')
    asked = machine.run("missing_packages run").stdout.split()
    assert ("libzbar0t64" in asked, "libzbar0" in asked, "libcups2" in asked) == (True, False, True)


def test_what_is_installed_under_either_name_is_not_asked_for(machine: Machine) -> None:
    machine.put("dpkg-query", '[ "$4" = libzbar0 ] && echo "install ok installed"')
    machine.put("apt-cache", "exit 0")
    asked = machine.run("missing_packages run").stdout.split()
    assert not {"libzbar0", "libzbar0t64"} & set(asked)
