"""The gate at the door: the code that was read belongs to the enterprise of the visit. Source: domain.md 1.6."""

from __future__ import annotations

from core.domain.gate_facts import GateFacts, visit_fact
from core.domain.gate_lines import GateLine, GateVerdict, Stage
from core.domain.visits import EntryPath

CITE_CODE = "湖南“扫码入企”:先扫码后检查(转引);查验码值与检查对象一致为本产品要求"


def code_matches_enterprise(facts: GateFacts) -> GateLine:
    """The code read must be the enterprise's own; with no code yet, or one kept raw, the answer is unknown.

    It is due when the inspection begins, not before the officers reach the door.
    """
    visit, read = facts.visit, facts.visit.scan
    expected = (facts.enterprise.uscc if facts.enterprise else "") or visit.uscc
    skipped = [kept.path for kept in visit.deviations if kept.path in _WITHOUT_CODE]
    if read is None:
        verdict = GateVerdict.WARN if skipped else GateVerdict.UNKNOWN
        why, change = ("no_code_path", "scan_later") if skipped else ("not_scanned", "scan")
    elif not read.uscc:
        verdict, why, change = GateVerdict.UNKNOWN, "code_not_understood", "identify_by_licence"
    elif not read.uscc_valid:
        verdict, why, change = GateVerdict.WARN, "check_digit_wrong", "scan_again"
    elif not expected:
        verdict, why, change = GateVerdict.UNKNOWN, "enterprise_without_code", "identify_by_licence"
    elif read.uscc != expected:
        verdict, why, change = GateVerdict.BLOCK, "other_enterprise", "scan_right_code"
    else:
        verdict, why, change = GateVerdict.PASS, "code_matches", ""
    return GateLine(
        gate="code_matches_enterprise",
        verdict=verdict,
        facts=(
            visit_fact(facts, "code_read", read.uscc or read.raw if read else ""),
            visit_fact(facts, "code_expected", expected),
            visit_fact(facts, "code_kind", read.kind if read else ""),
            visit_fact(facts, "entry_path", skipped[-1].value if skipped else EntryPath.SCAN.value),
        ),
        citation=CITE_CODE,
        as_of=read.scanned_at if read else facts.now,
        why=why,
        change=change,
        due=Stage.BEGIN,
        is_verified=False,
    )


_WITHOUT_CODE = frozenset(
    {EntryPath.EMERGENCY, EntryPath.NETWORK_DOWN, EntryPath.NO_CODE_SHOWN, EntryPath.LICENCE_TYPED}
)
