"""A session, a station and a door that answer from memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.domain.accounts import Account
from core.domain.determination_statistics import Statistics
from core.domain.enterprises import EnterpriseHit
from core.domain.officers import Role
from core.kernel.changes import Done, Topic
from core.kernel.clock import FixedClock
from core.kernel.errors import Refusal
from tests.ui.sync_fakes import FakeSync

NOW = datetime(2026, 3, 17, 1, 31, tzinfo=UTC)
HITS = (
    EnterpriseHit(
        id="91430104MA4XJT0158",
        name="湖南某某商贸有限公司",
        uscc="91430104MA4XJT0158",
        street="",
        address="",
        grade="A",
        score=1,
    ),
    EnterpriseHit(id="x-2", name="长沙某某餐饮店", uscc="", street="", address="", grade="", score=2),
)


@dataclass
class FakeVisits:
    """No visits at all, and a list of what was asked."""

    asked: list[str] = field(default_factory=list[str])

    def today(self) -> Any:
        self.asked.append("today")
        return SimpleNamespace(
            day=date(2026, 3, 17), due=(), under_way=(), to_finish=(), clocks=(), corrections=(), upcoming=()
        )

    def clocks(self) -> tuple[Any, ...]:
        return ()

    def recent(self) -> tuple[Any, ...]:
        self.asked.append("recent")
        return ()

    def waiting_at(self, uscc: str) -> Any:
        self.asked.append(uscc)
        return None

    def list(self, text: str = "", *, limit: int = 0) -> tuple[Any, ...]:
        self.asked.append(f"{text} {limit}")
        return ()


class FakeBook:
    """No deadlines at all."""

    def open(self) -> tuple[Any, ...]:
        return ()

    def all(self) -> tuple[Any, ...]:
        return ()


def _fits(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, tuple) else value == wanted


class FakeWork:
    """A store that holds what a test put there; nothing, mostly."""

    def __init__(self, records: dict[type[Any], tuple[Any, ...]] | None = None) -> None:
        self._records = records or {}
        self._kind: type[Any] | None = None

    def __enter__(self) -> FakeWork:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to write."""

    def table(self, record: Any) -> FakeWork:
        self._kind = record
        return self

    def where(self, **equals: Any) -> tuple[Any, ...]:
        found = self._records.get(self._kind, ()) if self._kind is not None else ()
        return tuple(one for one in found if all(_fits(getattr(one, name), value) for name, value in equals.items()))

    def find(self, identifier: str) -> Any:
        return next((one for one in self.where() if one.id == identifier), None)

    def get(self, identifier: str) -> Any:
        return next(one for one in self.where() if one.id == identifier)


class FakeChecklists:
    """No questions, and a list of what was answered."""

    def __init__(self) -> None:
        self.answered: list[tuple[str, str, str]] = []

    def read(self, visit: Any, work: Any) -> tuple[Any, ...]:
        return ()

    def answer(self, visit: str, *, item: str, point: str, repeat: int, value: str, note: str) -> Done[None]:
        self.answered.append((point, value, note))
        return Done(None, frozenset({Topic.CHECKLISTS}))


class FakeReference:
    """Empty lists, or those that a test put there."""

    def __init__(self) -> None:
        self.found: dict[Any, tuple[Any, ...]] = {}

    def versions(self, kind: Any) -> tuple[Any, ...]:
        return self.found.get(kind, ())

    def where(self, row: Any, **equals: Any) -> tuple[Any, ...]:
        return ()


class FakeEnterprises:
    """Two enterprises."""

    def search(self, text: str, *, limit: int = 20) -> tuple[EnterpriseHit, ...]:
        return tuple(hit for hit in HITS if text in hit.name)

    def resolve(self, code: Any) -> Any:
        return SimpleNamespace(enterprise=None, candidates=())


class FakeDeterminations:
    """Nothing was ever determined."""

    def statistics(self, from_on: date, to_on: date) -> Statistics:
        return Statistics(from_on=from_on, to_on=to_on, figures=(), cells=())

    def overruled(self, from_on: date, to_on: date) -> tuple[Any, ...]:
        return ()

    def list_names(self) -> dict[str, str]:
        return {}


class FakeAuthors:
    """No rule package to look at."""

    def shipped(self) -> tuple[Path, ...]:
        return ()


class FakeSession:
    """What the frame of the window asks of a session."""

    def __init__(self) -> None:
        self.account = Account(
            name="zhangmin", officer="o-1", shown_name="张敏", subject="示例局", roles=(Role.OFFICER,)
        )
        self.clock = FixedClock(NOW)
        self.visits = FakeVisits()
        self.reference = FakeReference()
        self.enterprises = FakeEnterprises()
        self.sync = FakeSync()
        self.checklists = FakeChecklists()
        self.station_id, self.device_id = "s-1", "d-7f31c09a52be"
        self.records: dict[type[Any], tuple[Any, ...]] = {}
        self.determinations: Any = FakeDeterminations()
        self.rule_authors: Any = FakeAuthors()
        self.deadline_book = FakeBook()
        self.texts: tuple[str, ...] = ()
        self.is_demo, self.is_closed = True, False

    def station_info(self) -> Any:
        return SimpleNamespace(
            station="s-1",
            device="d-1",
            home="/tmp",
            is_demo=True,
            entries=7,
            head="00" * 32,
            unsynced=7,
            fingerprint="AAAA BBBB",
        )

    def read_work(self) -> FakeWork:
        return FakeWork(self.records)

    def unsynced_count(self) -> int:
        return 7

    def decode_pixels(self, grey: Any) -> tuple[str, ...]:
        return self.texts

    def verify_log(self, *, expected_head: str = "") -> Any:
        bad = ("第 3 条",) if expected_head else ()
        return SimpleNamespace(entries=7, bad=bad)

    def close(self) -> None:
        self.is_closed = True


@dataclass
class FakeStation:
    """A locked station with one right password."""

    session: FakeSession
    refusal: Refusal | None = None

    def accounts(self) -> tuple[str, ...]:
        return ("zhangmin", "liqiang")

    def unlock(self, account: str, password: str) -> FakeSession:
        if self.refusal is not None:
            raise self.refusal
        if password != "correct horse":
            raise Refusal("crypto.wrong_password", account=account)
        return self.session


@dataclass
class FakeDoor:
    """Opens one station, or none."""

    station: FakeStation | None

    def open(self, home: Path) -> FakeStation | None:
        return self.station

    def make_demo(self, home: Path, watch: Any) -> Any:
        watch.step(1, 2, "企业")
        return (SimpleNamespace(name="zhangmin", role="officer", password="abcd-efgh"),)
