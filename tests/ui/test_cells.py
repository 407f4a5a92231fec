"""The cells of a table look as the style sheet says: ink, tone, the chosen row, words that do not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage

from ui.models.table import Column
from ui.theme import Tone, current
from ui.widgets.table import FilteredTable

NARROW, WIDE = 60, 200


@dataclass(frozen=True)
class Line:
    id: str
    name: str
    count: int


@pytest.fixture
def table(qtbot: Any) -> FilteredTable:
    columns = (
        Column("name", "名称", lambda one: one.name, NARROW),
        Column("count", "数量", lambda one: f"{one.count}", WIDE, tone=lambda _: Tone.BLOCK, is_number=True),
    )
    made = FilteredTable(columns)
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.fill([Line("1", "长", 7), Line("2", "长沙市岳麓区", 8), Line("3", "长\n沙", 9)])
    return made


def cell(table: FilteredTable, row: int, column: int) -> QImage:
    """Return the picture of one cell, without the line below it."""
    view = table.view
    area = view.visualRect(table.proxy.index(row, column)).adjusted(0, 0, 0, -1)
    return view.viewport().grab(area).toImage().convertToFormat(QImage.Format.Format_RGB32)


def colours(picture: QImage) -> set[str]:
    return {QColor(picture.pixel(x, y)).name().upper() for x in range(picture.width()) for y in range(picture.height())}


def inked(picture: QImage) -> list[int]:
    """Return the columns of a picture in which something is drawn."""
    ground = picture.pixel(1, 1)
    return [x for x in range(picture.width()) if any(picture.pixel(x, y) != ground for y in range(picture.height()))]


def test_a_chosen_row_lies_on_its_own_ground_and_a_tone_colours_the_words(table: FilteredTable) -> None:
    palette = current().palette
    assert palette.surface in colours(cell(table, 1, 0))
    assert palette.block in colours(cell(table, 1, 1))
    table.choose("2")
    assert palette.accent_soft in colours(cell(table, 1, 0))
    assert palette.accent_soft not in colours(cell(table, 0, 0))


def test_numbers_stand_at_the_right_and_words_at_the_left(table: FilteredTable) -> None:
    words, number = inked(cell(table, 0, 0)), inked(cell(table, 0, 1))
    assert max(words) < NARROW / 2
    assert min(number) > WIDE / 2


def test_words_that_do_not_fit_end_before_the_edge_and_a_line_break_is_a_space(table: FilteredTable) -> None:
    long, broken = cell(table, 1, 0), cell(table, 2, 0)
    assert NARROW / 2 < max(inked(long)) < NARROW - 5
    assert long.height() == broken.height()
    assert max(inked(broken)) > max(inked(cell(table, 0, 0)))
