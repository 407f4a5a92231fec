"""Paper onto paper: the print dialog, and pages as pictures at 300 dots an inch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QWidget

from core.kernel.errors import Trouble

# Higher figures cost gigabytes: a queue may offer 1200 dpi by default, 1.1 GB for a three-page paper.
DPI = 300
POINTS_PER_INCH = 72

ChoosePrinter = Callable[[QWidget], QPrinter | None]


class PrintDesk:
    """Prints papers. The printer is kept here: the dialog only borrows it, and Qt does not own it."""

    def __init__(self, choose: ChoosePrinter | None = None) -> None:
        self._printer: QPrinter | None = None
        self._choose = choose or self._ask

    def print_paper(self, content: bytes, parent: QWidget) -> int | None:
        """Ask for a printer and print every page; returns the number of pages, None if the person gave up.

        Raises:
            Trouble: "ui.print.away", params printer; "ui.print.none"; "ui.print.damaged".
        """
        printer = self._choose(parent)
        return None if printer is None else print_pages(content, printer)

    def _ask(self, parent: QWidget) -> QPrinter | None:
        self._printer = QPrinter(QPrinter.PrinterMode.ScreenResolution)
        self._printer.setResolution(DPI)
        dialog = QPrintDialog(self._printer, parent)
        # A paper in a file is the file that was signed, never a picture of it made by the print system.
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintToFile, False)
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return None
        if not self._printer.printerName():
            raise Trouble("ui.print.none")
        return self._printer


def print_pages(content: bytes, printer: QPrinter) -> int:
    """Print every page of the PDF, fitted to the sheet; returns the number of pages."""
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    if document.pageCount() == 0:
        raise Trouble("ui.print.damaged")
    printer.setResolution(DPI)
    printer.setFullPage(True)
    painter = QPainter()
    if not printer.isValid() or not painter.begin(printer):
        raise Trouble("ui.print.away", printer=printer.printerName())
    for page in range(document.pageCount()):
        if page and not printer.newPage():
            painter.end()
            raise Trouble("ui.print.away", printer=printer.printerName())
        points = document.pagePointSize(page)
        dots = QSize(round(points.width() / POINTS_PER_INCH * DPI), round(points.height() / POINTS_PER_INCH * DPI))
        painter.drawImage(0, 0, document.render(page, dots))
    pages = document.pageCount()
    painter.end()
    document.close()
    return pages


def save_paper(content: bytes, path: Path) -> Path:
    """Write the paper's bytes as they are.  Raises Trouble "ui.print.not_saved", params file."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Trouble("ui.print.not_saved", file=path.name) from error
    return path
