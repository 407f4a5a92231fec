"""规则: for those who write rules: a package's rules with examples green or red, each rule in words, two compared."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QSplitter

from core.kernel.errors import Fault
from ui.desk import Desk
from ui.determinations.rule_panel import RulePanel
from ui.i18n import lang, t, term
from ui.jobs import Watch
from ui.models.table import Column
from ui.theme import Tone, px
from ui.widgets.basic import EmptyState, box, button, label, row, set_tone
from ui.widgets.form import choice
from ui.widgets.lines import ProgressLine
from ui.widgets.page import Page
from ui.widgets.table import FilteredTable

if TYPE_CHECKING:
    from core.domain.determinations.proving import ProvenPackage, ProvenRule

FILES = "YAML (*.yaml *.yml)"
PANEL_WIDTH = 520


def example_words(one: ProvenRule) -> str:
    """Return the examples of a rule in short, with the sign of their state."""
    passed, every = len(one.examples) - len(one.failed), len(one.examples)
    if not every:
        return f"? {t('ui.rules.no_example')}"
    return f"{'✕' if one.failed else '✓'} {passed} / {every}"


def example_tone(one: ProvenRule) -> Tone:
    """Return green where every example passed, red where one failed."""
    if not one.examples:
        return Tone.UNKNOWN
    return Tone.BLOCK if one.failed else Tone.PASS


def rule_columns() -> list[Column]:
    """Return the columns of a package's rules."""
    return [
        Column("examples", t("ui.rules.examples"), example_words, 110, tone=example_tone),
        Column("id", t("ui.rules.id"), lambda one: one.id, 110, is_code=True),
        Column("title", t("ui.rules.title"), _title, 260),
        Column("list_type", t("ui.rules.list_type"), lambda one: t(f"rules.list_type.{one.rule.list_type}"), 130),
        Column("place", t("ui.rules.place"), lambda one: one.rule.place, 150),
        Column("confidence", t("ui.rules.confidence"), _confidence, 120, tone=_confidence_tone),
    ]


def _title(one: ProvenRule) -> str:
    return one.rule.title.zh if lang() == "zh" else one.rule.title.en


def _confidence(one: ProvenRule) -> str:
    doubt = "! " if one.doubts or one.rule.confidence != "verified" else ""
    return doubt + t(f"rules.confidence.{one.rule.confidence}")


def _confidence_tone(one: ProvenRule) -> Tone | None:
    return Tone.WARN if one.doubts or one.rule.confidence != "verified" else None


class RulesPage(Page):
    """The page of the rail."""

    name: ClassVar[str] = "determinations"
    icon: ClassVar[str] = "scale"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.tested: ProvenPackage | None = None
        self._path: Path | None = None
        self.files = choice([])
        self.files.setAccessibleName(t("ui.rules.package"))
        self.files.currentIndexChanged.connect(self._on_file_chosen)
        self.open_button = button(t("ui.rules.open"), self._on_open_clicked, icon="file-text")
        self.again_button = button(t("ui.rules.again"), self._on_again_clicked, icon="refresh-cw", key="F5")
        self.frame.addWidget(box(row(self.files, self.open_button, self.again_button, None)))
        self.summary = label("", "strong", wrap=True)
        self.about = label("", "muted", wrap=True)
        self.progress = ProgressLine()
        for part in (self.summary, self.about, self.progress):
            self.frame.addWidget(part)
        self.table = FilteredTable(rule_columns(), memory=desk.memory, name="rules")
        self.empty = EmptyState(t("ui.rules.empty"), icon="scale")
        self.panel = RulePanel(desk)
        self.panel.setMinimumWidth(px(PANEL_WIDTH * 0.8))
        split = QSplitter()
        split.addWidget(self.table)
        split.addWidget(self.panel)
        split.setStretchFactor(0, 1)
        split.setSizes([px(640), px(PANEL_WIDTH)])
        split.setChildrenCollapsible(False)
        self.split = split
        self.frame.addWidget(split, 1)
        self.frame.addWidget(self.empty, 1)
        self._show_content(False)
        self.table.chosen.connect(self._on_rule_chosen)

    def read(self) -> None:
        if self.files.count() == 0:
            for path in self.desk.session.rule_authors.shipped():
                # Choosing the first one opens it.
                self.files.addItem(term("rule_file", path.stem), path)

    def open_file(self, path: Path) -> None:
        """Test the package in a file; a bad one is told with its rule, its place and what to do."""
        self._path = path
        self.again_button.setEnabled(False)
        call = partial(_opened, self.desk.session, path)
        watch = self.desk.jobs.watch(call, self._on_tested, self._on_not_opened, self._on_stopped)
        # A small package may be done already; only work that still runs has progress.
        if not self.again_button.isEnabled():
            self.progress.follow(watch, t("ui.rules.testing", file=path.name))

    @Slot(int)
    def _on_file_chosen(self, place: int) -> None:
        path = self.files.itemData(place)
        if path is not None:
            self.open_file(Path(path))

    @Slot()
    def _on_open_clicked(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, t("ui.rules.open"), "", FILES)
        if path:
            self.take_file(Path(path))

    def take_file(self, path: Path) -> None:
        """Put a file of the author's own among the packages and open it."""
        place = self.files.findText(path.name)
        if place < 0:
            self.files.addItem(path.name, path)
            place = self.files.count() - 1
        if place == self.files.currentIndex():
            self.open_file(path)
        else:
            self.files.setItemData(place, path)
            self.files.setCurrentIndex(place)

    @Slot()
    def _on_again_clicked(self) -> None:
        if self._path is not None:
            self.open_file(self._path)

    def _on_tested(self, tested: ProvenPackage) -> None:
        self._end()
        self.fault_line.hide()
        self.tested = tested
        package, failed = tested.package, len(tested.failed)
        passed = len(tested.results) - failed
        key = "ui.rules.red" if failed else "ui.rules.green"
        self.summary.setText(t(key, passed=passed, failed=failed, count=len(tested.results)))
        set_tone(self.summary, Tone.BLOCK if failed else Tone.PASS)
        title = package.title.zh if lang() == "zh" else package.title.en
        name = f"{package.id}@{package.version}"
        words = t("ui.rules.about", title=title, name=name, day=package.issued_on, sha256=tested.sha256[:12])
        self.about.setText("  ".join(part for part in (words, package.mark) if part))
        self._show_content(True)
        before = self.table.current()
        self.table.fill(tested.rules)
        if before is None or not self.table.choose(before.id):
            self.table.view.selectRow(0)

    def _on_not_opened(self, fault: Fault) -> None:
        self._end()
        self.tested = None
        self._show_content(False)
        self.on_failed(fault)

    def _on_stopped(self) -> None:
        self._end()

    def _end(self) -> None:
        self.progress.end()
        self.again_button.setEnabled(True)

    def _show_content(self, has_content: bool) -> None:
        for part in (self.split, self.summary, self.about):
            part.setVisible(has_content)
        self.empty.setVisible(not has_content)

    @Slot(object)
    def _on_rule_chosen(self, one: Any) -> None:
        if one is not None and self.tested is not None:
            self.panel.show_rule(self.tested, one)


def _opened(session: Any, path: Path, watch: Watch) -> ProvenPackage:
    return session.rule_authors.open(path, progress=watch)
