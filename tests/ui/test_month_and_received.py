"""The month of deadlines, and papers of others at a visit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from core.domain.documents import DocumentKind
from core.domain.visits import VisitState
from core.kernel.clock import local_date
from tests.papers.builders import VALUES
from tests.ui.real import Office
from ui.deadlines.page import DeadlinesPage
from ui.visits.page import VisitsPage
from ui.visits.step_papers import PapersStep
from ui.window import MainWindow

OFFICER = "zhangmin"


def papers_step(window: MainWindow) -> PapersStep:
    visit = window.desk.session.visits.list(state=VisitState.CASE_OPENED)[0]
    window.show_page("visits", visit.id)
    page = window.page("visits")
    assert isinstance(page, VisitsPage)
    page.workspace.show_step("papers")
    step = page.workspace.current_step()
    assert isinstance(step, PapersStep)
    return step


def test_a_deadline_of_a_paper_stands_in_list_and_month_with_its_article(office: Office) -> None:
    with office.window(OFFICER) as window:
        session = window.desk.session
        visit = session.visits.list(state=VisitState.CASE_OPENED)[0]
        typed = {name: value for name, value in VALUES.items() if name != "hold_until"}
        kept = session.documents.issue(DocumentKind.PRESERVATION_NOTICE, visit.id, entered=typed).value
        window.show_page("deadlines")
        page = window.page("deadlines")
        assert isinstance(page, DeadlinesPage)
        (line,) = [one for one in page.table.model.records() if one.line is not None and one.line.document == kept.id]
        page.tabs.show_part("month")
        assert line.day is not None
        while line.day not in page.month.cells:
            page.month.on_button.click()
        page.month.cells[line.day].click()
        shown = [str(one.property("text")) for one in _widgets(page.month.list)]
    assert line.day > local_date(session.clock.now()) + timedelta(days=7)
    assert any("第五十六条" in one for one in shown)
    assert any(kept.number in one for one in shown)


def _widgets(layout: Any) -> list[Any]:
    items = (layout.itemAt(place) for place in range(layout.count()))
    return [one.widget() for one in items if one.widget() is not None]


def test_a_receipt_is_registered_by_its_number_in_the_window(office: Office) -> None:
    with office.window(OFFICER) as window:
        step = papers_step(window)
        step.choose_kind(DocumentKind.FINE_RECEIPT)
        assert step.form_box.isHidden()
        step.received.number.setText("430012345")
        step.received.amount.setText("500")
        step.received.save_button.click()
        papers = window.desk.session.documents.of_visit(step.visit_id)
    assert [one.number for one in papers if one.kind is DocumentKind.FINE_RECEIPT] == ["430012345"]


def test_a_received_letter_is_filed_and_fills_the_reply(office: Office, tmp_path: Path) -> None:
    letter = tmp_path / "意见书.pdf"
    letter.write_bytes(b"%PDF-1.4 letter")
    with office.window(OFFICER) as window:
        step = papers_step(window)
        step.choose_kind(DocumentKind.PROCURATOR_REPLY)
        step.received.number.setText("某检意〔2026〕5号")
        step.received.from_whom.setText("某人民检察院")
        step.received.take_file(letter)
        step.received.save_button.click()
        values = window.desk.session.documents.values(DocumentKind.PROCURATOR_REPLY, step.visit_id)
    assert values["received_ref"] == "某检意〔2026〕5号"
    assert values["recipient"] == "某人民检察院"
