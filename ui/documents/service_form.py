"""The form of an act of service: the way, and only the fields that prove it, each with the article that asks for it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDateTime, QTimeZone, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDateTimeEdit, QFileDialog, QLabel, QVBoxLayout, QWidget

from core.domain.service_receipts import ARTICLES, Receiver, ServiceAct, ServiceMethod, wanted_fields
from core.kernel.clock import BEIJING
from ui.i18n import t
from ui.widgets.basic import Card, box, button, clear, label, row
from ui.widgets.form import choice, field, line

LATER = (ServiceMethod.POST, ServiceMethod.ENTRUSTED, ServiceMethod.ELECTRONIC)
"""Ways whose proof may come days after the paper was sent."""
LINES = (
    "place",
    "receiver_name",
    "servers",
    "reason",
    "witness",
    "witness_post",
    "tracking_no",
    "entrusted_body",
    "address",
    "published_in",
)


class ServiceForm(Card):
    """`given` carries a ServiceAct without media, and the files that are its media; `closed`: the person gave up."""

    given = Signal(object, object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.files: tuple[Path, ...] = ()
        self.title = label("", "strong", wrap=True)
        self.method = choice([(t(f"service.method.{one.value}"), one) for one in ServiceMethod])
        self.method_field = field(t("ui.service.method"), self.method)
        self.article: QLabel = label("", "muted", wrap=True)
        self.is_proven = QCheckBox(t("ui.service.proof_is_here"))
        self.at = QDateTimeEdit()
        self.at.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.at.setCalendarPopup(True)
        self.receiver = choice([(t(f"service.receiver.{one.value}"), one) for one in Receiver])
        self.lines = {name: line() for name in LINES}
        self.parts: dict[str, QWidget] = {
            "at": field(t("service.field.at"), self.at),
            "receiver": field(t("service.field.receiver"), self.receiver),
        }
        for name, control in self.lines.items():
            self.parts[name] = field(t(f"ui.service.{name}"), control)
        self.media = QVBoxLayout()
        self.media_button = button(t("ui.service.add_media"), self._on_media_clicked, icon="paperclip")
        self.parts["media"] = self._media_box()
        self.save_button = button(t("ui.papers.serve"), self._on_save_clicked, role="main")
        self.cancel_button = button(t("ui.action.cancel"), self._on_cancel_clicked)
        for part in (self.title, self.method_field, self.article, self.is_proven, *self.parts.values()):
            self.add(part)
        self.add(box(row(self.save_button, self.cancel_button, None)))
        self.method.currentIndexChanged.connect(self._on_method_chosen)
        self.is_proven.toggled.connect(self._on_method_chosen)
        self._on_method_chosen()

    def _media_box(self) -> QWidget:
        made = QWidget()
        inner = QVBoxLayout(made)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(label(t("service.field.media"), "muted"))
        inner.addLayout(self.media)
        inner.addWidget(box(row(self.media_button, None)))
        return made

    def begin(self, title: str, *, now: datetime, servers: str, place: str = "", address: str = "") -> None:
        """Ask for a new act of service."""
        self._clear(title, now)
        self.lines["servers"].setText(servers)
        self.lines["place"].setText(place)
        self.lines["address"].setText(address)
        self.method.setEnabled(True)
        self.is_proven.setChecked(False)

    def begin_proof(self, title: str, act: ServiceAct, *, now: datetime) -> None:
        """Ask for the proof of a service under way; its way is fixed."""
        self._clear(title, now)
        for name, control in self.lines.items():
            value: Any = getattr(act, name)
            control.setText("、".join(value) if isinstance(value, tuple) else str(value))
        self.method.setCurrentIndex(self.method.findData(act.method))
        self.method.setEnabled(False)
        self.is_proven.setChecked(True)

    def _clear(self, title: str, now: datetime) -> None:
        self.title.setText(title)
        self.files = ()
        self._show_files()
        for control in self.lines.values():
            control.clear()
        local_now = QDateTime.fromMSecsSinceEpoch(int(now.timestamp() * 1000), QTimeZone(b"Asia/Shanghai"))
        self.at.setTimeZone(QTimeZone(b"Asia/Shanghai"))
        self.at.setDateTime(local_now)

    @Slot()
    def _on_method_chosen(self) -> None:
        method = self.chosen()
        wanted = set(wanted_fields(method))
        if "witness_or_media" in wanted:
            wanted |= {"witness", "witness_post", "media"}
        self.is_proven.setVisible(method in LATER)
        if method in LATER and not self.is_proven.isChecked():
            wanted -= {"at", "media", "receiver"}
        if "receiver" in wanted:
            wanted.add("receiver_name")
        for name, part in self.parts.items():
            part.setVisible(name in wanted)
        self.article.setText(t("ui.service.by", article=ARTICLES[method]))

    def chosen(self) -> ServiceMethod:
        """Return the way that stands in the form."""
        # Qt keeps the value as a plain text.
        return ServiceMethod(self.method.currentData())

    def act(self) -> ServiceAct:
        """Return the act as it was filled in; media are added by whoever stores them."""
        method = self.chosen()
        shown = {name for name, part in self.parts.items() if not part.isHidden()}
        words: dict[str, Any] = {name: self.lines[name].text().strip() for name in LINES if name in shown}
        servers = tuple(one for one in words.pop("servers", "").replace(",", "、").split("、") if one.strip())
        return ServiceAct(
            method=method,
            at=self._instant() if "at" in shown else None,
            receiver=Receiver(self.receiver.currentData()) if "receiver" in shown else None,
            servers=servers,
            **words,
        )

    def _instant(self) -> datetime:
        typed: Any = self.at.dateTime().toSecsSinceEpoch()
        return datetime.fromtimestamp(typed, BEIJING)

    @Slot()
    def _on_save_clicked(self) -> None:
        self.given.emit(self.act(), self.files if not self.parts["media"].isHidden() else ())

    @Slot()
    def _on_cancel_clicked(self) -> None:
        self.closed.emit()

    @Slot()
    def _on_media_clicked(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, t("ui.service.add_media"))
        self.take_files([Path(one) for one in paths])

    def take_files(self, paths: list[Path]) -> None:
        """Add files as media, each once."""
        self.files = tuple(dict.fromkeys((*self.files, *paths)))
        self._show_files()

    def _show_files(self) -> None:
        clear(self.media)
        for path in self.files:
            self.media.addWidget(label(path.name, wrap=True))
