"""Theme, words, icons, faults, models: what every page stands on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from core.kernel.errors import Refusal
from core.kernel.resources import resources_dir
from core.kernel.words import catalogue
from ui import icons
from ui.faults import CrashFiles, words_of
from ui.i18n import day, duration, money, set_lang, size, t
from ui.models.table import Column, RecordTable
from ui.theme import DARK, LIGHT, ROW_HEIGHT, Palette, Theme
from ui.widgets.lines import FaultLine, Toast
from ui.widgets.table import FilteredTable

UI = Path(__file__).resolve().parents[2] / "ui"
KEY = re.compile(r'\bt\(\s*"(ui\.[a-z0-9_.]+)"')
ICON = re.compile(r'(?:icon=|pixmap\(|icons\.icon\()"([a-z0-9-]+)"')


def _sources() -> str:
    return "\n".join(path.read_text("utf-8") for path in UI.rglob("*.py"))


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_word_has_enough_contrast(palette: Palette) -> None:
    """4.5 : 1 is WCAG 2.1, criterion 1.4.3."""
    on_surface = [palette.ink, palette.muted, palette.accent, palette.ok, palette.warn, palette.block]
    assert min(_contrast(colour, palette.surface) for colour in on_surface) >= 4.5
    assert _contrast(palette.on_accent, palette.accent) >= 4.5
    soft = ((palette.warn, palette.warn_soft), (palette.block, palette.block_soft), (palette.ok, palette.ok_soft))
    assert min(_contrast(*pair) for pair in soft) >= 4.5


def test_zoom_doubles_every_length() -> None:
    assert Theme(zoom_percent=200).px(ROW_HEIGHT) == 2 * ROW_HEIGHT


def test_every_word_of_the_window_stands_in_both_languages() -> None:
    wanted = set(KEY.findall(_sources()))
    missing = [key for key in sorted(wanted) if not all(catalogue().get(key, {}).get(lang) for lang in ("zh", "en"))]
    assert len(wanted) > 200
    assert missing == []


def test_every_icon_is_on_board() -> None:
    wanted = set(ICON.findall(_sources()))
    missing = [name for name in sorted(wanted) if not (resources_dir() / "icons" / f"{name}.svg").exists()]
    assert missing == []


def test_no_colour_stands_outside_the_theme() -> None:
    found = [
        path.name
        for path in UI.rglob("*.py")
        if path.name != "theme.py" and re.search(r'"#[0-9A-Fa-f]{6}"', path.read_text("utf-8"))
    ]
    assert found == []


def test_an_icon_is_drawn_in_its_colour(qapp: Any) -> None:
    picture = icons.pixmap("check").toImage()
    inks = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert LIGHT.ink.lower() in inks


def test_a_refusal_is_shown_with_its_three_sentences(qtbot: Any) -> None:
    line = FaultLine()
    qtbot.addWidget(line)
    line.tell(Refusal("ui.scan.no_code"))
    words = words_of(Refusal("ui.scan.no_code"))
    assert line.what.text() == words.what
    assert words.safe in line.more.text()
    assert words.todo in line.more.text()


def test_a_fault_without_words_is_shown_with_its_code() -> None:
    assert "odd.code" in words_of(Refusal("odd.code", a=1)).what


def test_a_crash_report_holds_nothing_that_was_typed(tmp_path: Path) -> None:
    files = CrashFiles(tmp_path / "logs")
    typed = "\u8eab份证"
    try:
        raise ValueError(typed)
    except ValueError as error:
        path = files.write(ValueError, error.__traceback__)
    written = path.read_text("utf-8")
    assert "ValueError" in written
    assert typed not in written


def test_crash_reports_are_offered_once(tmp_path: Path) -> None:
    files = CrashFiles(tmp_path)
    files.write(ValueError, None)
    before = len(files.unseen())
    files.mark_seen()
    assert (before, files.unseen()) == (1, ())


def test_dates_money_and_sizes_read_as_people_write_them() -> None:
    from datetime import date, timedelta

    assert day(date(2026, 3, 17)) == "2026年3月17日(周二)"
    assert (money(120000), size(1536), duration(timedelta(seconds=862))) == ("1,200.00 元", "1.5 KB", "00:14:22")
    set_lang("en")
    assert day(date(2026, 3, 17)) == "17 Mar 2026 (Tue)"


def test_the_table_model_keeps_the_rules_of_qt(qtmodeltester: Any) -> None:
    model = RecordTable([Column("a", "甲", str), Column("b", "乙", lambda one: str(one * 2), is_number=True)])
    model.fill([1, 2, 3])
    qtmodeltester.check(model)
    assert model.rowCount() == 3


def test_the_filter_line_counts_what_it_leaves(qtbot: Any) -> None:
    table = FilteredTable([Column("a", "甲", str)])
    qtbot.addWidget(table)
    table.fill(["商贸", "餐饮", "商店"])
    table.filter.setText("商")
    assert table.count.text() == t("ui.table.count_of", shown="2", count="3")


def test_undo_is_offered_and_done_once(qtbot: Any) -> None:
    toast = Toast()
    qtbot.addWidget(toast)
    undone: list[int] = []
    toast.tell("已删除", lambda: undone.append(1))
    toast.undo_button.click()
    assert undone == [1]
    assert toast.isHidden()
