"""The main job through the real window: unlock, scan by camera, gates, checklist, papers, signatures, PDF, close."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import qrcode
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtMultimedia import QVideoFrame
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from core.domain.documents import DocumentKind
from core.domain.visits import Visit, VisitState
from tests.ui.typing_help import type_words
from ui.app import Application, StationDoor
from ui.camera.shoot import ShootDialog
from ui.jobs import LaneJobs
from ui.visits.page import VisitsPage
from ui.visits.reading import Case
from ui.visits.step_checklist import ChecklistStep
from ui.visits.step_papers import PapersStep
from ui.visits.step_signing import SigningStep
from ui.visits.workspace import Workspace
from ui.widgets.form import ReasonLine

LICENCE = "http://www.gsxt.gov.cn/index.html?uniscid="
PATIENCE_MS = 30_000
ROUNDS_MAX = 60


def picture_of(words: str) -> QImage:
    """Return a code as a camera would see it: 640 × 480, light grey around it."""
    code: Any = qrcode.make(words, box_size=8).convert("RGB")  # pyright: ignore[reportAttributeAccessIssue] - untyped library
    raw = code.tobytes()
    image = QImage(raw, code.width, code.height, 3 * code.width, QImage.Format.Format_RGB888).copy()
    frame = QImage(640, 480, QImage.Format.Format_RGB32)
    frame.fill(0xFFD0D0D0)
    painter = QPainter(frame)
    painter.drawImage(QPoint((640 - image.width()) // 2, (480 - image.height()) // 2), image)
    painter.end()
    return frame


class Person:
    """Somebody at the window: looks, clicks and types, and never calls a service."""

    def __init__(self, qtbot: Any, app: Application) -> None:
        self.qtbot, self.app = qtbot, app

    def wait(self, seen: Any) -> None:
        self.qtbot.waitUntil(seen, timeout=PATIENCE_MS)

    def unlock(self, account: str, password: str) -> None:
        page = self.app.unlock
        assert page is not None
        self.wait(lambda: page.account.count() > 0)
        page.account.setCurrentText(account)
        QTest.keyClicks(page.password, password)
        QTest.keyClick(page.password, Qt.Key.Key_Return)
        self.wait(lambda: self.app.window is not None)

    def visits(self) -> VisitsPage:
        page = self.app.window.page("visits")
        assert isinstance(page, VisitsPage)
        return page

    @property
    def work(self) -> Workspace:
        return self.visits().workspace

    @property
    def case(self) -> Case:
        assert self.work.case is not None
        return self.work.case

    @property
    def visit(self) -> Visit:
        return self.case.visit

    def in_state(self, state: VisitState) -> None:
        try:
            self.wait(lambda: self.work.case is not None and self.visit.state is state)
        except Exception as error:
            said = f"{self.work.fault_line.what.text()} {self.work.fault_line.more.text()}"
            raise AssertionError(f"still {self.visit.state}, wanted {state}: {said}") from error

    def step(self, place: int) -> Any:
        self.click(self.work._buttons[place - 1])  # pyright: ignore[reportPrivateUsage] - the rail a person sees
        return self.work.current_step()

    def click(self, button: QWidget) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def way(self, name: str) -> None:
        from PySide6.QtWidgets import QPushButton

        step = self.work.current_step()
        button = step.findChild(QPushButton, name)
        assert button is not None, f"no way {name} on the step {step.name}"
        self.click(button)


@pytest.fixture
def person(qtbot: Any, qapp: QApplication, demo_home: Any) -> Any:
    home, _ = demo_home
    jobs = LaneJobs()
    app = Application(qapp, home, jobs=jobs, door=StationDoor(), lang="zh")
    app.start()
    qtbot.addWidget(app.stack)
    yield Person(qtbot, app)
    app.leave()


def open_the_ready_visit(person: Person) -> None:
    """Open the approved visit of today from the list."""
    QTest.keyClick(person.app.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    page = person.visits()
    person.wait(lambda: page.table.model.rowCount() > 0)
    now = person.app.desk.session.clock.now()  # pyright: ignore[reportOptionalMemberAccess] - unlocked above
    ready = [
        one
        for one in page.table.model.records()
        if one.state is VisitState.APPROVED and one.planned_from <= now <= one.planned_to
    ]
    page.table.choose(ready[0].id)
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    person.wait(lambda: person.work.case is not None)


def enter(person: Person) -> None:
    """Notice, door, camera, rights, begin."""
    person.step(1)
    person.way("notify")
    person.in_state(VisitState.NOTIFIED)
    give_reasons(person)
    person.way("arrive")
    person.in_state(VisitState.ARRIVED)
    camera = person.work.current_step().scan.open_camera()  # pyright: ignore[reportAttributeAccessIssue] - the gates step
    camera.sink.setVideoFrame(QVideoFrame(picture_of(LICENCE + person.visit.uscc)))
    person.in_state(VisitState.SCANNED)
    show = person.step(2)
    type_words(show.person_name, "王芳")
    type_words(show.person_post, "店长")
    person.click(show.person_save)
    person.wait(lambda: person.visit.person_met is not None)
    person.click(show.told_button)
    person.wait(lambda: person.visit.rights_told_at is not None)
    person.step(1)
    give_reasons(person)
    person.step(2)
    person.click(show.begin_button)
    person.in_state(VisitState.INSPECTING)


def give_reasons(person: Person) -> None:
    """Give a reason wherever a gate asks for one."""
    from ui.visits.gate_line import GateRow

    while person.case.need_reason:
        wanted = person.case.need_reason
        lines = [one for one in person.work.current_step().findChildren(GateRow) if one.gate.gate == wanted[0]]
        type_words(lines[-1].reason, "已现场核实")
        person.click(lines[-1].reason_button)
        person.wait(lambda wanted=wanted: person.case.need_reason != wanted)


def answer_everything(person: Person) -> None:
    """Answer with keys alone; the first verdict question is not met and gets a photo."""
    step = person.step(3)
    assert isinstance(step, ChecklistStep)
    person.wait(lambda: bool(step.rows))
    failed = next(one for one in step.rows if one.typed is None)
    failed.setFocus()
    QTest.keyClick(failed, Qt.Key.Key_2)
    person.wait(lambda: failed.is_answered())
    take_photo(person, step, failed)
    for _ in range(ROUNDS_MAX):
        left = [one for one in step.rows if not one.is_answered()]
        if not left:
            break
        key = Qt.Key.Key_1 if left[0].typed is None else Qt.Key.Key_3
        left[0].setFocus()
        QTest.keyClick(left[0], key)
        person.wait(lambda left=left: [one for one in step.rows if not one.is_answered()] != left)
    for made in [one for one in step.rows if "!" in one.state.text()]:
        take_photo(person, step, made)
    person.wait(lambda: all(one.progress.is_complete for one in person.case.checklists))


def take_photo(person: Person, step: ChecklistStep, made: Any) -> None:
    before = len(person.case.evidence)
    made.setFocus()
    QTest.keyClick(made, Qt.Key.Key_P)
    person.wait(lambda: any(one.isVisible() for one in step.findChildren(ShootDialog)))
    dialog = next(one for one in step.findChildren(ShootDialog) if one.isVisible())
    dialog.camera.sink.setVideoFrame(QVideoFrame(picture_of(f"photo {before}")))
    person.wait(lambda: not dialog.picture.pixmap().isNull())
    person.click(dialog.take_button)
    person.wait(lambda: len(person.case.evidence) > before)


def determine(person: Person) -> None:
    step = person.step(5)
    person.wait(lambda: bool(step.cards))
    person.click(step.cards[0].keep_button)
    person.wait(lambda: bool(person.case.determined))


def conclude(person: Person) -> None:
    step = person.step(8)
    type_words(step.conclusion, "发现一处问题,已责令改正。")
    person.click(step.conclude_button)
    person.in_state(VisitState.RECORDED)


def make_paper(person: Person, kind: DocumentKind) -> None:
    step = person.step(6)
    assert isinstance(step, PapersStep)
    before = len(person.case.documents)
    step.choose_kind(kind)
    person.wait(lambda: bool(step.form.inputs) and step.form.title.text() != "")
    for name, control in step.form.inputs.items():
        words = control.text() if hasattr(control, "text") else control.toPlainText()  # pyright: ignore[reportAttributeAccessIssue] - by hasattr
        if not words:
            type_words(control, f"无({name})")
    person.click(step.form.issue_button)
    try:
        person.wait(lambda: len(person.case.documents) > before)
    except Exception as error:
        raise AssertionError(f"{kind}: {person.work.fault_line.what.text()}") from error
    person.wait(lambda: step.panel.paper.document.pageCount() > 0)


def sign_everything(person: Person) -> None:
    """Draw every open signature with the mouse."""
    step = person.step(7)
    assert isinstance(step, SigningStep)
    for _ in range(ROUNDS_MAX):
        if not step.cards:
            break
        card, before = step.cards[0], person.case.documents
        type_words(card.name, "" if card.name.text() else "王芳")
        pad = card.pad
        draw(pad)
        person.click(card.save_button)
        try:
            person.wait(lambda before=before: person.case.documents != before)
        except Exception as error:
            raise AssertionError(person.work.fault_line.what.text()) from error
    assert not step.cards


def draw(pad: QWidget) -> None:
    """Draw a line with the button held down; QTest moves the pointer only, which a hidden screen does not have."""
    kinds = QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * 6, QEvent.Type.MouseButtonRelease
    left = Qt.MouseButton.LeftButton
    for place, kind in enumerate(kinds):
        at = QPointF(30 + 20 * place, 60 + 5 * (place % 3))
        event = QMouseEvent(kind, at, pad.mapToGlobal(at), left, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(pad, event)


def save_pdf(person: Person, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = person.step(6)
    assert isinstance(step, PapersStep)
    step.choose_kind(DocumentKind.SCENE_RECORD)
    person.wait(lambda: step.panel.document is not None and bool(step.panel.paper.content()))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    person.click(step.panel.save_button)
    person.wait(lambda: path.exists() and path.stat().st_size > 0)


def close(person: Person) -> str:
    """Tell the result, order and note the correction, close."""
    step = person.step(8)
    person.click(step.tell_button)
    person.in_state(VisitState.RESULT_TOLD)
    person.click(step.order_button)
    person.in_state(VisitState.CORRECTING)
    person.click(step.corrected_button)
    prompt = step.findChildren(ReasonLine)[-1]
    type_words(prompt.words, "已当场改正并复查。")
    person.click(prompt.confirm_button)
    person.in_state(VisitState.CORRECTED)
    make_paper(person, DocumentKind.RESULT_LETTER)
    person.step(8)
    person.click(step.close_button)
    person.in_state(VisitState.CLOSED)
    return person.visit.id


def found_again(person: Person, visit_id: str) -> VisitState:
    """Look the visit up in the list after unlocking again."""
    person.app.window.show_page("visits")
    page = person.visits()
    person.wait(lambda: page.table.model.rowCount() > 0)
    return next(one.state for one in page.table.model.records() if one.id == visit_id)


@pytest.mark.timeout(300)
def test_from_a_scanned_code_to_a_saved_paper(
    person: Person, demo_home: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: None
) -> None:
    _, passwords = demo_home
    person.unlock("zhangmin", passwords["zhangmin"])
    open_the_ready_visit(person)
    enter(person)
    answer_everything(person)
    determine(person)
    conclude(person)
    make_paper(person, DocumentKind.SCENE_RECORD)
    sign_everything(person)
    save_pdf(person, tmp_path / "record.pdf", monkeypatch)
    visit_id = close(person)
    person.click(person.app.window.lock_button)
    person.wait(lambda: person.app.unlock is not None)
    person.unlock("zhangmin", passwords["zhangmin"])
    assert found_again(person, visit_id) is VisitState.CLOSED
    assert (tmp_path / "record.pdf").read_bytes()[:5] == b"%PDF-"
