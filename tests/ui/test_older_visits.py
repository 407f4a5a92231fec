"""Older visits are looked for by the words of the filter."""

from __future__ import annotations

from typing import Any

from core.domain.visits import Visit, VisitState
from tests.helpers.builders import visit as a_visit
from tests.ui.fakes import FakeSession
from ui.desk import Desk
from ui.models.table import Column
from ui.widgets.older_visits import FOUND_MAX, OlderVisits
from ui.widgets.table import FilteredTable

ARCHIVED = frozenset({VisitState.ARCHIVED})


def shown(table: FilteredTable) -> list[str]:
    return [record.id for record in table.model.records()]


def older_visits(desk: Desk, qtbot: Any, **fields: Any) -> tuple[FilteredTable, OlderVisits]:
    table = FilteredTable([Column("number", "number", lambda visit: visit.id, 100)])
    qtbot.addWidget(table)
    return table, OlderVisits(desk, table, lambda _: None, **fields)


def answering(session: FakeSession, *found: Visit) -> list[tuple[str, int]]:
    asked: list[tuple[str, int]] = []

    def answer(text: str = "", *, limit: int = 0) -> tuple[Visit, ...]:
        asked.append((text, limit))
        return found

    session.visits.list = answer  # pyright: ignore[reportAttributeAccessIssue] - the fake answers what is wanted
    return asked


def test_what_is_typed_brings_older_visits_beside_the_recent_ones(desk: Desk, session: Any, qtbot: Any) -> None:
    asked = answering(session, a_visit(id="old"), a_visit(id="new"))
    table, older = older_visits(desk, qtbot)
    older.fill((a_visit(id="new"),))
    table.filter.setText(" food ")
    older.look()
    assert (asked, shown(table)) == ([("food", FOUND_MAX)], ["new", "old"])


def test_an_empty_filter_asks_nothing_and_shows_the_recent_ones_alone(desk: Desk, session: Any, qtbot: Any) -> None:
    asked = answering(session, a_visit(id="old"))
    table, older = older_visits(desk, qtbot)
    older.fill((a_visit(id="new"),))
    table.filter.setText("food")
    older.look()
    table.filter.clear()
    older.look()
    assert (len(asked), shown(table)) == (1, ["new"])


def test_what_does_not_belong_into_the_table_is_left_out(desk: Desk, session: Any, qtbot: Any) -> None:
    answering(session, a_visit(id="old", state=VisitState.ARCHIVED), a_visit(id="draft", state=VisitState.DRAFT))
    table, older = older_visits(desk, qtbot, fits=lambda visit: visit.state in ARCHIVED)
    table.filter.setText("food")
    older.look()
    assert shown(table) == ["old"]
