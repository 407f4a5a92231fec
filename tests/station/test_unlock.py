"""Making, unlocking and locking a station."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.kernel.clock import FixedClock
from core.kernel.errors import Refusal, Trouble
from core.station import Station, new_station
from tests.helpers.stations import PASSWORD, account, small_station
from tests.helpers.stores import NOW


def refused(station: Station, password: str = "wrong") -> Refusal:
    with pytest.raises(Refusal) as refusal:
        station.unlock("zhangmin", password)
    return refusal.value


def test_the_right_password_opens_the_person_s_session(tmp_path: Path) -> None:
    session = small_station(tmp_path / "home").unlock("zhangmin", PASSWORD)
    assert session.account == account()
    assert session.verify_log().verdict == "intact"
    session.close()


def test_each_account_has_its_own_slot_over_one_store(tmp_path: Path) -> None:
    station = small_station(tmp_path / "home", names=("zhangmin", "liqiang"))
    assert station.accounts() == ("zhangmin", "liqiang")
    for name in station.accounts():
        session = station.unlock(name, PASSWORD)
        assert session.account.name == name
        session.close()


def test_a_wrong_password_is_refused_by_its_code(tmp_path: Path) -> None:
    assert refused(small_station(tmp_path / "home")).code == "crypto.wrong_password"


def test_the_third_wrong_password_makes_even_the_right_one_wait(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    station = small_station(tmp_path / "home", clock=clock)
    for _ in range(3):
        refused(station)
    waiting = refused(station, PASSWORD)
    assert (waiting.code, waiting.params["seconds"]) == ("unlock.wait", 5)
    clock.advance(seconds=4)
    assert refused(station, PASSWORD).code == "unlock.wait"
    clock.advance(seconds=1)
    station.unlock("zhangmin", PASSWORD).close()
    assert station.wait_s("zhangmin") == 0


def test_setting_the_clock_back_does_not_shorten_the_wait(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    station = small_station(tmp_path / "home", clock=clock)
    for _ in range(4):
        clock.advance(minutes=20)
        refused(station)
    clock.advance(days=-400)
    assert 0 < station.wait_s("zhangmin") <= 15


def test_the_count_of_wrong_passwords_outlives_the_process(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    station = small_station(tmp_path / "home", clock=clock)
    for _ in range(3):
        refused(station)
    assert Station.open(tmp_path / "home", clock=clock).wait_s("zhangmin") == 5


def test_a_new_password_takes_the_place_of_the_old(tmp_path: Path) -> None:
    station = small_station(tmp_path / "home")
    station.change_password("zhangmin", PASSWORD, "another long phrase", cost=CHEAP_COST_FOR_TESTS)
    station.unlock("zhangmin", "another long phrase").close()
    assert refused(station, PASSWORD).code == "crypto.wrong_password"


def test_a_short_password_is_refused_and_no_station_is_made(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        new_station(tmp_path / "home", [(account(), "short")], cost=CHEAP_COST_FOR_TESTS)
    assert refusal.value.code == "unlock.password_short"
    assert not (tmp_path / "home").exists()


def test_a_station_is_never_made_over_another(tmp_path: Path) -> None:
    small_station(tmp_path / "home")
    before = (tmp_path / "home" / "station.json").read_bytes()
    with pytest.raises(Refusal) as refusal:
        small_station(tmp_path / "home")
    assert refusal.value.code == "station.exists"
    assert (tmp_path / "home" / "station.json").read_bytes() == before


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(Refusal) as refusal:
        small_station(tmp_path)
    assert refusal.value.code == "station.folder_not_empty"


def test_a_folder_without_a_station_says_so(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        Station.open(tmp_path)
    assert refusal.value.code == "station.missing"


def test_a_torn_station_file_is_trouble_and_not_touched(tmp_path: Path) -> None:
    small_station(tmp_path / "home")
    file = tmp_path / "home" / "station.json"
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(Trouble) as trouble:
        Station.open(tmp_path / "home")
    assert trouble.value.code == "station.file_damaged"
    assert len(file.read_bytes()) == 40


def test_a_place_where_nothing_can_be_made_is_trouble(tmp_path: Path) -> None:
    # A file stands where the folder should be; this also refuses root, whom permissions do not stop.
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble) as trouble:
        small_station(tmp_path / "file" / "home")
    assert trouble.value.code == "storage.read_only"


def test_the_names_of_people_are_not_readable_outside_station_json(tmp_path: Path) -> None:
    small_station(tmp_path / "home").unlock("zhangmin", PASSWORD).close()
    for path in (tmp_path / "home").rglob("*"):
        if path.is_file() and path.name != "station.json":
            assert "某局".encode() not in path.read_bytes()
