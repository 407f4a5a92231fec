"""Approvals as files: a scheme goes out, a head signs it elsewhere, the signed package comes back.

The files are JSON text, so that they travel by USB stick or chat and can be read by a person.
Source: domain.md 1.14; design.md section 4.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from core.domain.accounts import Account
from core.domain.approvals import Sign, approve_scheme
from core.domain.lists import ListKind
from core.domain.officers import Officer
from core.domain.visits import Approval, Scheme, Visit
from core.kernel.changes import Done
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.kernel.records import Record, canonical_bytes, from_plain, parse_json
from core.services.gate_loading import DayLists
from core.services.ports import R, Reference
from core.services.visits import Visits

SCHEME_FORMAT = "mingjian-scheme-1"
APPROVAL_FORMAT = "mingjian-approval-1"
PACKAGE_BYTES_MAX = 1_000_000


class Approvals:
    """Export a scheme, approve one, import the signed package.

    Args:
        sign: Signs with the key of the account at the keyboard; None where this person holds no key.
        public_key: The public half of that key, raw bytes.
    """

    def __init__(
        self,
        visits: Visits,
        reference: Reference,
        clock: Clock,
        account: Account,
        sign: Sign | None = None,
        public_key: bytes = b"",
    ) -> None:
        self._visits = visits
        self._reference = reference
        self._clock = clock
        self._account = account
        self._sign = sign
        self._public_key = public_key

    def export_scheme(self, visit_id: str) -> bytes:
        """Return the file that asks a head for approval.  Raises Refusal "store.not_found"."""
        return _package(SCHEME_FORMAT, "scheme", self._visits.scheme(visit_id))

    def approve(self, scheme_file: bytes, *, expires_at: datetime | None = None) -> bytes:
        """Sign a scheme as the head at the keyboard and return the approval file.

        Args:
            expires_at: UTC instant; by default one day after the planned end.

        Raises:
            Refusal: "approval.no_key", "approval.key_not_registered", "approval.same_person", "approval.not_head",
                "approval.other_body", "approval.expires_before_visit", "approval.not_a_package",
                "lists.row_missing" (the approver is not on the officers list).
        """
        if self._sign is None:
            raise Refusal("approval.no_key", account=self._account.shown_name)
        scheme = _content(scheme_file, SCHEME_FORMAT, "scheme", Scheme)
        now = self._clock.now()
        approver = DayLists(self._reference, now=now).find(ListKind.OFFICERS, Officer, self._account.officer)
        if approver is None:
            raise Refusal("lists.row_missing", kind=ListKind.OFFICERS.value, id=self._account.officer)
        if approver.sign_public != self._public_key.hex():
            # Other stations would not believe the signature: the list of officers names another key, or none.
            raise Refusal("approval.key_not_registered", officer=approver.name)
        approval = approve_scheme(
            scheme,
            approver,
            public_key=self._public_key,
            sign=self._sign,
            approved_at=now,
            expires_at=expires_at or scheme.planned_to + timedelta(days=1),
        )
        return _package(APPROVAL_FORMAT, "approval", approval)

    def import_package(self, approval_file: bytes) -> Done[Visit]:
        """Take a signed package into the visit it was made for.

        Raises Refusal "approval.not_a_package", "approval.not_good" with the ground, "visit.illegal_move".
        """
        approval = _content(approval_file, APPROVAL_FORMAT, "approval", Approval)
        return self._visits.approve(approval.scheme.visit, approval)


def _package(kind: str, field: str, record: Record) -> bytes:
    return canonical_bytes({"format": kind, field: record})


def _content(raw: bytes, kind: str, field: str, record: type[R]) -> R:
    """Return the record inside a package.  Raises Refusal "approval.not_a_package"."""
    if len(raw) > PACKAGE_BYTES_MAX:
        raise Refusal("approval.not_a_package", expected=kind)
    try:
        plain: Any = parse_json(raw)
        if not isinstance(plain, dict) or plain.get("format") != kind:
            raise Refusal("approval.not_a_package", expected=kind)
        return from_plain(record, plain.get(field))
    except msgspec.MsgspecError as error:
        raise Refusal("approval.not_a_package", expected=kind) from error
