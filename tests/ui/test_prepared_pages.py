"""Handing a paper to the clerk in the window, by keys alone: the officer's step, the clerk's queue, and back again."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.prepared_papers import PreparedPaper, PreparedState
from core.domain.visits import VisitState
from core.kernel.records import changed
from core.services.clerk_queue import Waiting
from tests.ui.real import Office
from tests.ui.typing_help import type_words
from ui import i18n
from ui.documents.page import DocumentsPage
from ui.visits.page import VisitsPage
from ui.visits.step_papers import PapersStep
from ui.widgets.form import ReasonLine
from ui.window import MainWindow

NOTICE = DocumentKind.INSPECTION_NOTICE
OFFICER, CLERK = "zhangmin", "liufang"


def papers_step(window: MainWindow, visit: str) -> PapersStep:
    window.show_page("visits", visit)
    page = window.page("visits")
    assert isinstance(page, VisitsPage)
    page.workspace.show_step("papers")
    (step,) = (one for one in page.workspace.steps if isinstance(one, PapersStep))
    step.choose_kind(NOTICE)
    return step


def queue_page(window: MainWindow) -> DocumentsPage:
    window.show_page("documents", ("part", "queue"))
    page = window.page("documents")
    assert isinstance(page, DocumentsPage)
    return page


def tab_to(start: QWidget, wanted: QWidget) -> None:
    """Press Tab until the keyboard stands on a control, as a person without a mouse does."""
    start.setFocus()
    for _ in range(60):
        focused = start.window().focusWidget()
        assert focused is not None
        if focused is wanted:
            return
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    raise AssertionError("the control cannot be reached by Tab")


def press(start: QWidget, wanted: QWidget) -> None:
    tab_to(start, wanted)
    QTest.keyClick(wanted, Qt.Key.Key_Space)


def give_reason(place: QWidget, words: str) -> None:
    QApplication.processEvents()
    asked = [one for one in place.findChildren(ReasonLine) if one.isVisible()][-1]
    type_words(asked.words, words)
    press(asked.words, asked.confirm_button)


def a_visit(window: MainWindow) -> str:
    return window.desk.session.visits.list(state=VisitState.APPROVED)[0].id


def prepared_of(window: MainWindow, visit: str) -> PreparedPaper:
    (found,) = window.desk.session.prepared_papers.of_visit(visit)
    return found


def hand_over(window: MainWindow) -> PreparedPaper:
    visit = a_visit(window)
    step = papers_step(window, visit)
    type_words(step.form.note, "请先盖章")
    press(step.form.note, step.form.hand_button)
    return prepared_of(window, visit)


def test_an_officer_hands_over_and_the_clerk_makes_it_by_keys(office: Office) -> None:
    with office.window(OFFICER) as window:
        paper = hand_over(window)
        step = papers_step(window, paper.visit)
        chosen = step.list.currentItem().text()
        assert (paper.note, paper.state) == ("请先盖章", PreparedState.WAITING)
    assert "已交内勤" in chosen
    with office.window(CLERK) as window:
        part = queue_page(window).queue
        part.table.view.selectRow(0)
        line = part.table.current()
        assert (line.waiting, line.note) == (Waiting.TO_MAKE, "请先盖章")
        assert part.preview.content().startswith(b"%PDF")
        press(part.table.view, part.make_button)
        made = prepared_of(window, paper.visit)
        after = {one.document: one.waiting for one in part.table.model.records()}
        assert made.state is PreparedState.FINAL
        assert after[made.documents[0]] is Waiting.TO_PRINT
        assert "已制作并编号 1 份" in part.summary.text()
    with office.window(OFFICER) as window:
        step = papers_step(window, paper.visit)
        entry = step.list.currentItem().data(Qt.ItemDataRole.UserRole)
        assert isinstance(entry, Document)
        assert entry.number in step.panel.title.text()


def test_the_clerk_sends_it_back_and_the_officer_sees_why_with_what_was_typed(office: Office) -> None:
    with office.window(OFFICER) as window:
        visit = a_visit(window)
        step = papers_step(window, visit)
        place: Any = step.form.inputs["place"]
        place.selectAll()
        type_words(place, "仓库二楼")
        press(step.form.note, step.form.hand_button)
    with office.window(CLERK) as window:
        part = queue_page(window).queue
        part.table.view.selectRow(0)
        press(part.table.view, part.back_button)
        give_reason(part, "请写明具体地点")
        assert prepared_of(window, visit).state is PreparedState.RETURNED
        assert part.to_make() == ()
    with office.window(OFFICER) as window:
        step = papers_step(window, visit)
        again: Any = step.form.inputs["place"]
        assert not step.form.returned.isHidden()
        assert "请写明具体地点" in step.form.returned.text()
        assert again.text() == "仓库二楼"


def test_what_was_handed_over_is_withdrawn_by_keys(office: Office) -> None:
    with office.window(OFFICER) as window:
        paper = hand_over(window)
        step = papers_step(window, paper.visit)
        press(step.list, step.prepared.withdraw_button)
        give_reason(step.prepared, "企业停业")
        gone = prepared_of(window, paper.visit)
        assert (gone.state, gone.reason) == (PreparedState.WITHDRAWN, "企业停业")
        assert step.prepared.isHidden()


def test_of_two_papers_made_of_one_the_clerk_keeps_one_with_a_reason(office: Office) -> None:
    with office.window(CLERK) as window:
        session = window.desk.session
        paper = session.prepared_papers.prepare(NOTICE, a_visit(window)).value
        mine = session.prepared_papers.make(paper.id).value
        theirs = changed(mine, id="d-there", number="湘新市监通〔2026〕401号", number_use="n-there")
        with session.open_work() as work:
            work.table(Document).put(theirs)
            both = changed(work.table(PreparedPaper).get(paper.id), documents=(mine.id, theirs.id))
            work.table(PreparedPaper).put(both)
        session.prepared_papers.look([("prepared_paper", paper.id)])
        part = queue_page(window).queue
        assert part.table.choose(theirs.id)
        assert mine.id not in part.to_print()
        press(part.table.view, part.keep_button)
        give_reason(part, "这一份已经盖章")
        states = {one.id: one.state for one in session.documents.of_visit(paper.visit)}
        assert (states[mine.id], states[theirs.id]) == (DocumentState.SPOILED, mine.state)
        assert part.keep_button.isHidden()


def test_the_week_is_handed_over_and_the_queue_is_filtered(office: Office) -> None:
    with office.window(OFFICER) as window:
        page = queue_page(window)
        page.tabs.show_part("batch")
        this_week = window.desk.session.visits.list(state=VisitState.APPROVED)[0].planned_from
        page.batch.week.setDate(this_week.date())
        press(page.batch.week, page.batch.hand_button)
        assert "已交内勤" in page.batch.summary.text()
        page.tabs.show_part("queue")
        part = page.queue
        part.wanted.setCurrentIndex(part.wanted.findData(Waiting.TO_MAKE.value))
        shown = part.table.model.records()
        part.wanted.setCurrentIndex(part.wanted.findData(Waiting.TO_SERVE.value))
        assert part.to_make() == ()
    assert shown
    assert {one.waiting for one in shown} == {Waiting.TO_MAKE}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_queue_says_where_its_papers_come_from(office: Office, lang: Any) -> None:
    i18n.set_lang(lang)
    with office.window(OFFICER) as window:
        part = queue_page(window).queue
        part._on_read(())  # pyright: ignore[reportPrivateUsage]  # a demo station's queue is never empty
        words = part.empty.words.text()
        assert part.split.isHidden()
    assert ("交内勤" in words) if lang == "zh" else ("hand over" in words)
