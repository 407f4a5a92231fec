"""案卷: the check of a visit's file by ten categories, its index, the export with its manifest, and verification."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QFileDialog, QSplitter, QVBoxLayout, QWidget

from core.domain.case_files import Mark, ReviewLine, failed
from core.domain.visits import Visit, VisitState
from core.kernel.changes import Done
from core.services.case_files import MANIFEST_NAME, PDF_NAME, CaseExport, CaseVerdict
from core.services.case_folder import read_folder, write_folder
from ui.desk import Desk, reading
from ui.documents.part import RunningPart
from ui.i18n import day, moment, t, term
from ui.jobs import Lane, Watch
from ui.models.table import Column
from ui.theme import Tone, px
from ui.widgets.basic import Card, EmptyState, box, button, clear, label, mark, row, scrolled
from ui.widgets.form import ask_reason
from ui.widgets.older_visits import OlderVisits
from ui.widgets.table import FilteredTable

TONES = {Mark.PASS: Tone.PASS, Mark.WARN: Tone.WARN, Mark.FAIL: Tone.BLOCK}
VERDICTS = {"genuine": Tone.PASS, "incomplete": Tone.WARN, "altered": Tone.BLOCK, "unknown": Tone.UNKNOWN}
FILED = frozenset(
    {
        VisitState.RECORDED,
        VisitState.RESULT_TOLD,
        VisitState.CORRECTING,
        VisitState.CORRECTED,
        VisitState.CASE_OPENED,
        VisitState.CLOSED,
        VisitState.ARCHIVED,
        VisitState.REFUSED,
        VisitState.ABORTED,
    }
)
"""States in which there is something to file."""
CATEGORIES = range(1, 11)


def case_columns() -> list[Column]:
    """Return the columns of the visits with a file."""
    return [
        Column("number", t("ui.cases.number"), lambda one: one.number or "—", 170, is_code=True),
        Column("enterprise", t("ui.papers.party"), lambda one: one.enterprise_name, 220),
        Column("state", t("ui.visits.state"), lambda one: term("visit_state", one.state), 110),
        Column("planned", t("ui.queue.planned"), lambda one: moment(one.planned_from), 150, is_code=True),
    ]


def is_filed(visit: Visit) -> bool:
    """Tell whether there is something to file."""
    return visit.state in FILED


def read_cases(session: Any) -> tuple[Visit, ...]:
    """Return the visits that have something to file, those not yet archived first."""
    found = filter(is_filed, session.visits.recent())
    return tuple(sorted(found, key=lambda one: (one.state is VisitState.ARCHIVED, one.state.value)))


class CasesPart(RunningPart):
    """Left the visits, right the check of the chosen one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.visit: Visit | None = None
        self.table = FilteredTable(case_columns(), memory=desk.memory, name="cases")
        self.table.chosen.connect(self._on_chosen)
        self.older = OlderVisits(desk, self.table, self.on_failed, fits=is_filed)
        self.verify_button = button(t("ui.cases.verify"), self._on_verify_clicked, icon="shield-check")
        self.table.bar.addWidget(self.verify_button)
        self.empty = EmptyState(t("ui.cases.empty"), icon="clipboard-check")
        self.empty.hide()
        self.answer = QVBoxLayout()
        self.prompt = QVBoxLayout()
        self.title = label("", "section", wrap=True)
        self.index_button = button(t("ui.cases.index"), self._on_index_clicked, icon="list-todo")
        self.export_button = button(t("ui.cases.export"), self._on_export_clicked, role="main", icon="download")
        self.with_originals = QCheckBox(t("ui.cases.originals"))
        self.archive_button = button(t("ui.cases.archive"), self._on_archive_clicked, icon="database")
        self.points = QVBoxLayout()
        content = QWidget()
        content.setLayout(self.points)
        self.right = QWidget()
        inner = QVBoxLayout(self.right)
        inner.setContentsMargins(px(12), 0, 0, 0)
        inner.addWidget(self.title)
        inner.addWidget(box(row(self.export_button, self.index_button, self.archive_button, None)))
        inner.addWidget(self.with_originals)
        inner.addWidget(self.progress)
        inner.addLayout(self.prompt)
        inner.addWidget(scrolled(content), 1)
        self.right.hide()
        split = QSplitter()
        split.addWidget(self.table)
        split.addWidget(self.right)
        split.setSizes([px(560), px(560)])
        split.setChildrenCollapsible(False)
        self.column.addLayout(self.answer)
        self.column.addWidget(self.empty)
        self.column.addWidget(split, 1)

    def read(self) -> None:
        call = partial(read_cases, reading(self.desk.session))
        self.desk.jobs.run(call, self._on_read, self.on_failed, lane=Lane.READ, key="cases")

    def _on_read(self, visits: tuple[Visit, ...]) -> None:
        self.older.fill(visits)
        self.empty.setVisible(not visits)
        self.table.setVisible(bool(visits))
        if visits and self.table.current() is None:
            self.table.view.selectRow(0)

    @Slot(object)
    def _on_chosen(self, visit: Visit | None) -> None:
        self.visit = visit
        self.right.setVisible(visit is not None)
        clear(self.prompt)
        if visit is None:
            return
        self.title.setText(f"{visit.number}  {visit.enterprise_name}")
        self.archive_button.setVisible(visit.state is not VisitState.ARCHIVED)
        call = partial(reading(self.desk.session).case_files.check, visit.id)
        self.desk.jobs.run(call, self._on_reviewed, self.on_failed, lane=Lane.READ, key="case")

    def _on_reviewed(self, lines: tuple[ReviewLine, ...]) -> None:
        clear(self.points)
        counts = {one: sum(line.mark is one for line in lines) for one in Mark}
        self.points.addWidget(
            mark(
                Tone.BLOCK if counts[Mark.FAIL] else Tone.PASS,
                t("cli.case.points", met=counts[Mark.PASS], warn=counts[Mark.WARN], failed=counts[Mark.FAIL]),
            )
        )
        for category in CATEGORIES:
            card = Card(label(f"{category} {t(f'case.category.{category}')}", "strong"))
            for line in lines:
                if line.category == category:
                    card.add(mark(TONES[line.mark], t(f"case.point.{line.code}")))
                    if line.about:
                        card.add(label("、".join(line.about), "muted", wrap=True))
            self.points.addWidget(card)
        self.points.addStretch(1)

    @Slot()
    def _on_export_clicked(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, t("ui.cases.export"))
        if folder:
            self.export_to(Path(folder))

    def export_to(self, folder: Path) -> None:
        """Put the file of the chosen visit together and write it into a folder."""
        assert self.visit is not None
        call = partial(self._export, self.visit.id, folder, self.with_originals.isChecked())
        self.follow(call, self._on_exported, t("ui.cases.exporting"))

    def _export(self, visit_id: str, folder: Path, with_originals: bool, watch: Watch) -> Done[CaseExport]:
        done: Done[CaseExport] = self.desk.session.case_files.export(visit_id, progress=watch)
        write_folder(done.value, folder, with_originals=with_originals)
        return done

    def allow(self) -> None:
        """Export when nothing else runs."""
        self.export_button.setEnabled(not self.is_running)

    def stopped(self) -> None:
        """Nothing was written: what is on the page stays."""

    def _on_exported(self, done: Done[CaseExport]) -> None:
        self.desk.messages.tell(t("cli.case.exported", file=PDF_NAME, pages=done.value.manifest.pages))
        self._show_index(done.value)
        self.done(done)

    def _show_index(self, export: CaseExport) -> None:
        clear(self.points)
        for member in export.manifest.members:
            pages = f"{member.page_first}–{member.page_last}" if member.page_first else "—"
            when = day(member.made_on) if member.made_on is not None else ""
            parts = (str(member.place), member.title, member.number, when, t("ui.cases.pages", pages=pages))
            self.points.addWidget(label("   ".join(one for one in parts if one), wrap=True))
            if member.sha256:
                self.points.addWidget(label(f"SHA-256 {member.sha256}", "muted", wrap=True))
        self.points.addStretch(1)

    @Slot()
    def _on_index_clicked(self) -> None:
        if self.visit is not None:
            self._on_chosen(self.visit)

    @Slot()
    def _on_archive_clicked(self) -> None:
        assert self.visit is not None
        call = partial(reading(self.desk.session).case_files.check, self.visit.id)
        self.desk.jobs.run(call, self._on_checked_to_archive, self.on_failed, lane=Lane.READ, key="archive")

    def _on_checked_to_archive(self, lines: tuple[ReviewLine, ...]) -> None:
        missing = failed(lines)
        if not missing:
            self._archive("")
            return
        ask_reason(
            self.prompt,
            t("ui.cases.in_spite_of", count=len(missing)),
            [],
            t("ui.cases.archive"),
            self._on_reason_given,
            needs_words=True,
        )

    def _on_reason_given(self, _code: str, reason: str) -> None:
        self._archive(reason)

    def _archive(self, reason: str) -> None:
        assert self.visit is not None
        call = partial(self.desk.session.case_files.archive, self.visit.id, in_spite_of=reason)
        self.desk.jobs.run(call, self._on_archived, self.on_failed)

    def _on_archived(self, done: Done[Visit]) -> None:
        self.done(done)
        self.read()

    @Slot()
    def _on_verify_clicked(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, t("ui.cases.verify"))
        if folder:
            self.verify_folder(Path(folder))

    def verify_folder(self, folder: Path) -> None:
        """Check an exported folder against its manifest."""
        self.desk.jobs.run(partial(self._verify, folder), self._on_verified, self.on_failed, lane=Lane.ERRAND)

    def _verify(self, folder: Path) -> CaseVerdict:
        manifest, pdf, others = read_folder(folder)
        check = reading(self.desk.session).case_files.verify
        verdict: CaseVerdict = check(manifest, pdf, others, with_originals=bool(others))
        return verdict

    def _on_verified(self, verdict: CaseVerdict) -> None:
        self.failed.emit(None)
        clear(self.answer)
        self.answer.addWidget(mark(VERDICTS[verdict.verdict], t(f"case.verdict.{verdict.verdict}")))
        for reason in verdict.reasons:
            code, _, about = reason.partition(" ")
            self.answer.addWidget(label(f"{t(f'case.reason.{code}')} {about}".strip(), wrap=True))
        if verdict.manifest is not None:
            said = (verdict.manifest.title, moment(verdict.manifest.made_at), MANIFEST_NAME)
            self.answer.addWidget(label("   ".join(said), "muted", wrap=True))
