"""Work in the window over a real demo station: approval, overruling, refusals, backup, password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton

from core.domain.visits import Visit, VisitState
from core.station import Station
from tests.ui.real import Office
from tests.ui.typing_help import type_words
from ui.i18n import t
from ui.settings.page import SettingsPage
from ui.visits.determination_card import DeterminationCard
from ui.visits.page import VisitsPage
from ui.visits.step_determine import DetermineStep
from ui.visits.workspace import Workspace
from ui.widgets.form import ReasonLine
from ui.window import MainWindow

OFFICER, HEAD = "zhangmin", "wangjianguo"


def workspace(window: MainWindow, visit_id: str, step: str) -> Workspace:
    window.show_page("visits", visit_id)
    page = window.page("visits")
    assert isinstance(page, VisitsPage)
    page.workspace.show_step(step)
    return page.workspace


def way(work: Workspace, name: str) -> QPushButton:
    found = work.current_step().findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def draft_of(session: Any) -> Visit:
    return session.visits.list(state=VisitState.DRAFT)[0]


def state_of(session: Any, visit: Visit) -> VisitState:
    return session.visits.show(visit.id).visit.state


def settings(window: MainWindow) -> SettingsPage:
    window.show_page("settings")
    page = window.page("settings")
    assert isinstance(page, SettingsPage)
    return page


def test_the_head_approves_at_the_same_laptop(office: Office) -> None:
    with office.window(HEAD) as window:
        visit = draft_of(window.desk.session)
        way(workspace(window, visit.id, "gates"), "approve").click()
        assert state_of(window.desk.session, visit) is VisitState.APPROVED


def test_an_officer_cannot_approve_and_is_told_why(office: Office) -> None:
    with office.window(OFFICER) as window:
        visit = draft_of(window.desk.session)
        work = workspace(window, visit.id, "gates")
        way(work, "approve").click()
        assert not work.fault_line.isHidden()
        assert work.fault_line.what.text()
        assert state_of(window.desk.session, visit) is VisitState.DRAFT


def test_an_approval_file_from_the_head_is_taken_in(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheme, approval = tmp_path / "visit.mjscheme", tmp_path / "visit.mjapproval"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(scheme), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(approval), ""))
    with office.window(OFFICER) as window:
        visit = draft_of(window.desk.session)
        way(workspace(window, visit.id, "gates"), "export_scheme").click()
    with office.unlocked(HEAD) as head:
        approval.write_bytes(head.approvals.approve(scheme.read_bytes()))
    with office.window(OFFICER) as window:
        way(workspace(window, visit.id, "gates"), "import_approval").click()
        assert state_of(window.desk.session, visit) is VisitState.APPROVED


def test_a_file_that_is_no_approval_changes_nothing(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "other.mjapproval"
    path.write_bytes(b"{}")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    with office.window(OFFICER) as window:
        visit = draft_of(window.desk.session)
        work = workspace(window, visit.id, "gates")
        way(work, "import_approval").click()
        assert not work.fault_line.isHidden()
        assert state_of(window.desk.session, visit) is VisitState.DRAFT


def visit_with_finding(session: Any) -> str:
    states = (VisitState.RESULT_TOLD, VisitState.CORRECTING, VisitState.CASE_OPENED)
    visits = [visit for state in states for visit in session.visits.list(state=state)]
    return next(visit.id for visit in visits if session.findings.of_visit(visit.id))


def card_of(work: Workspace) -> DeterminationCard:
    step = work.current_step()
    assert isinstance(step, DetermineStep)
    return step.cards[0]


def test_overruling_asks_for_a_reason_before_it_lets_go(office: Office) -> None:
    with office.window(OFFICER) as window:
        work = workspace(window, visit_with_finding(window.desk.session), "determine")
        card_of(work).keep_button.click()
        card = card_of(work)
        card.overrule_button.click()
        prompt = card.findChildren(ReasonLine)[0]
        assert not prompt.confirm_button.isEnabled()
        type_words(prompt.words, "当事人补充了新的证据")
        prompt.confirm_button.click()
        kept = window.desk.session.determinations.newest(card_of(work).finding_id)
    assert kept.override_reason == "当事人补充了新的证据"
    assert kept.chosen != kept.proposal


def test_a_backup_is_written_where_the_person_says(office: Office, tmp_path: Path) -> None:
    with office.window(OFFICER) as window:
        page = settings(window)
        page.backup_to(tmp_path / "all.mjbackup")
        assert page.fault_line.isHidden()
        assert window.toast.words.text() == t("ui.settings.backed_up", file="all.mjbackup")
    assert (tmp_path / "all.mjbackup").exists()


def test_the_new_password_opens_the_station_afterwards(office: Office) -> None:
    new = "a longer phrase of my own 7"
    with office.window(OFFICER) as window:
        page = settings(window)
        for control, words in ((page.old, office.passwords[OFFICER]), (page.new, new), (page.again, new)):
            type_words(control, words)
        page.password_button.click()
        assert page.fault_line.isHidden()
    session = Station.open(office.home).unlock(OFFICER, new)
    assert session.account.name == OFFICER
    session.close()


def test_two_different_new_passwords_are_refused(office: Office) -> None:
    with office.window(OFFICER) as window:
        page = settings(window)
        type_words(page.old, office.passwords[OFFICER])
        type_words(page.new, "one long phrase 1")
        type_words(page.again, "another long phrase 2")
        page.password_button.click()
        assert not page.fault_line.isHidden()
