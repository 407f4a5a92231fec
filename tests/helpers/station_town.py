"""Real stations and a real headquarters in one process, with a line between them that a test may cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.crypto import boxes, signing
from core.domain.checklists import Answer
from core.hq.direct import DirectLine
from core.hq.enrolment import Enrolment
from core.hq.keys import ServiceKeys
from core.hq.store import HqStore
from core.kernel.clock import FixedClock
from core.kernel.errors import Trouble
from core.remote.door import hq_key_text
from core.station import Session, Station
from core.sync.hq_pen import HqPen
from core.sync.runs import Run
from core.sync.streams import Page, Reset
from core.sync.wire import PullRequest, PushAnswer
from tests.helpers.headquarters import HQ_KEY, Headquarters
from tests.helpers.stations import PASSWORD, small_station
from tests.helpers.stores import NOW, answer

URL = "https://hq.example"
BODY = "某局"
ROOT = b"r" * 32


class Town:
    """One headquarters, and stations made beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FixedClock(NOW)
        self.hq = Headquarters(folder / "hq.db", clock=self.clock)
        self.keys = ServiceKeys(
            private=HQ_KEY,
            root_public=signing.public_key_of(ROOT),
            root_signature=signing.sign(ROOT, hq_key_text(signing.public_key_of(HQ_KEY))),
            age_identity=boxes.new_identity(),
        )
        self.cut: Callable[[str], bool] = lambda _: False
        self.sessions: list[Session] = []

    @property
    def store(self) -> HqStore:
        """Return headquarters' store."""
        return self.hq.store

    def enrolment(self) -> Enrolment:
        """Return headquarters' enrolment."""
        return Enrolment(self.store, self.keys, pen=self._pen, clock=self.clock)

    def _pen(self, actor: str) -> HqPen:
        return HqPen(lambda message: signing.sign(HQ_KEY, message), self.clock.now, actor=actor)

    def code(self, *, subject: str = BODY) -> str:
        """Return a fresh one-time code."""
        return self.enrolment().issue(subject=subject, officer="o-zhangmin", by="hq-1").code

    def station(self, name: str) -> Session:
        """Return a new station that is not enrolled yet."""
        return self.opened(small_station(self.folder / name, clock=self.clock))

    def opened(self, station: Station) -> Session:
        """Unlock a station and give it the line."""
        session = station.unlock("zhangmin", PASSWORD)
        session.sync.connect = lambda _url, _root: TownLine(self, session.device_id)
        self.sessions.append(session)
        return session

    def enrolled(self, name: str) -> Session:
        """Return a new station that belongs to this headquarters."""
        session = self.station(name)
        session.sync.enrol(URL, self.code())
        return session

    def close(self) -> None:
        """Close everything."""
        for session in self.sessions:
            session.close()
        self.hq.close()


class TownLine(DirectLine):
    """A line that breaks where the town says so, before or after headquarters did its part."""

    def __init__(self, town: Town, device: str) -> None:
        super().__init__(
            town.hq.desk, device, enrol=lambda request: town.enrolment().enrol(request, proven=request.keys.public)
        )
        self._town = town

    def push(self, run: Run) -> PushAnswer:
        self._may("push.before")
        answer = super().push(run)
        self._may("push.after")
        return answer

    def pull(self, request: PullRequest) -> Sequence[Page | Reset]:
        self._may("pull")
        return super().pull(request)

    def put_part(self, sha256: str, number: int, content: bytes) -> None:
        self._may("part")
        super().put_part(sha256, number, content)

    def blob(self, sha256: str, *, start: int = 0, limit: int | None = None) -> bytes:
        self._may("blob")
        return super().blob(sha256, start=start, limit=limit)

    def _may(self, place: str) -> None:
        if self._town.cut(place):
            raise Trouble("sync.line_broken")


def put_answer(session: Session, number: int, **fields: Any) -> None:
    """Save an answer at a station."""
    with session.open_work() as work:
        work.table(Answer).put(answer(number, **fields))


def answers_at(session: Session) -> dict[str, Answer]:
    """Return the answers that a station shows."""
    with session.read_work() as work:
        return {one.id: one for one in work.table(Answer).where(visit="v-1")}


def acquainted(town: Town) -> tuple[Session, Session]:
    """Return two stations of one body that know of each other and wrote something since."""
    one, two = town.enrolled("one"), town.enrolled("two")
    for session in (one, two, one):
        session.sync.run()
    put_answer(one, 1)
    put_answer(two, 2)
    return one, two
