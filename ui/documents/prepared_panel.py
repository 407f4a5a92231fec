"""One paper that was handed to the clerk: how it stands, what it will say, and taking it back."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.prepared_papers import PreparedPaper
from core.kernel.errors import Fault
from ui.desk import Desk, reading
from ui.i18n import moment, t
from ui.jobs import Lane
from ui.printing.paper import PaperView
from ui.theme import px
from ui.widgets.basic import box, button, label, row
from ui.widgets.form import ask_reason


class PreparedPanel(QWidget):
    """`changed`: the papers must be read again; `failed` carries a Fault."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.prepared: PreparedPaper | None = None
        self.title = label("", "section", wrap=True)
        self.state = label("", "muted", wrap=True)
        self.prompt = QVBoxLayout()
        self.withdraw_button = button(t("ui.prepared.withdraw"), self._on_withdraw_clicked)
        self.paper = PaperView()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(8))
        layout.addWidget(self.title)
        layout.addWidget(self.state)
        layout.addLayout(self.prompt)
        layout.addWidget(box(row(self.withdraw_button, label(t("ui.prepared.no_number"), "muted"), None)))
        layout.addWidget(self.paper, 1)

    def show_prepared(self, prepared: PreparedPaper) -> None:
        """Show a paper that waits for the clerk."""
        is_other = self.prepared is None or self.prepared.id != prepared.id
        self.prepared = prepared
        self.title.setText(prepared.title)
        said = (t(f"prepared.state.{prepared.state.value}"), moment(prepared.prepared_at), prepared.note)
        self.state.setText("   ".join(one for one in said if one))
        self.show()
        if is_other:
            call = partial(reading(self.desk.session).prepared_papers.preview, prepared.id)
            self.desk.jobs.run(call, self.paper.show_pdf, self._on_failed, lane=Lane.ERRAND, key="prepared")

    @Slot()
    def _on_withdraw_clicked(self) -> None:
        ask_reason(self.prompt, t("ui.prepared.withdraw_ask"), [], t("ui.prepared.withdraw"), self._on_reason_given)

    def _on_reason_given(self, _code: str, reason: str) -> None:
        assert self.prepared is not None, "only a paper that is shown is withdrawn"
        call = partial(self.desk.session.prepared_papers.withdraw, self.prepared.id, reason)
        self.desk.jobs.run(call, self._on_done, self._on_failed)

    def _on_done(self, done: Any) -> None:
        self.desk.bus.changed.emit(done.changed)
        self.changed.emit()

    def _on_failed(self, fault: Fault) -> None:
        self.failed.emit(fault)
