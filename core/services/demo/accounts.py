"""Who can unlock the demo station; the station makes a random password for each and shows it once."""

from __future__ import annotations

from core.domain.accounts import Account
from core.services.demo.officers import NAMED_PEOPLE

DEMO_ACCOUNTS: tuple[Account, ...] = tuple(
    Account(name=account, officer=officer, shown_name=name, subject=body, roles=roles)
    for account, officer, name, body, roles, _ in NAMED_PEOPLE
)
"""The two main officers first, then head, clerk, supervisor and list administrator."""
