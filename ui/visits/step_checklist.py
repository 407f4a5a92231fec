"""Step 3, 检查单: one question a row, the keyboard alone is enough; every answer is saved as it is given."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QVBoxLayout

from core.domain.answers import answers_by_cell, asked_cells
from core.domain.checklists import Cell
from core.domain.visits import VisitState
from core.kernel.errors import Trouble
from ui.camera.shoot import ShootDialog
from ui.desk import Desk
from ui.i18n import t
from ui.theme import px
from ui.visits.point_row import PointRow
from ui.visits.reading import Case
from ui.visits.step import Step
from ui.widgets.basic import EmptyState, KeyHint, box, button, clear, label, row
from ui.widgets.form import line

Key = tuple[str, str, int]


class ChecklistStep(Step):
    """The rows of every item of the visit."""

    name = "checklist"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.rows: list[PointRow] = []
        self._layout_keys: tuple[Key, ...] = ()
        self._visit_shown = ""
        self._shoot: ShootDialog | None = None
        self._target: PointRow | None = None
        self.count = label("", "section")
        self.only_open = button(t("ui.check.only_open"), self._show_matching, role="answer")
        self.only_open.setCheckable(True)
        self.search = line(placeholder=t("ui.check.search"))
        self.search.setAccessibleName(t("ui.check.search"))
        self.search.setMinimumWidth(px(220))
        self.search.textChanged.connect(self._show_matching)
        self.search.returnPressed.connect(self.take_keys)
        head = row(self.count, None, self.search, self.only_open)
        # The head stays while the questions scroll.
        outer = self.layout()
        assert isinstance(outer, QVBoxLayout)
        outer.insertWidget(0, box(head))
        if not desk.memory.text("hint/checklist"):
            outer.insertWidget(1, KeyHint(t("ui.check.keys"), self._on_hint_dismissed))
        self.list = QVBoxLayout()
        self.list.setSpacing(8)
        self.body.addLayout(self.list)
        self.body.addStretch(1)
        find = QShortcut(QKeySequence("/"), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    def _on_hint_dismissed(self) -> None:
        self.desk.memory.keep("hint/checklist", "read")

    def show_case(self, case: Case) -> None:
        super().show_case(case)
        cells: list[tuple[Any, Cell, dict[tuple[str, int], Any]]] = []
        for one in case.checklists:
            given = answers_by_cell(one.answers, one.item)
            cells += [(one, cell, given) for cell in asked_cells(one.checklist, given)]
        keys = tuple((one.item, cell.point.id, cell.repeat) for one, cell, _ in cells)
        if keys != self._layout_keys or self._visit_shown != case.visit.id:
            self._build(cells)
            self._layout_keys, self._visit_shown = keys, case.visit.id
        photos = Counter(piece.answer for piece in case.evidence if piece.answer)
        is_open = case.visit.state is VisitState.INSPECTING
        for made, (_, cell, given) in zip(self.rows, cells, strict=True):
            answer = given.get((cell.point.id, cell.repeat))
            made.show_answer(answer, photos[answer.id] if answer is not None else 0, is_open=is_open)
        answered = sum(made.is_answered() for made in self.rows)
        self.count.setText(t("ui.check.count", answered=answered, asked=len(self.rows)))

    def _build(self, cells: list[tuple[Any, Cell, Any]]) -> None:
        stood_on = next((made.place - 1 for made in self.rows if made.hasFocus()), None)
        clear(self.list)
        self.rows = []
        item = ""
        for place, (one, cell, _) in enumerate(cells, start=1):
            if one.item != item:
                item = one.item
                demo = f"  {t('ui.word.demo')}" if one.checklist.is_demo else ""
                self.list.addWidget(label(one.item_name, "section", wrap=True))
                self.list.addWidget(label(f"{one.checklist.title}{demo}  {one.checklist.source}", "muted", wrap=True))
            made = PointRow(place, one.item, cell)
            made.answered.connect(self._on_answered)
            made.stepped.connect(self._on_stepped)
            made.photo.connect(self._on_photo_wanted)
            made.attach.connect(self._on_attach_wanted)
            self.rows.append(made)
            self.list.addWidget(made)
        if not cells:
            self.list.addWidget(EmptyState(t("ui.check.empty"), icon="list-todo"))
        if stood_on is not None and stood_on < len(self.rows):
            self.rows[stood_on].setFocus()
        self._show_matching()

    @Slot()
    def _show_matching(self) -> None:
        words = self.search.text().strip().casefold()
        only_open = self.only_open.isChecked()
        for made in self.rows:
            fits = words in f"{made.place} {made.cell.point.text} {made.cell.point.basis}".casefold()
            made.setVisible(fits and not (only_open and made.is_answered()))

    def take_keys(self) -> None:
        shown = [made for made in self.rows if not made.isHidden()]
        wanted = next((made for made in shown if not made.is_answered()), shown[0] if shown else None)
        if wanted is not None:
            self._stand_on(wanted)

    def _stand_on(self, made: PointRow) -> None:
        made.setFocus(Qt.FocusReason.OtherFocusReason)
        self.area.ensureWidgetVisible(made, 0, 60)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self.take_keys()
            return
        super().keyPressEvent(event)

    @Slot(int)
    def _on_stepped(self, step: int) -> None:
        made = self.sender()
        shown = [one for one in self.rows if not one.isHidden()]
        if isinstance(made, PointRow) and made in shown:
            place = shown.index(made) + step
            if 0 <= place < len(shown):
                self._stand_on(shown[place])

    @Slot(str, str)
    def _on_answered(self, value: str, note: str) -> None:
        made = self.sender()
        assert isinstance(made, PointRow)
        call = partial(
            self.desk.session.checklists.answer,
            self.visit_id,
            item=made.item,
            point=made.cell.point.id,
            value=value,
            repeat=made.cell.repeat,
            note=note,
        )
        self.do(call)

    @Slot()
    def _on_photo_wanted(self) -> None:
        made = self.sender()
        assert isinstance(made, PointRow)
        self._target = made
        self._shoot = ShootDialog(self.desk.jobs, self)
        self._shoot.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._shoot.taken.connect(self._on_photo_taken)
        self._shoot.file_wanted.connect(self._on_file_instead)
        self._shoot.open()

    @Slot(bytes)
    def _on_photo_taken(self, content: bytes) -> None:
        if self._target is not None:
            self._keep(self._target, content, f"{self._target.cell.point.id}.jpg", is_imported=False)

    @Slot()
    def _on_file_instead(self) -> None:
        if self._target is not None:
            self._ask_file(self._target)

    @Slot()
    def _on_attach_wanted(self) -> None:
        made = self.sender()
        assert isinstance(made, PointRow)
        self._ask_file(made)

    def _ask_file(self, made: PointRow) -> None:
        path, _ = QFileDialog.getOpenFileName(self, t("ui.check.attach"))
        if path:
            self.do(partial(self._attach_file, made, Path(path)))

    def _attach_file(self, made: PointRow, path: Path) -> Any:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Trouble("ui.file.unreadable", file=path.name) from error
        return self._attach(made, content, path.name, is_imported=True)

    def _keep(self, made: PointRow, content: bytes, name: str, *, is_imported: bool) -> None:
        self.do(partial(self._attach, made, content, name, is_imported=is_imported))

    def _attach(self, made: PointRow, content: bytes, name: str, *, is_imported: bool) -> Any:
        from core.kernel.ids import cell_id

        answer = cell_id(self.visit_id, made.item, made.cell.point.id, str(made.cell.repeat))
        return self.desk.session.evidence.attach(
            self.visit_id,
            content,
            file_name=name,
            answer=answer,
            proves=made.cell.point.text,
            is_imported=is_imported,
        )
