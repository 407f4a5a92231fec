"""清单: what the station holds of each kind, and the way in and out."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from core.domain.lists import ListVersion
from core.kernel.changes import Done, Topic
from ui.desk import Desk
from ui.i18n import day, t, term
from ui.jobs import Lane, Watch
from ui.lists.importing import ImportPanel
from ui.models.table import Column
from ui.theme import Tone
from ui.widgets.basic import box, button, label, row, set_tone
from ui.widgets.lines import ProgressLine
from ui.widgets.page import Page
from ui.widgets.table import FilteredTable

OLD_DAYS = 7
SHEETS = "Excel (*.xlsx);;CSV (*.csv)"


def _age(status: Any) -> str:
    return "" if status.age_days is None else t("ui.lists.days", count=status.age_days)


def _age_tone(status: Any) -> Tone | None:
    return Tone.WARN if status.age_days is not None and status.age_days > OLD_DAYS else None


def status_columns() -> list[Column]:
    """Return the columns of the list of lists."""
    return [
        Column("kind", t("ui.lists.kind"), lambda one: term("list_kind", one.kind), 180),
        Column("version", t("ui.lists.version"), lambda one: f"v{one.version}" if one.version else "", 80),
        Column("rows", t("ui.lists.rows"), lambda one: f"{one.rows:,}" if one.version else "", 110, is_number=True),
        Column(
            "effective",
            t("ui.lists.effective"),
            lambda one: day(one.effective_on) if one.effective_on else t("ui.lists.missing"),
            200,
        ),
        Column("age", t("ui.lists.age"), _age, 100, tone=_age_tone),
        Column("demo", t("ui.lists.origin"), lambda one: t("ui.word.demo") if one.is_demo else "", 110),
        Column("file", t("ui.lists.file"), lambda one: one.file_name, 260),
    ]


class ListsPage(Page):
    """The page of the rail."""

    name: ClassVar[str] = "lists"
    icon: ClassVar[str] = "list-checks"
    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.LISTS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.stack = QStackedWidget()
        self.overview = QWidget()
        layout = QVBoxLayout(self.overview)
        layout.setContentsMargins(0, 0, 0, 0)
        self.table = FilteredTable(status_columns(), memory=desk.memory, name="lists")
        self.table.filter.hide()
        self.table.count.hide()
        self.import_button = button(t("ui.lists.import"), self._on_import_clicked, role="main", icon="upload")
        self.export_button = button(t("ui.lists.export"), self._on_export_clicked, icon="download")
        self.template_button = button(t("ui.lists.template"), self._on_template_clicked, icon="file-text")
        self.confirm_button = button(t("ui.lists.confirm"), self._on_confirm_clicked, icon="check")
        self.confirm_button.setToolTip(t("ui.lists.confirm_hint"))
        self.age = label("", "muted")
        self.progress = ProgressLine()
        parts = (self.import_button, self.export_button, self.template_button, self.confirm_button, self.age)
        layout.addWidget(box(row(*parts, None)))
        layout.addWidget(label(t("ui.lists.hint"), "muted", wrap=True))
        layout.addWidget(self.progress)
        layout.addWidget(self.table, 1)
        self.table.chosen.connect(self._on_chosen)
        self.importing = ImportPanel(desk)
        self.importing.left.connect(self._on_import_left)
        self.stack.addWidget(self.overview)
        self.stack.addWidget(self.importing)
        self.frame.addWidget(self.stack, 1)

    def read(self) -> None:
        self.desk.jobs.run(self.desk.session.lists.status, self._on_read, self.on_failed, lane=Lane.READ, key="lists")

    def _on_read(self, statuses: tuple[Any, ...]) -> None:
        kind = getattr(self.table.current(), "kind", None)
        self.table.fill(statuses)
        places = [place for place, one in enumerate(statuses) if one.kind == kind]
        self.table.view.selectRow(places[0] if places else 0)

    @Slot(object)
    def _on_chosen(self, status: Any) -> None:
        has_version = status is not None and bool(status.version)
        self.confirm_button.setEnabled(has_version)
        self.export_button.setEnabled(has_version)
        age = getattr(status, "age_days", None) if has_version else None
        self.age.setText("" if age is None else t("ui.lists.confirmed_ago", count=age))
        set_tone(self.age, _age_tone(status) if has_version else None)

    @Slot()
    def _on_confirm_clicked(self) -> None:
        status = self.table.current()
        if status is not None:
            self.desk.jobs.run(
                partial(self.desk.session.lists.confirm, status.kind), self._on_confirmed, self.on_failed
            )

    def _on_confirmed(self, done: Done[ListVersion]) -> None:
        self.accept(done)
        version = done.value
        self.desk.messages.tell(t("ui.lists.confirmed", kind=term("list_kind", version.kind), version=version.version))

    @Slot()
    def _on_import_clicked(self) -> None:
        status = self.table.current()
        self.importing.begin(status.kind if status is not None else None)
        self.stack.setCurrentWidget(self.importing)

    @Slot()
    def _on_import_left(self) -> None:
        self.stack.setCurrentWidget(self.overview)
        self.read()

    @Slot()
    def _on_export_clicked(self) -> None:
        status = self.table.current()
        if status is None:
            return
        name = f"{term('list_kind', status.kind)}-v{status.version}.xlsx"
        path, _ = QFileDialog.getSaveFileName(self, t("ui.lists.export"), name, SHEETS)
        if path:
            call = partial(self._export, status.kind, Path(path))
            watch = self.desk.jobs.watch(call, self._on_exported, self._on_export_failed, self._on_export_cancelled)
            self.progress.follow(watch, t("ui.lists.exporting"))

    def _export(self, kind: Any, path: Path, watch: Watch) -> tuple[int, str]:
        done = self.desk.session.lists.export(kind, path, progress=watch)
        return done.value, path.name

    def _on_exported(self, answer: tuple[int, str]) -> None:
        self.progress.end()
        self.desk.messages.tell(t("ui.lists.exported", count=f"{answer[0]:,}", file=answer[1]))

    def _on_export_failed(self, fault: Any) -> None:
        self.progress.end()
        self.on_failed(fault)

    def _on_export_cancelled(self) -> None:
        self.progress.end()

    @Slot()
    def _on_template_clicked(self) -> None:
        status = self.table.current()
        if status is None:
            return
        name = f"{term('list_kind', status.kind)}-{t('ui.lists.template_name')}.xlsx"
        path, _ = QFileDialog.getSaveFileName(self, t("ui.lists.template"), name, SHEETS)
        if path:
            call = partial(self.desk.session.lists.template, status.kind, Path(path))
            self.desk.jobs.run(call, self._on_template_written, self.on_failed, lane=Lane.ERRAND)

    def _on_template_written(self, done: Done[None]) -> None:
        self.accept(done)
        self.desk.messages.tell(t("ui.lists.template_written"))
