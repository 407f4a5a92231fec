"""Backup and restore: all of it comes back, under a new device, or nothing does."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from core.domain.checklists import Answer
from core.domain.station_events import StationEvent
from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Unwatched
from core.station import Session, Station
from core.station.backup import unpack_backup
from tests.helpers.stations import PASSWORD, unlocked
from tests.helpers.stores import answer


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = unlocked(tmp_path / "home")
    with made.open_work() as work:
        work.table(Answer).put(answer(1))
    made.blobs.put(b"a photo")
    return made


def restored(backup: Path, folder: Path) -> Session:
    unpack_backup(backup, folder, progress=Unwatched())
    made = Station.open(folder).unlock("zhangmin", PASSWORD)
    made.begin_after_restore()
    return made


def test_a_restore_brings_everything_back_under_a_new_device_that_names_the_old_head(
    session: Session, tmp_path: Path
) -> None:
    manifest = session.backup(tmp_path / "b.mjb", progress=Unwatched())
    again = restored(tmp_path / "b.mjb", tmp_path / "again")
    with again.read_work() as work:
        assert work.table(Answer).get("a-1") == answer(1)
        event = work.table(StationEvent).where()[-1]
    assert (event.kind, event.old_device, event.old_head) == ("restored", session.device.id, manifest.head)
    assert again.device.id != session.device.id
    assert again.blobs.get(session.blobs.put(b"a photo")) == b"a photo"
    assert again.verify_log().verdict == "intact"
    assert again.differing_rows() == ()


def test_the_head_on_a_paper_of_the_old_chain_is_still_found_after_a_restore(session: Session, tmp_path: Path) -> None:
    head = session.station_info().head
    session.backup(tmp_path / "b.mjb", progress=Unwatched())
    assert restored(tmp_path / "b.mjb", tmp_path / "again").verify_log(expected_head=head).verdict == "intact"


def test_restoring_twice_gives_two_devices(session: Session, tmp_path: Path) -> None:
    session.backup(tmp_path / "b.mjb", progress=Unwatched())
    devices = {restored(tmp_path / "b.mjb", tmp_path / name).device.id for name in ("first", "second")}
    assert len(devices | {session.device.id}) == 3


def test_nothing_is_written_over(session: Session, tmp_path: Path) -> None:
    (tmp_path / "b.mjb").write_bytes(b"older backup")
    with pytest.raises(Refusal) as refusal:
        session.backup(tmp_path / "b.mjb", progress=Unwatched())
    assert refusal.value.code == "backup.exists"
    assert (tmp_path / "b.mjb").read_bytes() == b"older backup"


def test_a_station_is_never_restored_over_another(session: Session, tmp_path: Path) -> None:
    session.backup(tmp_path / "b.mjb", progress=Unwatched())
    with pytest.raises(Refusal) as refusal:
        unpack_backup(tmp_path / "b.mjb", tmp_path / "home", progress=Unwatched())
    assert refusal.value.code == "station.folder_not_empty"


def test_a_changed_member_is_named_and_nothing_is_laid_down(session: Session, tmp_path: Path) -> None:
    session.backup(tmp_path / "b.mjb", progress=Unwatched())
    with zipfile.ZipFile(tmp_path / "b.mjb") as source, zipfile.ZipFile(tmp_path / "c.mjb", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:-1] + b"x" if name == "main.db" else content)
    with pytest.raises(Trouble) as trouble:
        unpack_backup(tmp_path / "c.mjb", tmp_path / "again", progress=Unwatched())
    assert (trouble.value.code, trouble.value.params["name"]) == ("backup.damaged", "main.db")
    assert not (tmp_path / "again").exists()


def test_a_member_that_points_outside_is_refused(session: Session, tmp_path: Path) -> None:
    session.backup(tmp_path / "b.mjb", progress=Unwatched())
    with zipfile.ZipFile(tmp_path / "b.mjb") as source, zipfile.ZipFile(tmp_path / "c.mjb", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "manifest.json":
                content = content.replace(b'"name":"main.db"', b'"name":"../evil"')
            target.writestr(name, content)
    with pytest.raises(Trouble):
        unpack_backup(tmp_path / "c.mjb", tmp_path / "again", progress=Unwatched())
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("size", [0, 10, 3_000])
def test_a_torn_backup_is_trouble(session: Session, tmp_path: Path, size: int) -> None:
    session.backup(tmp_path / "b.mjb", progress=Unwatched())
    (tmp_path / "c.mjb").write_bytes((tmp_path / "b.mjb").read_bytes()[:size])
    with pytest.raises(Trouble) as trouble:
        unpack_backup(tmp_path / "c.mjb", tmp_path / "again", progress=Unwatched())
    assert trouble.value.code == "backup.damaged"
