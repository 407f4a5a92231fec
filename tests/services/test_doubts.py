"""Doubts after a sync: found once, by the same id everywhere, and settled with words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.domain.determinations.facts import Facts, fact, facts_of
from core.domain.findings import Determined, Finding
from core.domain.gate_settings import GateSettings
from core.domain.shared_state import ConflictKind, ConflictState, conflict_id
from core.domain.visits import Visit, VisitState
from core.kernel.clock import FixedClock
from core.kernel.errors import Refusal
from core.kernel.records import Record
from core.services.doubts import Doubts
from tests.helpers.builders import NOW, reference, visit
from tests.helpers.fakes import FakeStore, fake_verify


class Contradicted:
    """Determinations whose facts say that an earlier case contradicts the first time."""

    def facts(self, finding_id: str) -> Facts:
        return facts_of((fact("history_contradicted", finding_id == "f-2"),))


def inspected(number: int, **fields: Any) -> Visit:
    at = NOW + timedelta(days=number)
    given: dict[str, Any] = {"id": f"v-{number}", "inspecting_at": at, "state": VisitState.CLOSED, "planned_from": at}
    return visit(**given | fields)


def desk(store: FakeStore) -> Doubts:
    determinations: Any = Contradicted()
    return Doubts(
        store,
        reference(),
        FixedClock(NOW + timedelta(days=40)),
        settings=GateSettings(),
        verify=fake_verify,
        determinations=determinations,
    )


def stored(*records: Record) -> FakeStore:
    store = FakeStore()
    store.seed(*records)
    return store


def found_in(visit_id: str, finding_id: str, *, day: int) -> tuple[Finding, Determined]:
    at = NOW + timedelta(days=day)
    finding = Finding(
        id=finding_id,
        visit=visit_id,
        item="i-1",
        violation="no_licence",
        text="无证",
        found_at=at,
        found_by="officer-1",
    )
    determined = Determined(
        id=f"d-{finding_id}",
        visit=visit_id,
        finding=finding_id,
        package="p",
        package_sha256="",
        engine="1",
        proposal="no_penalty",
        result="{}",
        made_at=at,
        made_by="officer-1",
    )
    return finding, determined


def test_the_inspection_over_the_cap_is_in_doubt_and_names_those_before_it() -> None:
    store = stored(*(inspected(number) for number in (1, 2, 3)))
    found = desk(store).look([("visit", "v-2")]).value
    assert [(one.kind, one.about, one.others) for one in found] == [(ConflictKind.CAP, "v-3", ("v-1", "v-2"))]
    assert found[0].id == conflict_id(ConflictKind.CAP, "v-3")


def test_within_the_cap_there_is_no_doubt() -> None:
    assert desk(stored(inspected(1), inspected(2))).look([("visit", "v-1")]).value == ()


def test_a_doubt_is_raised_once() -> None:
    store = stored(*(inspected(number) for number in (1, 2, 3)))
    doubts = desk(store)
    assert len(doubts.look([("visit", "v-1")]).value) == 1
    assert doubts.look([("visit", "v-1"), ("visit", "v-3")]).value == ()
    assert len(doubts.open_ones()) == 1


def test_what_came_in_about_nothing_known_raises_nothing() -> None:
    assert desk(FakeStore()).look([("visit", "v-9"), ("finding", "f-9"), ("answer", "a-1")]).value == ()


def test_a_doubt_is_settled_once_and_with_words() -> None:
    store = stored(*(inspected(number) for number in (1, 2, 3)))
    doubts = desk(store)
    (found,) = doubts.look([("visit", "v-1")]).value
    with pytest.raises(Refusal) as silent:
        doubts.settle(found.id, "  ")
    settled = doubts.settle(found.id, "上级部署,不计次数").value
    with pytest.raises(Refusal) as again:
        doubts.settle(found.id, "再次")
    assert (settled.state, settled.settled_how) == (ConflictState.SETTLED, "上级部署,不计次数")
    assert (silent.value.code, again.value.code) == ("sync.settled_without_words", "sync.settled_already")
    assert doubts.open_ones() == ()


def test_a_first_time_that_an_earlier_case_contradicts_is_in_doubt() -> None:
    store = stored(inspected(1), inspected(2), *found_in("v-1", "f-1", day=1), *found_in("v-2", "f-2", day=2))
    (found,) = desk(store).look([("finding", "f-1")]).value
    assert (found.kind, found.about, found.visit, found.others) == (
        ConflictKind.FIRST_TIME,
        "d-f-2",
        "v-2",
        ("v-1",),
    )
