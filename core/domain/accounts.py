"""Accounts of a station: who may unlock it, and as whom."""

from __future__ import annotations

from core.domain.officers import Role
from core.kernel.records import Record


class Account(Record):
    """The person at the keyboard. `officer` is the officer id; `subject` the body acted for."""

    name: str
    officer: str
    shown_name: str
    subject: str
    roles: tuple[Role, ...]
