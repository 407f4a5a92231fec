"""The service of one paper: what was tried, what proves it, and the next step; the clocks run from the proof."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.service_receipts import ServiceAct, ServiceMethod, ServiceReceipt, ServiceState
from core.kernel.changes import Done
from core.kernel.errors import Fault, Trouble
from core.kernel.records import changed
from ui.desk import Desk, reading
from ui.documents.service_form import ServiceForm
from ui.i18n import day, t
from ui.jobs import Lane
from ui.theme import Tone
from ui.widgets.basic import box, button, clear, label, mark, row, scrolled
from ui.widgets.form import ask_reason

TONES = {
    ServiceState.PROVEN: Tone.PASS,
    ServiceState.UNDER_WAY: Tone.WARN,
    ServiceState.REFUSED: Tone.WARN,
    ServiceState.RETURNED: Tone.BLOCK,
}
NOT_SERVED = frozenset(
    {
        DocumentKind.APPROVAL_FORM,
        DocumentKind.CASE_FILING_FORM,
        DocumentKind.COVER_SHEET,
        DocumentKind.SERVICE_RECEIPT,
        DocumentKind.FINE_RECEIPT,
    }
)
"""Internal papers, and those that prove something themselves."""


class ServicePanel(QWidget):
    """`changed`: the papers must be read again. `failed` carries a Fault. `busy`: the form stands open or not."""

    changed = Signal()
    failed = Signal(object)
    busy = Signal(bool)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.document: Document | None = None
        self._proving: ServiceReceipt | None = None
        self.attempts = QVBoxLayout()
        self.prompt = QVBoxLayout()
        self.form = ServiceForm()
        self.area = scrolled(self.form)
        self.area.hide()
        self.form.given.connect(self._on_given)
        self.form.closed.connect(self._on_form_closed)
        self.serve_button = button(t("ui.papers.serve"), self._on_serve_clicked)
        self.refused_button = button(t("ui.service.refused"), self._on_refused_clicked)
        self.ways = box(row(self.serve_button, self.refused_button, None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self.attempts)
        layout.addWidget(self.ways)
        layout.addLayout(self.prompt)
        layout.addWidget(self.area, 1)

    def show_document(self, document: Document) -> None:
        """Show how a paper was served."""
        if self.document is None or self.document.id != document.id:
            clear(self.prompt)
            self._open_form(False)
        self.document = document
        is_live = document.state not in {DocumentState.SPOILED, DocumentState.SERVED}
        self.setVisible(document.kind not in NOT_SERVED and document.state is not DocumentState.SPOILED)
        self.ways.setVisible(is_live)
        call = partial(reading(self.desk.session).service.of_document, document.id)
        self.desk.jobs.run(call, self._on_read, self._on_failed, lane=Lane.READ, key="service")

    def _on_read(self, receipts: tuple[ServiceReceipt, ...]) -> None:
        clear(self.attempts)
        for receipt in receipts:
            self.attempts.addWidget(self._attempt(receipt))

    def _attempt(self, receipt: ServiceReceipt) -> QWidget:
        parts = [t(f"service.method.{receipt.method.value}"), t(f"service.state.{receipt.state.value}")]
        if receipt.served_on is not None:
            parts.append(t("ui.service.since", day=day(receipt.served_on)))
        elif receipt.deemed_on is not None:
            parts.append(t("ui.service.deemed_on", day=day(receipt.deemed_on)))
        if not receipt.is_verified:
            parts.append(t("ui.word.unverified"))
        reason = receipt.note or (receipt.act.reason if receipt.state is ServiceState.REFUSED else "")
        made = QWidget()
        inner = QVBoxLayout(made)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(mark(TONES[receipt.state], "  ".join(one for one in (*parts, reason) if one)))
        inner.addWidget(label(receipt.citation, "muted", wrap=True))
        buttons = [self._step(key, call, receipt.id) for key, call in self._next_steps(receipt)]
        if buttons:
            inner.addWidget(box(row(*buttons, None)))
        return made

    @staticmethod
    def _step(key: str, call: Any, receipt_id: str) -> QPushButton:
        made = button(t(key), partial(call, receipt_id), role="link")
        made.setObjectName(key)
        return made

    def _next_steps(self, receipt: ServiceReceipt) -> list[tuple[str, Any]]:
        if receipt.state is ServiceState.PROVEN:
            return [] if receipt.paper else [("ui.service.paper", self._make_paper)]
        if receipt.state is not ServiceState.UNDER_WAY:
            return []
        if receipt.method is ServiceMethod.ANNOUNCEMENT:
            return [("ui.service.deem", self._deem)]
        return [("ui.service.prove", self._prove), ("ui.service.returned", self._return)]

    @Slot()
    def _on_serve_clicked(self) -> None:
        assert self.document is not None
        call = partial(reading(self.desk.session).service.address_of, self.document.id)
        self.desk.jobs.run(call, self._on_address, self._on_failed, lane=Lane.READ, key="service_address")

    def _on_address(self, confirmed: Any) -> None:
        document = self.document
        assert document is not None
        self._proving = None
        self.form.begin(
            f"{t('ui.papers.serve')}: {document.title} {document.number}",
            now=self.desk.session.clock.now(),
            servers=self.desk.session.account.shown_name,
            place=confirmed.address if confirmed is not None else "",
            address=confirmed.electronic_address if confirmed is not None and confirmed.is_electronic else "",
        )
        self._open_form(True)
        self.form.method.setFocus()

    def _prove(self, receipt_id: str, _checked: bool = False) -> None:
        receipt: ServiceReceipt = self.desk.session.service.get(receipt_id)
        self._proving = receipt
        self.form.begin_proof(t("ui.service.prove"), receipt.act, now=self.desk.session.clock.now())
        self._open_form(True)

    @Slot(object, object)
    def _on_given(self, act: ServiceAct, files: tuple[Path, ...]) -> None:
        assert self.document is not None
        self.desk.jobs.run(partial(self._serve, act, files), self._on_served, self._on_failed)

    def _serve(self, act: ServiceAct, files: tuple[Path, ...]) -> Done[Any]:
        document, service = self.document, self.desk.session.service
        assert document is not None
        media = tuple(self.desk.session.blobs.put(_read(path)) for path in files)
        act = changed(act, media=media)
        return service.prove(self._proving.id, act) if self._proving is not None else service.serve(document.id, act)

    def _on_served(self, done: Done[ServiceReceipt]) -> None:
        self._open_form(False)
        self._on_done(done)

    @Slot()
    def _on_form_closed(self) -> None:
        self._open_form(False)

    def _open_form(self, is_open: bool) -> None:
        self.area.setVisible(is_open)
        self.busy.emit(is_open)

    @Slot()
    def _on_refused_clicked(self) -> None:
        ask_reason(
            self.prompt,
            t("ui.service.refused_ask"),
            [],
            t("ui.service.refused"),
            self._on_refused_given,
            needs_words=True,
        )

    def _on_refused_given(self, _code: str, reason: str) -> None:
        assert self.document is not None
        servers = (self.desk.session.account.shown_name,)
        call = partial(self.desk.session.service.refused, self.document.id, reason=reason, servers=servers)
        self.desk.jobs.run(call, self._on_done, self._on_failed)

    def _return(self, receipt_id: str, _checked: bool = False) -> None:
        given = partial(self._on_return_given, receipt_id)
        ask_reason(self.prompt, t("ui.service.returned_ask"), [], t("ui.service.returned"), given, needs_words=True)

    def _on_return_given(self, receipt_id: str, _code: str, reason: str) -> None:
        call = partial(self.desk.session.service.returned, receipt_id, reason=reason)
        self.desk.jobs.run(call, self._on_done, self._on_failed)

    def _deem(self, receipt_id: str, _checked: bool = False) -> None:
        self.desk.jobs.run(partial(self.desk.session.service.deem_served, receipt_id), self._on_done, self._on_failed)

    def _make_paper(self, receipt_id: str, _checked: bool = False) -> None:
        self.desk.jobs.run(partial(self.desk.session.service.paper, receipt_id), self._on_done, self._on_failed)

    def _on_done(self, done: Done[Any]) -> None:
        self.desk.bus.changed.emit(done.changed)
        self.changed.emit()

    def _on_failed(self, fault: Fault) -> None:
        self.failed.emit(fault)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Trouble("ui.file.unreadable", file=path.name) from error
