"""The pages over a real demo station: what was asked of the services is what stands on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog

from core.domain.documents import Document, DocumentKind
from core.domain.lists import ListKind
from core.domain.plans import Plan
from core.domain.visits import VisitState
from tests.ui.real import Office
from tests.ui.typing_help import type_words
from ui.deadlines.page import DeadlinesPage
from ui.documents.page import DocumentsPage
from ui.i18n import t
from ui.lists.page import ListsPage
from ui.palette import PaletteDialog
from ui.plans.page import PlansPage
from ui.theme import Tone
from ui.window import MainWindow

OFFICER = "zhangmin"


def page_of(window: MainWindow, name: str) -> Any:
    window.show_page(name)
    return window.page(name)


def some_paper(window: MainWindow) -> Document:
    """Issue the notice of an approved visit."""
    session = window.desk.session
    visit = session.visits.list(state=VisitState.APPROVED)[0]
    return session.documents.issue(DocumentKind.INSPECTION_NOTICE, visit.id).value


def lists_page(window: MainWindow, kind: ListKind) -> ListsPage:
    page = page_of(window, "lists")
    assert isinstance(page, ListsPage)
    places = [place for place, one in enumerate(page.table.model.records()) if one.kind is kind]
    page.table.view.selectRow(places[0])
    return page


def test_a_genuine_file_and_an_altered_one_are_told_apart_in_words(office: Office, tmp_path: Path) -> None:
    with office.window(OFFICER) as window:
        page = page_of(window, "documents")
        assert isinstance(page, DocumentsPage)
        content = window.desk.session.documents.pdf(some_paper(window).id)
        (tmp_path / "good.pdf").write_bytes(content)
        (tmp_path / "bad.pdf").write_bytes(content + b"\n% appended\n")
        page.check.check_file(tmp_path / "good.pdf")
        good = page.check.verdict.tone, page.check.verdict.words()
        page.check.check_file(tmp_path / "bad.pdf")
        bad = page.check.verdict.tone, page.check.verdict.words()
    assert good[0] is Tone.PASS
    assert good[1][:2] == (f"✓ {t('ui.term.check_verdict.genuine')}", t("documents.check.file_genuine"))
    assert bad[0] is Tone.BLOCK
    assert bad[1][0] == f"✕ {t('ui.term.check_verdict.altered')}"


def test_what_is_unknown_is_never_green(office: Office) -> None:
    with office.window(OFFICER) as window:
        page = page_of(window, "documents")
        type_words(page.check.code, "ZZZZZZZZZZ")
        page.check.check_button.click()
        assert page.check.verdict.tone is Tone.UNKNOWN
        assert page.check.verdict.words() == (
            f"? {t('ui.term.check_verdict.unknown')}",
            t("documents.check.short_code_unknown"),
        )


def test_a_typed_short_code_shows_the_facts_to_compare(office: Office) -> None:
    with office.window(OFFICER) as window:
        page = page_of(window, "documents")
        paper = some_paper(window)
        type_words(page.check.code, paper.short_code)
        page.check.check_button.click()
        words = " ".join(page.check.verdict.words())
    assert paper.number in words
    assert paper.kind.value not in words


def test_confirming_a_list_makes_it_young_again(office: Office) -> None:
    with office.window(OFFICER) as window:
        page = lists_page(window, ListKind.ITEMS)
        page.confirm_button.click()
        status = next(one for one in window.desk.session.lists.status() if one.kind is ListKind.ITEMS)
        shown = page.age.text()
    assert (status.age_days, shown) == (0, t("ui.lists.confirmed_ago", count=0))


def test_the_calendar_counts_what_the_table_then_shows(office: Office) -> None:
    with office.window(OFFICER) as window:
        page = page_of(window, "plans")
        assert isinstance(page, PlansPage)
        whole = page.table.model.rowCount()
        page.months.buttons[3].click()
        march = page.table.model.records()
        assert page.months.buttons[3].text().split()[-1] == f"{len(march):,}"
        page.months.buttons[13].click()
        free = page.table.model.records()
        page.months.buttons[0].click()
        assert page.table.model.rowCount() == whole > 0
    assert march
    assert all(isinstance(one, Plan) and 3 in one.months for one in march)
    assert free
    assert not set(march) & set(free)


def test_the_deadlines_stand_in_the_order_of_need_and_are_counted_in_the_rail(office: Office) -> None:
    with office.window(OFFICER) as window:
        page = page_of(window, "deadlines")
        assert isinstance(page, DeadlinesPage)
        rows = page.table.model.records()
        pressing = sum(1 for one in rows if one.is_overdue or one.days_left == 0)
        shown = window.rail.count("deadlines")
    assert rows
    assert [one.is_overdue for one in rows] == sorted((one.is_overdue for one in rows), reverse=True)
    assert shown == pressing


def test_a_deadline_leads_to_its_visit(qtbot: Any, office: Office) -> None:
    with office.window(OFFICER) as window:
        page = page_of(window, "deadlines")
        wanted = page.table.current().visit.id
        with qtbot.waitSignal(window.desk.messages.goes) as told:
            page.open_button.click()
    assert told.args == ["visits", wanted]


def test_the_search_finds_a_visit_by_its_enterprise(qtbot: Any, office: Office) -> None:
    with office.window(OFFICER) as window:
        visit = window.desk.session.visits.list()[0]
        dialog = PaletteDialog(window.desk, ["today"])
        qtbot.addWidget(dialog)
        type_words(dialog.words, visit.enterprise_name)
        shown = [dialog.hits.item(place).text() for place in range(dialog.hits.count())]
    assert any(visit.enterprise_name in one and one.endswith(t("ui.palette.visit")) for one in shown)


def test_an_export_comes_back_as_a_dry_run_that_changes_nothing(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "subjects.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with office.window(OFFICER) as window:
        page = lists_page(window, ListKind.SUBJECTS)
        before = page.table.current()
        page.export_button.click()
        page.import_button.click()
        page.importing.take_file(path)
        after = next(one for one in window.desk.session.lists.status() if one.kind is ListKind.SUBJECTS)
        assert page.importing.fault_line.isHidden()
        assert not page.importing.result.isHidden()
    assert after.version == before.version


def test_a_template_is_written_and_read_as_a_list_of_its_kind(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "template.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with office.window(OFFICER) as window:
        page = lists_page(window, ListKind.PLANS)
        page.template_button.click()
        kinds = {one.kind for one in window.desk.session.lists.recognise(path)}
    assert ListKind.PLANS in kinds


def test_a_file_that_is_no_sheet_is_told_in_the_page(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"no sheet at all")
    with office.window(OFFICER) as window:
        page = lists_page(window, ListKind.SUBJECTS)
        page.import_button.click()
        page.importing.take_file(path)
        assert not page.importing.fault_line.isHidden()
        assert page.importing.result.isHidden()
