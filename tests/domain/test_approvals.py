"""What a head signs, and when a package is genuine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.domain.approvals import approve_scheme, check_signature, scheme_of, signed_bytes
from core.domain.officers import Officer, Role
from core.kernel.errors import Refusal
from core.kernel.records import changed
from tests.helpers.builders import HEAD_KEY, NOW, approval, head, visit
from tests.helpers.fakes import fake_sign, fake_verify


def sign(approver: Officer, **fields: Any) -> Any:
    wanted: dict[str, Any] = {"approved_at": NOW, "expires_at": NOW + timedelta(days=1)} | fields
    scheme = scheme_of(visit(), scheme_id="s")
    return approve_scheme(scheme, approver, public_key=HEAD_KEY, sign=lambda m: fake_sign(HEAD_KEY, m), **wanted)


def test_a_scheme_is_the_visit_as_it_stands() -> None:
    scheme = scheme_of(visit(assistants=2, scheme_method="现场检查"), scheme_id="s")
    assert (scheme.items, scheme.officers, scheme.assistants) == (("i-1",), ("officer-1", "officer-2"), 2)
    assert scheme.method == "现场检查"


@pytest.mark.parametrize(
    ("approver", "code"),
    [
        (head(id="officer-1"), "approval.same_person"),
        (head(roles=(Role.UNIT_HEAD,)), "approval.not_head"),
        (head(subject="某局"), "approval.other_body"),
    ],
)
def test_only_the_head_of_the_body_who_does_not_inspect_signs(approver: Officer, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        sign(approver)
    assert refusal.value.code == code


def test_an_approval_that_ends_before_the_visit_begins_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        sign(head(), expires_at=visit().planned_from - timedelta(seconds=1))
    assert refusal.value.code == "approval.expires_before_visit"
    assert sign(head(), expires_at=visit().planned_from).expires_at == visit().planned_from


def test_the_signature_covers_every_field_of_the_scheme_and_both_instants() -> None:
    scheme = scheme_of(visit(), scheme_id="s")
    base = signed_bytes(scheme, approver="a", approved_at=NOW, expires_at=NOW)
    others: dict[str, Any] = {
        "id": "x", "visit": "x", "enterprise": "x", "enterprise_name": "x", "subject": "x", "kind": "special",
        "items": ("x",), "officers": ("x",), "assistants": 9, "method": "x",
        "planned_from": NOW + timedelta(seconds=1), "planned_to": NOW,
    }  # fmt: skip
    assert set(others) == set(scheme.__struct_fields__)
    for field, value in others.items():
        altered = changed(scheme, **{field: value})
        assert signed_bytes(altered, approver="a", approved_at=NOW, expires_at=NOW) != base, field
    later = NOW + timedelta(seconds=1)
    assert signed_bytes(scheme, approver="b", approved_at=NOW, expires_at=NOW) != base
    assert signed_bytes(scheme, approver="a", approved_at=later, expires_at=NOW) != base
    assert signed_bytes(scheme, approver="a", approved_at=NOW, expires_at=later) != base


def test_a_good_signature_with_the_listed_key_is_genuine() -> None:
    checked = check_signature(approval(visit()), head(), verify=fake_verify)
    assert checked.is_genuine
    assert checked.known_key


@pytest.mark.parametrize("approver", [None, head(sign_public=""), head(sign_public="11" * 32)])
def test_a_key_that_the_list_does_not_name_is_not_known(approver: Officer | None) -> None:
    assert not check_signature(approval(visit()), approver, verify=fake_verify).known_key


@pytest.mark.parametrize("fields", [{"signature": "zz"}, {"public_key": "zz"}])
def test_a_package_that_is_no_hex_is_not_genuine_and_does_not_crash(fields: dict[str, str]) -> None:
    assert not check_signature(changed(approval(visit()), **fields), head(), verify=fake_verify).is_genuine
