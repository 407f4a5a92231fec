"""The clerk's parts of the page of papers: queue, notices of a week, print log, numbers, case files."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QDate
from PySide6.QtWidgets import QWidget

from core.domain.documents import DocumentKind, DocumentState
from core.kernel.clock import local_date
from core.papers.merge import page_count
from core.services.batch import Outcome, Sort
from core.services.clerk_queue import Waiting
from tests.ui.real import Office
from ui.documents.page import DocumentsPage
from ui.printing.printer import PrintDesk
from ui.widgets.form import ReasonLine

CLERK = "liufang"


class PaperTray(PrintDesk):
    """Takes what is printed instead of a printer."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[bytes] = []

    def print_paper(self, content: bytes, parent: QWidget) -> int | None:
        self.sheets.append(content)
        return page_count(content)


@contextmanager
def clerk_at(office: Office, part: str) -> Generator[DocumentsPage]:
    with office.window(CLERK) as window:
        window.show_page("documents", ("part", part))
        page = window.page("documents")
        assert isinstance(page, DocumentsPage)
        today = local_date(window.desk.session.clock.now())
        page.batch.week.setDate(QDate(today.year, today.month, today.day))
        yield page


def lines(page: DocumentsPage) -> tuple[Any, ...]:
    return page.batch.table.model.records()


def test_the_notices_of_a_week_are_made_once_and_printed_with_a_log(office: Office) -> None:
    with clerk_at(office, "batch") as page:
        tray = page.batch.printing = PaperTray()
        planned = len(lines(page))
        page.batch.make_button.click()
        made = [one for one in lines(page) if one.paper is not None and one.paper.number]
        skipped = [one for one in lines(page) if one.paper is not None and one.paper.outcome is Outcome.SKIPPED]
        assert len(made) + len(skipped) == planned > 0
        page.batch.copies.setCurrentIndex(page.batch.copies.findData(2))
        page.batch.print_button.click()
        page.tabs.show_part("prints")
        log = page.prints.table.model.records()
        page.tabs.show_part("batch")
        page.batch.make_button.click()
        again = [one.paper.number for one in lines(page) if one.paper is not None and one.paper.number]
        page.batch.print_button.click()
        page.tabs.show_part("prints")
        copies = [one for one in page.prints.table.model.records() if one.paper.is_copy]
    assert again == [one.paper.number for one in made if one.paper is not None]
    assert [one.paper.copies for one in log] == [2] * len(made)
    assert len(copies) == len(made)
    assert page_count(tray.sheets[0]) % 2 == 0


def test_a_visit_without_its_approval_says_why_it_has_no_notice(office: Office) -> None:
    with clerk_at(office, "batch") as page:
        page.batch.make_button.click()
        model = page.batch.table.model
        shown = [str(model.index(place, 4).data()) for place in range(model.rowCount())]
        skipped = [one for one in lines(page) if one.paper is not None and one.paper.fault]
    assert skipped
    assert sum("尚未审批" in one or "缺少" in one for one in shown) == len(skipped)


def test_a_stopped_batch_keeps_what_was_made_and_goes_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with clerk_at(office, "batch") as page:
        batch = page.desk.session.batch
        whole = type(batch).notices

        def stopped(week: Any, sort: Sort, *, progress: Any) -> Any:
            progress.cancel()
            return whole(batch, week, sort, progress=progress)

        monkeypatch.setattr(batch, "notices", stopped)
        page.batch.make_button.click()
        assert not page.batch.summary.isHidden()
        assert "已停止" in page.batch.summary.text()
        monkeypatch.undo()
        page.batch.make_button.click()
        assert page.batch.documents()


def test_the_order_of_a_week_is_by_street_or_by_officer(office: Office) -> None:
    with clerk_at(office, "batch") as page:
        page.batch.sort.setCurrentIndex(page.batch.sort.findData(Sort.OFFICER))
        by_officer = [one.officers for one in lines(page)]
        page.batch.sort.setCurrentIndex(page.batch.sort.findData(Sort.ROUTE))
        by_route = [one.id for one in lines(page)]
    assert by_officer == sorted(by_officer, key=lambda one: one.split("、")[0])
    assert len(by_route) == len(by_officer)


def test_the_notices_are_saved_as_one_file_or_many(office: Office, tmp_path: Path) -> None:
    with clerk_at(office, "batch") as page:
        page.batch.make_button.click()
        count = len(page.batch.documents())
        page.batch.save_to(tmp_path / "all.pdf")
        page.batch.is_one_file.setChecked(False)
        page.batch.save_to(tmp_path)
    names = sorted(one.name for one in tmp_path.glob("0*.pdf"))
    assert len(names) == count > 0
    assert names[0].startswith("001 ")
    assert page_count((tmp_path / "all.pdf").read_bytes()) >= count


def test_the_queue_goes_from_printing_to_signing(office: Office) -> None:
    with clerk_at(office, "batch") as page:
        page.batch.make_button.click()
        tray = page.queue.printing = PaperTray()
        page.tabs.show_part("queue")
        waiting = page.queue.to_print()
        page.queue.print_button.click()
        after = {one.document: one.waiting for one in page.queue.table.model.records()}
        page.queue.table.view.selectRow(0)
        page.queue.open_button.click()
        shown = page.tabs.current(), page.register.table.current()
    assert waiting
    assert tray.sheets
    assert {after[one] for one in waiting} == {Waiting.TO_SIGN}
    assert shown[0] == "register"
    assert shown[1].state is DocumentState.DRAFT


def test_a_spoiled_sheet_voids_the_next_number_with_its_reason(office: Office) -> None:
    with clerk_at(office, "batch") as page:
        page.batch.make_button.click()
        page.tabs.show_part("numbers")
        before = page.numbers.table.current().report
        page.numbers.void_button.click()
        reason = page.numbers.findChild(ReasonLine)
        assert isinstance(reason, ReasonLine)
        reason.words.setText("预印纸污损")
        reason.confirm_button.click()
        after = page.numbers.table.current().report
    assert (after.void, after.unused, after.gaps) == (before.void + 1, before.unused - 1, ())
    assert after.voided[-1].reason == "预印纸污损"


def test_a_case_file_is_checked_exported_and_verified(office: Office, tmp_path: Path) -> None:
    with clerk_at(office, "cases") as page:
        visit = page.cases.table.current()
        page.desk.session.documents.issue(
            DocumentKind.EDUCATION_RECORD,
            visit.id,
            entered=EDUCATION,
        )
        folder = tmp_path / "案卷"
        page.cases.with_originals.setChecked(True)
        page.cases.export_to(folder)
        page.cases.verify_folder(folder)
        good = _words(page)
        (folder / "case.pdf").write_bytes((folder / "case.pdf").read_bytes() + b"x")
        page.cases.verify_folder(folder)
        bad = _words(page)
        (folder / "case.pdf").unlink()
        page.cases.verify_folder(folder)
        torn = _words(page)
    assert "与清单一致" in good[0]
    assert "不一致" in bad[0]
    assert any("case.pdf" in one for one in bad)
    assert "缺少文件" in torn[0]


EDUCATION = {
    "education_time": "2026年3月6日11时00分至11时20分",
    "education_kind": "约谈",
    "education": "已对当事人进行法制教育。",
    "person_name": "赵五",
    "place": "店内",
    "violation": "店外占道",
}


def _words(page: DocumentsPage) -> list[str]:
    items = [page.cases.answer.itemAt(place) for place in range(page.cases.answer.count())]
    widgets = [one.widget() for one in items if one is not None]
    return [str(one.property("text")) for one in widgets if one is not None]


def test_filing_an_incomplete_case_asks_for_the_reason(office: Office) -> None:
    with clerk_at(office, "cases") as page:
        visit = page.cases.table.current()
        page.cases.archive_button.click()
        reason = page.cases.findChild(ReasonLine)
        assert isinstance(reason, ReasonLine)
        assert not reason.confirm_button.isEnabled()
        assert page.desk.session.visits.show(visit.id).visit.state is visit.state


def test_next_week_is_what_the_batch_begins_with(office: Office) -> None:
    with office.window(CLERK) as window:
        page: Any = window.page("documents")
        today = local_date(window.desk.session.clock.now())
        assert page.batch.monday() == today + timedelta(days=7 - today.weekday())
