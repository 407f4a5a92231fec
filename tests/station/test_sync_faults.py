"""A station whose disk is full, whose clock is wrong, whose pictures come later: what it saved arrives all the same."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from core.domain.evidence import Evidence, EvidenceKind
from core.kernel.clock import FixedClock
from core.kernel.errors import Trouble
from core.station import Session
from core.storage.engine import tell_of_writes
from tests.helpers.station_town import BODY, Town, answers_at, put_answer
from tests.helpers.stations import small_station
from tests.helpers.stores import NOW

PICTURE = b"a picture of the scene"
YEARS = timedelta(days=3_660)


def even(session: Session) -> bool:
    """Sync and tell whether both ends are equal."""
    said = session.sync.run().statement
    return said is not None and said.equal


class Full:
    """A disk that is full from some write on, until there is room again."""

    def __init__(self, session: Session) -> None:
        self._left: int | None = None
        self.was_full = False
        tell_of_writes(session.store.writer, self._write)

    @contextmanager
    def from_write(self, number: int) -> Generator[None]:
        """Be full from that write on."""
        self._left, self.was_full = number, False
        yield
        self._left = None

    def _write(self, what: str) -> None:
        if self._left is None or what not in ("insert", "update", "delete", "commit"):
            return
        self._left -= 1
        if self._left <= 0:
            self.was_full = True
            raise Trouble("storage.disk_full", path="main.db")


def test_inv01_f04_on_a_full_disk_nothing_is_half_saved_and_a_page_comes_again(town: Town) -> None:
    one, two = town.enrolled("one"), town.enrolled("two")
    disk = Full(one)
    saved = refused = 0
    for at in (1, 3, 7, 13, 60):
        put_answer(two, at)
        assert even(two)
        held = one.store.head()
        with disk.from_write(at):
            try:
                put_answer(one, 100 + at)
                saved += 1
                one.sync.run()
            except Trouble as trouble:
                refused += trouble.code == "storage.disk_full"
        assert one.store.head().n - held.n in (0, 1)
        assert one.verify_log().bad == ()
        assert one.differing_rows() == ()
        assert even(one)
        if not disk.was_full:
            break
    assert not disk.was_full, "a save and a session write more than was tried"
    assert saved > 1
    assert refused == 4
    assert sum(name.startswith("a-1") and len(name) == 5 for name in answers_at(one)) == saved


def test_inv14_records_do_not_wait_for_media_and_are_whole_only_with_them(town: Town) -> None:
    session = town.enrolled("one")
    name = session.blobs.put(PICTURE)
    piece = Evidence(
        id="e-1",
        visit="v-1",
        kind=EvidenceKind.PHOTO,
        blob=name,
        size_bytes=len(PICTURE),
        media_type="image/jpeg",
        made_at=NOW,
        made_by="o-zhangmin",
    )
    with session.open_work() as work:
        work.table(Evidence).put(piece)
    town.cut = lambda place: place == "part"
    with pytest.raises(Trouble):
        session.sync.run()
    digest = town.hq.desk.digest(session.device_id, (f"org/{BODY}",))
    assert digest.streams[0].families["evidence"] == 1
    assert (digest.blobs.here, digest.blobs.awaited) == (0, (name,))
    town.cut = lambda _: False
    assert even(session)
    assert name == hashlib.sha256(town.hq.blobs.whole[name]).hexdigest()
    assert town.hq.desk.digest(session.device_id, (f"org/{BODY}",)).blobs.awaited == ()


def test_inv22_clocks_that_are_years_off_and_jump_change_nothing(town: Town) -> None:
    clocks = [FixedClock(NOW + YEARS), FixedClock(NOW - YEARS)]
    stations = [
        town.opened(small_station(town.folder / f"s-{number}", clock=clock)) for number, clock in enumerate(clocks)
    ]
    for session in stations:
        session.sync.enrol("https://hq.example", town.code())
    for turn, way in enumerate((1, -1)):
        for number, session in enumerate(stations):
            put_answer(session, 10 * turn + number)
            assert even(session)
        for clock in clocks:
            clock.advance(days=way * 7_000)
        town.clock.advance(days=-way * 3_000)
    assert all(even(session) for session in (*stations, *stations))
    assert answers_at(stations[0]) == answers_at(stations[1])
    assert len(answers_at(stations[0])) == 4
    for session in stations:
        assert session.verify_log().bad == ()
        assert session.differing_rows() == ()
