"""Builders: a valid world in one call, changed by name where a test needs it otherwise.

The world: one body 湘江新区市场监管局 with item i-1, plan p-1 of 2026, two officers, a head, one enterprise, cap 2.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from core.domain.accounts import Account
from core.domain.approvals import approve_scheme, check_signature, scheme_of
from core.domain.catalog import Cap, Item, Subject, SubjectKind
from core.domain.enterprises import Enterprise
from core.domain.evidence import Evidence, EvidenceKind
from core.domain.gate_facts import GateFacts, ListAge
from core.domain.lists import ListKind, ListVersion
from core.domain.officers import Officer, Role
from core.domain.plans import Plan
from core.domain.visits import Approval, OralReport, PersonMet, Scan, Visit, VisitKind
from core.kernel.clock import local_date
from core.kernel.records import Record, changed
from tests.helpers.fakes import FakeReference, fake_sign, fake_verify

NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
"""Tuesday 2026-03-10, 09:00 in Beijing."""

BODY = "湖南湘江新区商务和市场监管局"
USCC = "91430104MA4XJT0158"
HEAD_KEY = b"head-public-key-of-thirty-two-by"


def subject(**fields: Any) -> Subject:
    return changed(Subject(id="s-1", name=BODY, kind=SubjectKind.ORGAN, field="市场监管"), **fields)


def item(**fields: Any) -> Item:
    return changed(Item(id="i-1", subject=BODY, name="食品销售监督检查", legal_basis=("食品安全法",)), **fields)


def plan(**fields: Any) -> Plan:
    return changed(
        Plan(id="p-1", title="2026年食品销售检查计划", year=2026, subject=BODY, item_name="食品销售监督检查"), **fields
    )


def enterprise(**fields: Any) -> Enterprise:
    base = Enterprise(id=USCC, uscc=USCC, name="长沙示例食品有限公司", address="岳麓区示例路1号", grade="B")
    return changed(base, **fields)


def officer(number: int = 1, **fields: Any) -> Officer:
    base = Officer(
        id=f"officer-{number}",
        name=f"执法员{number}",
        subject=BODY,
        cert_no=f"1801{number:06}",
        cert_from=date(2024, 1, 1),
        cert_to=date(2028, 12, 31),
    )
    return changed(base, **fields)


def head(**fields: Any) -> Officer:
    base = officer(9, id="head-1", name="负责人", roles=(Role.BODY_HEAD,), sign_public=HEAD_KEY.hex())
    return changed(base, **fields)


def cap(**fields: Any) -> Cap:
    return changed(Cap(id="c-1", subject=BODY, times=2), **fields)


def account(number: int = 1, **fields: Any) -> Account:
    base = Account(
        name=f"account-{number}", officer=f"officer-{number}", shown_name="执法员", subject=BODY, roles=(Role.OFFICER,)
    )
    return changed(base, **fields)


def visit(**fields: Any) -> Visit:
    base = Visit(
        id="v-1",
        kind=VisitKind.ROUTINE,
        subject=BODY,
        enterprise=USCC,
        enterprise_name="长沙示例食品有限公司",
        uscc=USCC,
        items=("i-1",),
        plan="p-1",
        officers=("officer-1", "officer-2"),
        planned_from=NOW - timedelta(hours=1),
        planned_to=NOW + timedelta(hours=7),
        created_at=NOW - timedelta(days=1),
        created_by="officer-1",
    )
    return changed(base, **fields)


def approval(of: Visit, *, by: Officer | None = None, **fields: Any) -> Approval:
    approver = by or head()
    key = bytes.fromhex(approver.sign_public)
    signed = approve_scheme(
        scheme_of(of, scheme_id="scheme-1"),
        approver,
        public_key=key,
        sign=lambda message: fake_sign(key, message),
        approved_at=NOW - timedelta(hours=2),
        expires_at=NOW + timedelta(days=2),
    )
    return changed(signed, **fields)


def scan(**fields: Any) -> Scan:
    base = Scan(raw=USCC, kind="uscc", uscc=USCC, uscc_valid=True, scanned_at=NOW, source="typed", officer="officer-1")
    return changed(base, **fields)


def person(**fields: Any) -> PersonMet:
    return changed(PersonMet(name="张三", post="店长"), **fields)


def oral_report(**fields: Any) -> OralReport:
    return changed(OralReport(leader="head-1", told_at=NOW, reason_code="gas_leak"), **fields)


def facts(**fields: Any) -> GateFacts:
    """Return facts under which every gate due by now passes."""
    of = fields.pop("visit", None) or visit()
    if of.approval is None and of.oral_report is None and fields.pop("with_approval", True):
        of = changed(of, approval=approval(of))
    approver = fields.pop("approver", head())
    checked = check_signature(of.approval, approver, verify=fake_verify) if of.approval else None
    base = GateFacts(
        visit=of,
        now=NOW,
        day=local_date(NOW),
        lists={kind.value: ListAge(version=1, as_of=NOW - timedelta(days=1)) for kind in ListKind},
        subject=subject(),
        items=(item(),),
        officers=(officer(1), officer(2)),
        enterprise=enterprise(),
        plans=(plan(),),
        caps=(cap(),),
        approver=approver,
        signature=checked,
    )
    return changed(base, **fields)


def evidence(blob: str = "aa", **fields: Any) -> Evidence:
    """Return a photo whose bytes have that address."""
    given: dict[str, Any] = {"kind": EvidenceKind.PHOTO, "size_bytes": len(blob), "media_type": "image/jpeg"}
    given |= {"id": f"ev-{blob}", "visit": "v-1", "blob": blob, "made_at": NOW, "made_by": "o-1"}
    return Evidence(**given | fields)


def list_version(kind: ListKind, number: int = 1, **fields: Any) -> ListVersion:
    base = ListVersion(
        id=f"{kind.value}-{number}",
        kind=kind,
        version=number,
        effective_on=date(2026, 1, 1),
        imported_at=NOW - timedelta(days=1),
        imported_by="officer-1",
        file_name=f"{kind.value}.xlsx",
        file_sha256="00" * 32,
        row_count=1,
        rows_sha256="00" * 32,
    )
    return changed(base, **fields)


def reference(**rows: tuple[Record, ...]) -> FakeReference:
    """Return reference lists of the valid world; give `officers=(...)` or another kind to change its rows."""
    world: dict[str, tuple[Record, ...]] = {
        "subjects": (subject(),),
        "items": (item(),),
        "plans": (plan(),),
        "enterprises": (enterprise(),),
        "officers": (officer(1), officer(2), head()),
        "caps": (cap(),),
    }
    lists = FakeReference()
    for name, its_rows in (world | rows).items():
        lists.publish(list_version(ListKind(name)), its_rows)
    return lists
