"""Lists of visits: what waits, what was last, and what is looked for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.visits import Visit, VisitState
from core.kernel.records import changed
from tests.helpers.builders import USCC
from tests.services.test_visits import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_is_over_leaves_the_list_when_it_is_old_and_what_waits_stays(desk: Desk) -> None:
    waiting = desk.planned()
    day = timedelta(days=1)
    over = [
        changed(waiting, id=f"over-{age}", state=VisitState.ARCHIVED, planned_from=waiting.planned_from + age * day)
        for age in range(1, 4)
    ]
    with desk.store() as work:
        for visit in over:
            work.table(Visit).put(visit)
    assert [one.id for one in desk.visits.recent(limit=2)] == ["over-3", "over-2", waiting.id]


def test_a_scanned_code_means_the_visit_that_waits_longest(desk: Desk) -> None:
    waiting = desk.planned()
    day = timedelta(days=1)
    with desk.store() as work:
        work.table(Visit).put(changed(waiting, id="later", planned_from=waiting.planned_from + day))
        work.table(Visit).put(
            changed(waiting, id="over", planned_from=waiting.planned_from - day, state=VisitState.CLOSED)
        )
    found = desk.visits.waiting_at(USCC)
    assert found is not None
    assert found.id == waiting.id
    assert desk.visits.waiting_at("91330106MA2XXXXX7X") is None
