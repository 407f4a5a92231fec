"""An unlocked session: its reading twin, and the demo on days that are unlike others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.domain.checklists import Answer
from core.domain.visits import VisitState
from core.kernel.clock import FixedClock
from core.kernel.errors import Trouble
from core.station import demo_station
from tests.helpers.stations import unlocked
from tests.helpers.stores import answer


def test_the_reading_twin_sees_what_was_written_and_refuses_to_write(tmp_path: Path) -> None:
    session = unlocked(tmp_path / "home")
    with session.open_work() as work:
        work.table(Answer).put(answer(1))
    with session.reading.open_work() as work:
        assert work.table(Answer).get("a-1") == answer(1)

    def write() -> None:
        with session.reading.open_work() as work:
            work.table(Answer).put(answer(2))

    with pytest.raises(Trouble) as trouble:
        write()
    assert trouble.value.code == "storage.read_only"
    session.close()


def test_reading_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    session = unlocked(tmp_path / "home")
    with session.open_work() as work:
        work.table(Answer).put(answer(1))
        assert session.reading.visits.list() == ()
    session.close()


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 12, 31, 15, 30, tzinfo=UTC),
        datetime(2027, 1, 1, 0, 5, tzinfo=UTC),
        datetime(2028, 2, 29, 3, tzinfo=UTC),
    ],
)
def test_the_demo_has_a_visit_to_open_on_any_day(tmp_path: Path, at: datetime) -> None:
    station, accounts = demo_station(tmp_path / "home", clock=FixedClock(at), cost=CHEAP_COST_FOR_TESTS)
    session = station.unlock(accounts[0].name, accounts[0].password)
    ready = [one for one in session.visits.list() if one.state is VisitState.APPROVED and one.planned_from <= at]
    assert ready
    assert {session.visits.open(one.id).value.decision for one in ready} == {"open"}
    assert session.verify_log().verdict == "intact"
    session.close()
