"""Settings of the gates: every number that no statute fixes, with its source and whether it was verified.

The values live in resources/rules/gates.toml; a body may publish its own. Source: domain.md 1.6, 1.7, 1.8.
"""

from __future__ import annotations

from core.kernel.errors import Trouble
from core.kernel.records import Record, from_plain


class GateSettings(Record):
    """Numbers of the gates. None of them is certain law: each is shown as 未核实 until the body confirms it."""

    list_warn_days: int = 7
    list_block_days: int = 30
    late_scan_network_days: int = 3
    late_scan_red_after_days: int = 1
    """The banner turns red from day 2, that is after one whole day."""
    approval_makeup_hours: int = 24
    merge_within_days: int = 30
    cert_expiring_days: int = 30
    officers_min: int = 2
    unverified: tuple[str, ...] = ()
    """Names of the settings above that nobody has confirmed."""
    sources: dict[str, str] = {}


def settings_from(plain: dict[str, dict[str, object]]) -> GateSettings:
    """Build the settings from the plain form of gates.toml: one table a setting, with value, source, is_verified.

    Raises:
        Trouble: "gates.setting_unknown", params name.
    """
    known = set(GateSettings.__struct_fields__) - {"unverified", "sources"}
    for name in plain:
        if name not in known:
            raise Trouble("gates.setting_unknown", name=name)
    values: dict[str, object] = {name: entry["value"] for name, entry in plain.items()}
    values["unverified"] = sorted(name for name, entry in plain.items() if not entry.get("is_verified", False))
    values["sources"] = {name: str(entry.get("source", "")) for name, entry in plain.items()}
    return from_plain(GateSettings, values)
