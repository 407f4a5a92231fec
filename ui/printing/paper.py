"""A paper on the screen, page by page. Qt shows what core.papers drew; it never draws one."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, Slot
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.i18n import t
from ui.theme import px
from ui.widgets.basic import box, button, label, row


class PaperView(QWidget):
    """One PDF with its pages one at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes = b""
        # The document reads from the buffer as it goes, and the buffer from the bytes: all three live here.
        self._array = QByteArray()
        self._buffer = QBuffer(self)
        self.document = QPdfDocument(self)
        self.view = QPdfView(self)
        self.view.setDocument(self.document)
        self.view.setPageMode(QPdfView.PageMode.SinglePage)
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.view.setAccessibleName(t("ui.paper.view"))
        self.place = label("", "muted")
        self.back_button = button("", self._on_back_clicked, icon="chevron-left", name=t("ui.paper.back"))
        self.on_button = button("", self._on_on_clicked, icon="chevron-right", name=t("ui.paper.on"))
        self.fit_button = button(t("ui.paper.whole"), self._on_fit_clicked, icon="zoom-in")
        self.fit_button.setCheckable(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(4))
        layout.addWidget(box(row(self.back_button, self.place, self.on_button, None, self.fit_button)))
        layout.addWidget(self.view, 1)
        self.document.statusChanged.connect(self._show_place)
        self.view.pageNavigator().currentPageChanged.connect(self._show_place)
        self._show_place()

    def show_pdf(self, content: bytes) -> None:
        """Show these bytes from their first page."""
        self.document.close()
        self._buffer.close()
        self._bytes = content
        self._array = QByteArray(content)
        self._buffer.setData(self._array)
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self.document.load(self._buffer)
        self._go(0)

    def content(self) -> bytes:
        """Return the bytes that are shown; empty: none."""
        return self._bytes

    def _go(self, page: int) -> None:
        if 0 <= page < self.document.pageCount():
            self.view.pageNavigator().jump(page, QPointF(), 0)
        self._show_place()

    @Slot()
    def _on_back_clicked(self) -> None:
        self._go(self.view.pageNavigator().currentPage() - 1)

    @Slot()
    def _on_on_clicked(self) -> None:
        self._go(self.view.pageNavigator().currentPage() + 1)

    @Slot(bool)
    def _on_fit_clicked(self, wanted: bool) -> None:
        self.view.setZoomMode(QPdfView.ZoomMode.FitInView if wanted else QPdfView.ZoomMode.FitToWidth)

    @Slot()
    def _show_place(self) -> None:
        pages, page = self.document.pageCount(), self.view.pageNavigator().currentPage()
        self.place.setText(t("ui.paper.place", page=page + 1 if pages else 0, pages=pages))
        self.back_button.setEnabled(page > 0)
        self.on_button.setEnabled(page + 1 < pages)
