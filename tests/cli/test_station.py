"""Making, describing and examining a station on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli import doctor
from core.crypto import slots
from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.kernel.errors import Trouble
from core.station import home
from tests.cli.line import CommandLine


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stations of a test be made with a password cost that takes no time."""
    for function in (home.new_station, home.demo_station):
        defaults = function.__kwdefaults__ or {}
        monkeypatch.setattr(function, "__kwdefaults__", defaults | {"cost": CHEAP_COST_FOR_TESTS})
    assert slots.STANDARD_COST != CHEAP_COST_FOR_TESTS


@pytest.mark.usefixtures("cheap_passwords")
def test_a_new_station_shows_the_password_that_it_made_once(small: CommandLine, tmp_path: Path) -> None:
    small.home, small.passwords = tmp_path / "new", {}
    assert small.fault("station", "new") == "cli.name_missing"
    assert not small.home.exists()
    answer = small.ask("station", "new", "--name", "周涛", "--subject", "某局")
    assert set(answer) >= {"station", "home", "accounts"}
    (account,) = answer["accounts"]
    small.passwords = {"周涛": account["password"]}
    info = small.ask("station", "info", account="周涛")
    assert (info["station"], info["is_demo"]) == (answer["station"], False)
    assert small.fault("station", "new", "--name", "周涛", account="周涛") == "station.exists"


@pytest.mark.usefixtures("cheap_passwords")
def test_a_password_that_was_given_is_never_shown(small: CommandLine, tmp_path: Path) -> None:
    small.home, small.passwords = tmp_path / "new", {"zhangmin": "a long given phrase"}
    ran = small.run("station", "new", "--name", "zhangmin")
    assert ran.code == 0
    assert "password" not in ran.document["accounts"][0]
    assert "a long given phrase" not in ran.out
    assert small.ask("lists", "status")["lists"]


@pytest.mark.usefixtures("cheap_passwords")
def test_the_demo_station_gives_every_account_with_its_password(small: CommandLine, tmp_path: Path) -> None:
    small.home = tmp_path / "new"
    answer = small.ask("station", "new", "--demo")
    assert set(answer) >= {"station", "home", "accounts"}
    assert all(set(one) >= {"name", "role", "password"} for one in answer["accounts"])
    small.passwords = {one["name"]: one["password"] for one in answer["accounts"]}
    for account in small.passwords:
        assert small.ask("station", "info", account=account)["is_demo"] is True
    rows = {one["kind"]: one["rows"] for one in small.ask("lists", "status")["lists"]}
    assert (rows["subjects"], rows["items"], rows["plans"], rows["enterprises"]) == (48, 615, 394, 2000)


@pytest.mark.usefixtures("cheap_passwords")
@pytest.mark.parametrize("was_there", [False, True])
def test_a_demo_station_whose_making_failed_leaves_nothing_half_done(
    small: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, was_there: bool
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise Trouble("storage.disk_full", path="main.db")

    small.home = tmp_path / "new"
    if was_there:
        small.home.mkdir()
    monkeypatch.setattr("core.services.demo.build.build_demo", fail)
    assert small.fault("station", "new", "--demo", code=3) == "storage.disk_full"
    assert small.home.exists() is was_there
    assert list(tmp_path.glob("new/*")) == []


def test_a_folder_with_other_files_is_left_alone(small: CommandLine, tmp_path: Path) -> None:
    small.home = tmp_path / "letters"
    small.home.mkdir()
    (small.home / "mine.txt").write_text("mine")
    assert small.fault("station", "new", "--demo") == "station.folder_not_empty"
    assert [path.name for path in small.home.iterdir()] == ["mine.txt"]


def test_a_station_describes_itself(demo: CommandLine) -> None:
    info = demo.ask("station", "info")
    assert (info["is_demo"], info["unsynced"]) == (True, info["entries"])
    assert len(info["head"]) == 64
    assert info["fingerprint"] in demo.say("station", "info")


def test_the_doctor_needs_no_station_and_names_what_is_missing(
    small: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.home = tmp_path / "nowhere"
    answer = small.ask("station", "doctor")
    assert (answer["home_exists"], answer["home_writable"]) == (False, True)
    monkeypatch.setattr(doctor, "LIBRARIES", ("no_such_library",))
    monkeypatch.setattr(doctor, "FREE_MB_LEAST", 10**12)
    small.home = tmp_path / "file" / "home"
    (tmp_path / "file").write_text("")
    answer = small.ask("station", "doctor")
    assert {"library", "free_space", "home_writable"} <= {one["what"] for one in answer["missing"]}
    for lang in ("zh", "en"):
        assert "no_such_library" in small.say("station", "doctor", "--lang", lang)


def test_a_password_is_changed_and_the_old_one_opens_nothing(small: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "new"
    file.write_text("another long phrase\n", "utf-8")
    assert small.fault("station", "password") == "cli.new_password_missing"
    small.ask("station", "password", "--new-password-file", file)
    assert small.fault("lists", "status") == "crypto.wrong_password"
    small.passwords = {"zhangmin": "another long phrase"}
    assert small.ask("lists", "status")["lists"]
    file.write_text("short", "utf-8")
    assert small.fault("station", "password", "--new-password-file", file) == "unlock.password_short"
