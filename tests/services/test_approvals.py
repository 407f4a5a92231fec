"""Approvals as files between two stations."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.gate_settings import GateSettings
from core.domain.officers import Role
from core.domain.visits import VisitState
from core.kernel.clock import FixedClock
from core.kernel.errors import Refusal
from core.services.approvals import PACKAGE_BYTES_MAX, Approvals
from core.services.visits import Visits
from tests.helpers.builders import HEAD_KEY, NOW, account, head, officer, reference, visit
from tests.helpers.fakes import FakeReference, FakeStore, fake_sign, fake_verify


class Desk:
    def __init__(self, lists: FakeReference | None = None) -> None:
        self.store = FakeStore()
        self.store.seed(visit())
        self.lists = lists or reference()
        self.clock = FixedClock(NOW)
        self.visits = Visits(self.store, self.lists, self.clock, account(), GateSettings(), fake_verify)
        self.officers_side = Approvals(self.visits, self.lists, self.clock, account())
        self.heads_side = self.of_head()

    def of_head(self, officer_id: str = "head-1") -> Approvals:
        who = account(officer=officer_id, roles=(Role.BODY_HEAD,))
        return Approvals(
            self.visits, self.lists, self.clock, who, lambda message: fake_sign(HEAD_KEY, message), HEAD_KEY
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_scheme_goes_out_and_comes_back_approved(desk: Desk) -> None:
    signed = desk.heads_side.approve(desk.officers_side.export_scheme("v-1"))
    after = desk.officers_side.import_package(signed).value
    assert after.state is VisitState.APPROVED
    assert after.approval is not None
    assert after.approval.expires_at == visit().planned_to + timedelta(days=1)


def test_one_altered_byte_makes_the_package_worthless(desk: Desk) -> None:
    signed = desk.heads_side.approve(desk.officers_side.export_scheme("v-1"))
    with pytest.raises(Refusal) as refusal:
        desk.officers_side.import_package(signed.replace(b'"i-1"', b'"i-2"'))
    assert refusal.value.code == "approval.not_good"
    assert desk.visits.show("v-1").visit.state is VisitState.DRAFT


def test_somebody_without_a_key_cannot_approve(desk: Desk) -> None:
    with pytest.raises(Refusal) as refusal:
        desk.officers_side.approve(desk.officers_side.export_scheme("v-1"))
    assert refusal.value.code == "approval.no_key"


def test_a_head_whose_key_is_not_on_the_list_is_told_so_before_it_travels() -> None:
    desk = Desk(reference(officers=(officer(1), officer(2), head(sign_public="11" * 32))))
    with pytest.raises(Refusal) as refusal:
        desk.heads_side.approve(desk.officers_side.export_scheme("v-1"))
    assert refusal.value.code == "approval.key_not_registered"


def test_an_approver_who_is_on_no_list_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal) as refusal:
        desk.of_head("nobody").approve(desk.officers_side.export_scheme("v-1"))
    assert refusal.value.code == "lists.row_missing"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no json",
        b"[]",
        b"{}",
        b'{"format":"mingjian-approval-1"}',
        b'{"format":"mingjian-approval-1","approval":{"scheme":1}}',
        b'{"format":"mingjian-scheme-1","scheme":{}}',
        b" " * (PACKAGE_BYTES_MAX + 1),
    ],
)
def test_a_file_that_is_no_approval_is_refused_and_nothing_changes(desk: Desk, raw: bytes) -> None:
    with pytest.raises(Refusal) as refusal:
        desk.officers_side.import_package(raw)
    assert refusal.value.code == "approval.not_a_package"
    assert desk.store.commits == 0


def test_a_scheme_is_no_approval(desk: Desk) -> None:
    with pytest.raises(Refusal) as refusal:
        desk.officers_side.import_package(desk.officers_side.export_scheme("v-1"))
    assert refusal.value.code == "approval.not_a_package"


def test_importing_twice_is_an_illegal_move_and_harmless(desk: Desk) -> None:
    signed = desk.heads_side.approve(desk.officers_side.export_scheme("v-1"))
    desk.officers_side.import_package(signed)
    with pytest.raises(Refusal) as refusal:
        desk.officers_side.import_package(signed)
    assert refusal.value.code == "visit.illegal_move"
