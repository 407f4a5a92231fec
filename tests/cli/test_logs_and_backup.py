"""The chain, backups and keys on the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.crypto import sealing, slots
from core.crypto.slots import KeySlot
from core.kernel.records import from_plain
from core.storage.engine import writer_engine
from core.storage.home import Home
from tests.cli.line import CommandLine
from tests.cli.steps import ready_visit
from tests.helpers.stations import PASSWORD


def tamper(home: Path, statement: str) -> None:
    """Change the store behind the journal's back, as somebody with the password could."""
    slot = from_plain(KeySlot, Home(home).read().slots["zhangmin"])
    data_key = slots.open_slot(slot, PASSWORD)
    engine = writer_engine(home / "main.db", sealing.derive(data_key, "database"))
    with engine.begin() as connection:
        assert connection.exec_driver_sql(statement).rowcount > 0
    engine.dispose()


def test_an_untouched_log_is_intact(demo: CommandLine) -> None:
    answer = demo.ask("log", "verify")
    assert set(answer) >= {"verdict", "entries", "head", "bad"}
    assert (answer["verdict"], answer["bad"]) == ("intact", [])
    assert answer["entries"] == demo.head_of_chain()[0] > 1000
    assert demo.ask("log", "verify", "--head", answer["head"][:16])["verdict"] == "intact"


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            "UPDATE entry SET raw = CAST(replace(CAST(raw AS TEXT), 'zhangmin', 'zhangmiN') AS BLOB) WHERE n = 2",
            "changed",
        ),
        ("DELETE FROM entry WHERE n = 1", "missing"),
        ("DELETE FROM f_station_event", "row_differs"),
    ],
)
def test_tampering_is_trouble_and_names_the_entry(small: CommandLine, statement: str, why: str) -> None:
    tamper(small.home, statement)
    ran = small.run("log", "verify")
    assert ran.code == 3
    assert ran.document["verdict"] == "broken"
    assert why in [one["why"] for one in ran.document["bad"]]
    assert all(set(one) >= {"entry", "why"} for one in ran.document["bad"])
    assert len(ran.err.strip().splitlines()) == 3


def test_an_old_copy_of_the_whole_file_shows_against_the_head_on_a_paper(demo: CommandLine, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(demo.home, old)
    demo.move("abort", ready_visit(demo)["id"], "--reason", "改期")
    head = demo.head_of_chain()[1]
    demo.home = old
    assert demo.ask("log", "verify")["verdict"] == "intact"
    ran = demo.run("log", "verify", "--head", head)
    assert (ran.code, [one["why"] for one in ran.document["bad"]]) == (3, ["head_not_on_chain"])


def test_a_backup_comes_back_under_a_new_device_with_everything(demo: CommandLine, tmp_path: Path) -> None:
    visits = demo.ask("visit", "list")["visits"]
    device, entries = demo.ask("station", "info")["device"], demo.head_of_chain()
    file = tmp_path / "b.mjb"
    made = demo.ask("backup", "make", file)
    assert (made["entries"], made["head"]) == entries
    assert demo.fault("backup", "make", file) == "backup.exists"
    demo.home = tmp_path / "again"
    answer = demo.ask("backup", "restore", file)
    assert answer["old_device"] == device != answer["device"]
    assert demo.ask("visit", "list")["visits"] == visits
    assert demo.ask("log", "verify", "--head", entries[1])["verdict"] == "intact"


def test_a_restore_with_a_wrong_password_leaves_nothing(demo: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "b.mjb"
    demo.ask("backup", "make", file)
    demo.home = tmp_path / "again"
    demo.passwords = {"zhangmin": "not the password"}
    assert demo.fault("backup", "restore", file) == "crypto.wrong_password"
    assert not demo.home.exists()


def test_a_damaged_backup_is_trouble_and_leaves_nothing(demo: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "b.mjb"
    file.write_bytes(b"PK\x03\x04 torn")
    demo.home = tmp_path / "again"
    assert demo.fault("backup", "restore", file, code=3) == "backup.damaged"
    assert not demo.home.exists()


def test_a_key_that_was_exported_is_trusted_elsewhere(demo: CommandLine, small: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    exported = demo.ask("key", "export", file)
    assert exported["key"] == demo.ask("station", "info")["key_id"]
    taken = small.ask("key", "trust", file)
    assert taken["key"] == exported["key"]
    assert small.ask("log", "verify")["verdict"] == "intact"
    file.write_text("{}")
    assert small.fault("key", "trust", file, code=3) == "cli.key_unreadable"
