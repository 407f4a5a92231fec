"""Papers on the screen and on paper. The files are made by Qt here only because a test needs some PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QPainter, QPdfWriter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget

from core.kernel.errors import Trouble
from ui.i18n import t
from ui.printing.paper import PaperView
from ui.printing.printer import DPI, PrintDesk, print_pages, save_paper


@pytest.fixture
def pdf(qapp: Any, tmp_path: Path) -> bytes:
    """Two pages."""
    path = tmp_path / "paper.pdf"
    writer = QPdfWriter(str(path))
    painter = QPainter(writer)
    painter.drawText(100, 100, "1")
    writer.newPage()
    painter.drawText(100, 100, "2")
    painter.end()
    return path.read_bytes()


def file_printer(path: Path) -> QPrinter:
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    return printer


def test_every_page_reaches_the_printer(pdf: bytes, tmp_path: Path) -> None:
    printer = file_printer(tmp_path / "out.pdf")
    pages = print_pages(pdf, printer)
    printed = QPdfDocument()
    printed.load(str(tmp_path / "out.pdf"))
    assert (pages, printed.pageCount(), printer.resolution()) == (2, 2, DPI)


@pytest.mark.qt_log_ignore("QPainter::begin", extend=True)
def test_a_printer_that_is_away_is_trouble_and_the_paper_is_safe(pdf: bytes, tmp_path: Path) -> None:
    with pytest.raises(Trouble) as trouble:
        print_pages(pdf, file_printer(tmp_path / "no" / "such" / "folder.pdf"))
    assert trouble.value.code == "ui.print.away"


def test_giving_up_in_the_dialog_prints_nothing(qtbot: Any, pdf: bytes) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    assert PrintDesk(lambda _: None).print_paper(pdf, parent) is None


def test_a_damaged_file_is_not_printed(tmp_path: Path, qapp: Any) -> None:
    with pytest.raises(Trouble) as trouble:
        print_pages(b"%PDF-1.7 torn", file_printer(tmp_path / "out.pdf"))
    assert trouble.value.code == "ui.print.damaged"


def test_a_paper_is_shown_page_by_page(qtbot: Any, pdf: bytes) -> None:
    view = PaperView()
    qtbot.addWidget(view)
    view.show_pdf(pdf)
    assert view.place.text() == t("ui.paper.place", page=1, pages=2)
    view.on_button.click()
    assert view.place.text() == t("ui.paper.place", page=2, pages=2)
    assert not view.on_button.isEnabled()


def test_a_saved_paper_has_the_same_bytes(pdf: bytes, tmp_path: Path) -> None:
    save_paper(pdf, tmp_path / "saved.pdf")
    assert (tmp_path / "saved.pdf").read_bytes() == pdf


def test_a_folder_that_is_not_there_is_trouble(pdf: bytes, tmp_path: Path) -> None:
    with pytest.raises(Trouble) as trouble:
        save_paper(pdf, tmp_path / "gone" / "saved.pdf")
    assert trouble.value.code == "ui.print.not_saved"
