"""The statistics page: each number with its definition, what was overruled and why, empty and bad periods."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QLabel

from core.domain.determination_statistics import Cell, Figure, Overruled, Statistics
from core.kernel.errors import Refusal
from tests.ui.fakes import FakeSession
from ui.desk import Desk
from ui.i18n import t, term
from ui.statistics.page import ORDER, StatisticsPage

OVERRULED = Overruled(
    determined="d-1",
    visit="v-7",
    finding="f-1",
    text="占道四平方米",
    proposal="no_penalty",
    chosen="ordinary",
    reason="负责人决定",
    at=datetime(2026, 3, 16, 2, 0, tzinfo=UTC),
    is_replaced=False,
)


class FakeDeterminations:
    """Figures of one finding, and the periods that were asked for."""

    def __init__(self, findings: int) -> None:
        self.findings = findings
        self.asked: list[tuple[date, date]] = []

    def statistics(self, from_on: date, to_on: date) -> Statistics:
        if to_on < from_on:
            raise Refusal("determination.period", from_on=from_on, to_on=to_on)
        self.asked.append((from_on, to_on))
        figures = (
            Figure(key="findings", of="", count=self.findings),
            Figure(key="replaced", of="", count=0),
            Figure(key="proposed", of="no_penalty", count=self.findings),
            Figure(key="taken", of="ordinary", count=self.findings),
            Figure(key="overruled", of="", count=1),
            Figure(key="provisional", of="", count=0),
            Figure(key="conflicts", of="old_article", count=1),
        )
        cells = (Cell(list_source="S53", agency="城管", outcome="ordinary", count=self.findings),)
        return Statistics(from_on=from_on, to_on=to_on, figures=figures, cells=cells)

    def overruled(self, from_on: date, to_on: date) -> tuple[Overruled, ...]:
        return (OVERRULED,) if self.findings else ()

    def list_names(self) -> dict[str, str]:
        return {"S53": "常德市城管“首查免罚”清单"}


@contextmanager
def page_of(desk: Desk, session: FakeSession, findings: int = 2) -> Generator[StatisticsPage]:
    session.determinations = FakeDeterminations(findings)
    page = StatisticsPage(desk)
    page.shown()
    try:
        yield page
    finally:
        page.deleteLater()


def words_on(page: StatisticsPage) -> list[str]:
    return [one.text() for one in page.findChildren(QLabel)]


def cell_words(table: Any) -> list[str]:
    return [column.shown(table.model.record(0)) for column in table.model.columns]


def test_every_figure_has_its_definition_beside_it(desk: Desk, session: FakeSession) -> None:
    with page_of(desk, session) as page:
        words = words_on(page)
        for key in (*ORDER, "cells"):
            assert t(f"determination.statistics.{key}") in words
        assert term("conflict_kind", "old_article") in [one.strip() for one in words]


def test_findings_stand_by_list_field_and_outcome(desk: Desk, session: FakeSession) -> None:
    with page_of(desk, session) as page:
        assert cell_words(page.cells) == ["S53 常德市城管“首查免罚”清单", "城管", term("proposal", "ordinary"), "2"]


def test_a_reviewer_reads_the_reason_and_opens_the_visit(desk: Desk, session: FakeSession) -> None:
    gone: list[tuple[str, object]] = []
    desk.messages.goes.connect(lambda page, argument: gone.append((page, argument)))
    with page_of(desk, session) as page:
        assert "负责人决定" in cell_words(page.overruled)
        page.overruled.opened.emit(OVERRULED)
    assert gone == [("visits", "v-7")]


def test_a_period_without_determinations_says_what_to_do(desk: Desk, session: FakeSession) -> None:
    with page_of(desk, session, findings=0) as page:
        assert not page.empty.isHidden()
        assert page.area.isHidden()


def test_the_buttons_ask_for_this_month_this_year_and_the_year_before(desk: Desk, session: FakeSession) -> None:
    with page_of(desk, session) as page:
        for button in (page.month_button, page.year_button, page.before_button):
            button.click()
        assert session.determinations.asked == [
            (date(2026, 1, 1), date(2026, 3, 17)),
            (date(2026, 3, 1), date(2026, 3, 17)),
            (date(2026, 1, 1), date(2026, 3, 17)),
            (date(2025, 1, 1), date(2025, 12, 31)),
        ]


def test_a_period_that_ends_before_it_begins_is_told(desk: Desk, session: FakeSession) -> None:
    with page_of(desk, session) as page:
        page.to_on.setDate(QDate(2025, 12, 31))
        assert not page.fault_line.isHidden()
        page.from_on.setDate(QDate(2025, 12, 1))
        assert page.fault_line.isHidden()
