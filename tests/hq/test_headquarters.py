"""A headquarters in a folder: begun, opened again, its key rotated while stations know the old one."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient

from core.crypto import signing
from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.hq.headquarters import Headquarters, HqSettings, begin, without_password
from core.hq.keys import ROOT_FILE, SERVICE_FILE, new_keys
from core.hq.rotation import NEXT_FILE, rotate
from core.kernel.clock import FixedClock
from core.kernel.errors import Refusal, Trouble
from core.remote.line import HttpLine
from core.remote.tokens import Caller
from core.sync.runs import check_run
from core.sync.streams import Cursor, Page, runs_of
from core.sync.wire import DeviceKeys, EnrolRequest, PullRequest
from tests.helpers.headquarters import SUBJECT, Author


@pytest.fixture
def folder(tmp_path: Path, clock: FixedClock) -> Path:
    """Give the folder of a headquarters that was begun and closed."""
    headquarters, _ = begin(tmp_path / "hq", clock=clock, cost=CHEAP_COST_FOR_TESTS, password="a long password")
    headquarters.close()
    return tmp_path / "hq"


@pytest.fixture
def hq(folder: Path, clock: FixedClock) -> Iterator[Headquarters]:
    """Give the headquarters, opened again."""
    opened = Headquarters(folder, clock=clock, cost=CHEAP_COST_FOR_TESTS)
    yield opened
    opened.close()


def line(hq: Headquarters, client: httpx.Client, author: Author, *, pinned: bool = True) -> HttpLine:
    """Return the line of a device."""
    sign = partial(signing.sign, author.private)
    caller = Caller(device=author.device, public=author.public, sign=sign, now=lambda: 0.0)
    root = hq.keys.root_public if pinned else None
    return HttpLine(client, caller=caller, verify=signing.verify, root_public=root)


def test_keys_are_for_nobody_else_and_the_first_account_lets_in(hq: Headquarters, folder: Path) -> None:
    for name in (SERVICE_FILE, ROOT_FILE):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert hq.people.check("admin", "a long password").name == "admin"


def test_the_service_works_without_the_root_key(folder: Path, clock: FixedClock) -> None:
    (folder / ROOT_FILE).unlink()
    opened = Headquarters(folder, clock=clock)
    assert opened.app() is not None
    opened.close()


def test_a_folder_is_begun_once(folder: Path, clock: FixedClock) -> None:
    with pytest.raises(Refusal) as refused:
        begin(folder, clock=clock, cost=CHEAP_COST_FOR_TESTS)
    assert refused.value.code == "hq.folder_taken"


def test_a_folder_without_headquarters_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        Headquarters(tmp_path)
    assert refused.value.code == "hq.folder_missing"


def test_a_password_of_the_database_is_not_kept() -> None:
    url = "postgresql+psycopg://u:secret@db1:5432,db2/hq?x=1"
    assert without_password(url) == "postgresql+psycopg://u@db1:5432,db2/hq?x=1"
    assert without_password("") == ""
    assert HqSettings(database=without_password(url)).database.count("secret") == 0


def test_a_key_file_of_another_headquarters_is_refused(folder: Path, tmp_path: Path, clock: FixedClock) -> None:
    other = tmp_path / "other"
    other.mkdir()
    new_keys(other)
    (other / SERVICE_FILE).replace(folder / SERVICE_FILE)
    with pytest.raises(Trouble) as trouble:
        Headquarters(folder, clock=clock)
    assert trouble.value.code == "hq.key_mismatch"


def test_only_the_root_key_rotates(hq: Headquarters, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    new_keys(other)
    with pytest.raises(Refusal) as refused:
        rotate(hq.store, hq.folder, hq.keys, other / ROOT_FILE, by="甲")
    assert refused.value.code == "hq.root_key_foreign"


def test_after_a_rotation_old_and_new_stations_check_everything_with_the_new_key(
    hq: Headquarters, folder: Path, clock: FixedClock
) -> None:
    first, second = Author("d-1", clock=clock), Author("d-2", clock=clock)
    codes = [hq.enrolment.issue(subject=SUBJECT, officer="o-1", by="甲").code for _ in range(2)]
    with TestClient(hq.app(), base_url="http://hq.local") as client:
        said = line(hq, client, first, pinned=False).enrol(request(first, codes[0]))
    old = hq.keys.public
    assert said.hq_public == old
    rotate(hq.store, folder, hq.keys, folder / ROOT_FILE, by="甲")
    renewed = Headquarters(folder, clock=clock)
    assert renewed.keys.public != old
    with TestClient(renewed.app(), base_url="http://hq.local") as client:
        known = line(hq, client, first)
        (page,) = known.pull(PullRequest(cursors=(Cursor(stream=said.home_stream),)))
        assert known.hq_key[0] == renewed.keys.public
        assert isinstance(page, Page)
        assert [check_run(run, renewed.keys.public, signing.verify).header.count for run in runs_of(page)] == [1]
        assert line(hq, client, second, pinned=False).enrol(request(second, codes[1])).hq_public == renewed.keys.public
    renewed.close()


def test_a_rotation_cut_after_the_database_is_finished_at_the_next_start(
    hq: Headquarters, folder: Path, clock: FixedClock
) -> None:
    before = (folder / SERVICE_FILE).read_bytes()
    fresh = rotate(hq.store, folder, hq.keys, folder / ROOT_FILE, by="甲")
    (folder / SERVICE_FILE).replace(folder / NEXT_FILE)
    (folder / SERVICE_FILE).write_bytes(before)
    opened = Headquarters(folder, clock=clock)
    assert opened.keys.public == fresh.public
    assert not (folder / NEXT_FILE).exists()
    opened.close()


def request(author: Author, code: str) -> EnrolRequest:
    """Return the request of a station of its own."""
    keys = DeviceKeys(device=author.device, public=author.public, seal_recipient="age1")
    return EnrolRequest(code=code, station=f"s-{author.device}", keys=keys)
