"""The two assistants: enrolment and the stick, over any page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from core.domain.shared_state import DeviceStatus, StationDevice
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import changed
from core.sync.bundle import BadMember
from tests.ui.fakes import FakeSession
from tests.ui.looking import words_on
from tests.ui.sync_fakes import NOW, FakeStatus, FakeSync, statement
from tests.ui.typing_help import type_words
from ui.desk import Desk
from ui.i18n import t
from ui.palette import PaletteDialog
from ui.sync.enrol import EnrolAssistant
from ui.sync.stick import StickAssistant
from ui.sync.words import reason
from ui.today.page import TodayPage
from ui.window import MainWindow

URL, CODE = "https://hq.example:8443", "K7QF-2M9D-XA41"
Stick = Callable[[str], StickAssistant]


@pytest.fixture
def enrol(qtbot: Any, desk: Desk) -> EnrolAssistant:
    """The enrolment assistant of a station that is not enrolled."""
    made = EnrolAssistant(desk)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def stick(qtbot: Any, desk: Desk, session: FakeSession) -> Stick:
    """Give a way to open the USB assistant of an enrolled station."""
    session.sync = FakeSync(now=FakeStatus(unconfirmed=7), stated=statement())

    def opened(kind: str) -> StickAssistant:
        made = StickAssistant(desk, kind)
        qtbot.addWidget(made)
        made.show()
        return made

    return opened


def look(enrol: EnrolAssistant) -> None:
    type_words(enrol.url, URL)
    type_words(enrol.code, CODE)
    enrol.look_button.click()


def test_fingerprints_of_both_sides_are_shown_before_anything_is_sent(enrol: EnrolAssistant) -> None:
    look(enrol)
    shown = words_on(enrol)
    assert all(one in shown for one in ("3F2A 9C01 77DE 10B4", "88C4 0D3E 61F2 BA97", "A001 52BE C09A 7F31"))
    assert t("ui.sync.will_be_sent", count=7) in shown
    assert enrol.desk.session.sync.asked == [("preview", URL, CODE)]


def test_nothing_is_enrolled_before_the_fingerprints_were_compared(enrol: EnrolAssistant) -> None:
    look(enrol)
    before = enrol.enrol_button.isEnabled()
    enrol.compared.setChecked(True)
    assert (before, enrol.enrol_button.isEnabled()) == (False, True)


def test_another_address_wants_another_comparison(enrol: EnrolAssistant) -> None:
    look(enrol)
    enrol.compared.setChecked(True)
    type_words(enrol.url, "/x")
    assert not enrol.compared.isChecked()
    assert enrol.enrol_button.isHidden()


def test_enrolling_tells_the_window(qtbot: Any, enrol: EnrolAssistant) -> None:
    look(enrol)
    enrol.compared.setChecked(True)
    with qtbot.waitSignal(enrol.enrolled):
        enrol.enrol_button.click()
    assert t("ui.sync.enrolled_more") in words_on(enrol)
    assert ("enrol", URL, CODE) in enrol.desk.session.sync.asked


def test_a_wrong_code_is_told_and_what_was_typed_stays(enrol: EnrolAssistant, session: FakeSession) -> None:
    session.sync.fault = Refusal("ui.scan.no_code")
    look(enrol)
    assert not enrol.fault_line.isHidden()
    assert (enrol.url.text(), enrol.code.text(), enrol.look_button.isEnabled()) == (URL, CODE, True)


def test_a_stick_for_headquarters_takes_the_media_along(stick: Stick, tmp_path: Path) -> None:
    made = stick("export")
    made.carry(tmp_path / "a.mjbundle")
    assert ("export", tmp_path / "a.mjbundle", "hq", True) in made.desk.session.sync.asked
    assert t("ui.sync.written", file="a.mjbundle") in words_on(made)


def test_a_stick_for_a_colleague_is_sealed_to_that_station(stick: Stick, session: FakeSession, tmp_path: Path) -> None:
    other = StationDevice(
        id="d-other",
        station="s-2",
        subject="岳麓区市场监督管理局",
        public="00" * 32,
        seal_recipient="age1",
        officer="李强",
        enrolled_at=NOW - timedelta(days=9),
    )
    lost = changed(other, id="d-lost", status=DeviceStatus.LOST)
    session.records = {StationDevice: (other, lost)}
    made = stick("export")
    assert made.to.count() == 2
    made.to.setCurrentIndex(1)
    made.with_media.setChecked(False)
    made.carry(tmp_path / "b.mjbundle")
    assert ("export", tmp_path / "b.mjbundle", "d-other", False) in session.sync.asked


def test_what_came_back_is_told(stick: Stick, tmp_path: Path) -> None:
    made = stick("import")
    made.carry(tmp_path / "c.mjbundle")
    shown = words_on(made)
    assert t("ui.sync.taken", file="c.mjbundle") in shown
    assert t("ui.sync.equal") in shown


def test_f24_a_stick_read_twice_says_so(stick: Stick, session: FakeSession, tmp_path: Path) -> None:
    made = stick("import")
    session.sync.is_repeat = True
    made.carry(tmp_path / "c.mjbundle")
    assert t("ui.sync.taken_twice", file="c.mjbundle") in words_on(made)


def test_a_bad_part_is_named_with_its_reason(stick: Stick, session: FakeSession, tmp_path: Path) -> None:
    made = stick("import")
    session.sync.bad = (BadMember(name="m000003.age", about="d-other 51", why="bundle.damaged"),)
    made.carry(tmp_path / "c.mjbundle")
    assert t("ui.sync.set_aside", part="d-other 51", why=reason("bundle.damaged")) in words_on(made)


def test_f23_a_stick_that_was_pulled_out_is_told_and_can_be_tried_again(
    stick: Stick, session: FakeSession, tmp_path: Path
) -> None:
    made = stick("export")
    session.sync.fault = Trouble("bundle.not_written", path="a.mjbundle", why="gone")
    made.carry(tmp_path / "a.mjbundle")
    assert not made.fault_line.isHidden()
    assert made.go_button.isEnabled()
    assert made.progress.isHidden()


def test_the_place_is_asked_for(stick: Stick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "d.mjbundle"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), ""))
    made = stick("export")
    made.go_button.click()
    assert path.exists()


@pytest.fixture
def window(qtbot: Any, desk: Desk) -> Iterator[MainWindow]:
    """A window of a station that is not enrolled."""
    made = MainWindow(desk, (TodayPage,))
    qtbot.addWidget(made)
    made.show()
    yield made
    made.leave()


@pytest.mark.parametrize(
    ("wish", "argument", "kind"), [("enrol", None, EnrolAssistant), ("stick", "import", StickAssistant)]
)
def test_an_assistant_opens_over_any_page_and_leaves_it_there(
    window: MainWindow, wish: str, argument: str | None, kind: type[QWidget]
) -> None:
    window.desk.messages.go(wish, argument)
    shown = [one for one in window.findChildren(kind) if one.isVisible()]
    assert len(shown) == 1
    assert isinstance(window.stack.currentWidget(), TodayPage)
    shown[0].close()


def test_the_assistants_are_found_by_words(qtbot: Any, desk: Desk) -> None:
    dialog = PaletteDialog(desk, ["today"])
    qtbot.addWidget(dialog)
    type_words(dialog.words, t("ui.sync.import"))
    with qtbot.waitSignal(dialog.chosen) as told:
        dialog.words.returnPressed.emit()
    assert told.args == ["stick", "import"]
