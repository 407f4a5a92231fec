"""Gates about people: the head's approval, the two officers, recusal.

Source: domain.md 1.3, 1.12, 1.14.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from core.domain.duties import owes
from core.domain.gate_facts import GateFacts, list_as_of, list_fact, setting_fact, setting_is_verified, visit_fact
from core.domain.gate_lines import GateFact, GateLine, GateVerdict, Stage
from core.domain.lists import ListKind
from core.domain.officers import CertState, Officer, Role, certificate_holds
from core.domain.visits import Approval, Duty, RecusalDecision, VisitKind
from core.kernel.clock import local

CITE_APPROVAL = "国办发〔2024〕54号及其问答:每次检查须经行政机关负责人批准,紧急情况及时报告并补办(转引)"
CITE_OFFICERS = "行政处罚法第四十二条第一款、第五十五条;行政强制法第十八条"
CITE_RECUSAL = "行政处罚法第四十三条"


def approval(facts: GateFacts) -> GateLine:
    """The head's signed approval must be genuine, cover this visit, and not come from one of its officers."""
    visit = facts.visit
    given = visit.approval
    if visit.kind is VisitKind.NON_INSPECTION:
        verdict, why, change = GateVerdict.PASS, "no_approval_needed", ""
    elif given is not None:
        why = _approval_fault(facts, given)
        verdict = GateVerdict.BLOCK if why else GateVerdict.PASS
        change = "approve_again" if why else ""
    elif visit.oral_report is not None and owes(visit, Duty.APPROVAL):
        verdict, why, change = GateVerdict.WARN, "approval_pending_makeup", "make_up_approval"
    else:
        verdict, why, change = GateVerdict.BLOCK, "approval_missing", "get_approval"
    return GateLine(
        gate="approval",
        verdict=verdict,
        facts=_approval_facts(facts),
        citation=CITE_APPROVAL,
        as_of=given.approved_at if given else facts.now,
        why=why or "approval_covers",
        change=change,
        notify_supervisor=why == "approval_pending_makeup",
    )


def _approval_facts(facts: GateFacts) -> tuple[GateFact, ...]:
    visit = facts.visit
    given = visit.approval
    if given is not None:
        return (
            visit_fact(facts, "approver", given.approver_name),
            visit_fact(facts, "approved_at", _shown(given.approved_at)),
            visit_fact(facts, "expires_at", _shown(given.expires_at)),
            visit_fact(facts, "signature_genuine", _yes(facts.signature is not None and facts.signature.is_genuine)),
        )
    if visit.oral_report is not None:
        return (
            visit_fact(facts, "leader_told", visit.oral_report.leader),
            visit_fact(facts, "told_at", _shown(visit.oral_report.told_at)),
        )
    return (visit_fact(facts, "approver", ""),)


def _shown(instant: datetime) -> str:
    return f"{local(instant):%Y-%m-%d %H:%M}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _approval_fault(facts: GateFacts, given: Approval) -> str:
    """Return the first ground on which the approval does not cover the visit; empty: it does."""
    visit, scheme = facts.visit, given.scheme
    # An approval that was made up after an emergency cannot have come before the entry, so its expiry says nothing.
    grounds = (
        ("signature_unchecked", facts.signature is None),
        ("signature_bad", facts.signature is not None and not facts.signature.is_genuine),
        ("approver_key_unknown", facts.signature is not None and not facts.signature.known_key),
        ("approver_not_head", facts.approver is None or Role.BODY_HEAD not in facts.approver.roles),
        ("approver_of_other_body", facts.approver is None or facts.approver.subject != visit.subject),
        ("approver_is_officer", given.approver in visit.officers),
        ("other_visit", scheme.visit != visit.id or scheme.subject != visit.subject or scheme.kind is not visit.kind),
        ("other_enterprise", scheme.enterprise != visit.enterprise),
        ("items_not_covered", not set(visit.items) <= set(scheme.items)),
        ("officers_not_covered", not set(visit.officers) <= set(scheme.officers)),
        ("assistants_not_covered", visit.assistants > scheme.assistants),
        ("outside_window", not given.is_makeup and not _in_window(facts, given)),
        ("approval_expired", not given.is_makeup and _entered_at(facts) > given.expires_at),
    )
    return next((why for why, holds in grounds if holds), "")


def _entered_at(facts: GateFacts) -> datetime:
    return facts.visit.arrived_at or facts.now


def _in_window(facts: GateFacts, given: Approval) -> bool:
    entered = _entered_at(facts)
    return given.scheme.planned_from <= entered <= given.scheme.planned_to


def _officer_state(facts: GateFacts, identifier: str, officer: Officer | None) -> str:
    """Return why the person counts or not on the day of the visit."""
    if officer is None:
        return "unknown"
    if not officer.cert_no:
        return "auxiliary"
    if officer.subject != facts.visit.subject:
        return "other_body"
    if officer.cert_state is not CertState.VALID:
        return "suspended" if officer.cert_state is CertState.SUSPENDED else "revoked"
    if certificate_holds(officer, on=facts.day):
        return "counts"
    begun = officer.cert_from is None or officer.cert_from <= facts.day
    return "expired" if begun else "not_yet_valid"


def two_officers(facts: GateFacts) -> GateLine:
    """At least two officers of this body whose certificates hold on the day; an auxiliary never counts.

    A suspended, revoked or expired certificate stops its holder (domain.md 1.3, 6.4), so the visit is blocked until
    that person is taken off, even if two others are there.
    """
    found = {officer.id: officer for officer in facts.officers}
    states = {
        wanted: _officer_state(facts, wanted, found.get(wanted)) for wanted in dict.fromkeys(facts.visit.officers)
    }
    counting = sum(1 for state in states.values() if state == "counts")
    banned = [state for state in states.values() if state in ("suspended", "revoked", "expired", "not_yet_valid")]
    others = [state for state in states.values() if state in ("auxiliary", "other_body", "unknown")]
    if banned:
        verdict, why, change = GateVerdict.BLOCK, f"officer_{banned[0]}", "replace_officer"
    elif counting < facts.settings.officers_min:
        verdict, why, change = GateVerdict.BLOCK, "too_few_officers", "add_officer"
    elif others:
        verdict, why, change = GateVerdict.WARN, "somebody_does_not_count", "replace_officer"
    else:
        verdict, why, change = GateVerdict.PASS, "enough_officers", ""
    return GateLine(
        gate="two_officers",
        verdict=verdict,
        facts=(
            *(_officer_fact(facts, key, state, found.get(key)) for key, state in states.items()),
            visit_fact(facts, "officers_counting", counting),
            setting_fact(facts, "officers_min"),
        ),
        citation=CITE_OFFICERS,
        as_of=list_as_of(facts, ListKind.OFFICERS),
        why=why,
        change=change,
        is_verified=setting_is_verified(facts, "officers_min"),
    )


def _officer_fact(facts: GateFacts, identifier: str, state: str, officer: Officer | None) -> GateFact:
    """Return the person under a name that says whether and why they count: `gate.fact.officer_<state>`."""
    if officer is None:
        return list_fact(facts, f"officer_{state}", identifier, ListKind.OFFICERS)
    shown = f"{officer.name} {officer.cert_no}".strip()
    soon = facts.day + timedelta(days=facts.settings.cert_expiring_days)
    if state == "counts" and officer.cert_to is not None and officer.cert_to <= soon:
        return list_fact(facts, "officer_expiring", f"{shown} → {officer.cert_to.isoformat()}", ListKind.OFFICERS)
    return list_fact(facts, f"officer_{state}", shown, ListKind.OFFICERS)


def recusal(facts: GateFacts) -> GateLine:
    """Whether the party asked an officer to step aside, and what the head decided; the inspection goes on meanwhile."""
    visit = facts.visit
    if visit.recusal_asked is None:
        verdict, why, change = GateVerdict.UNKNOWN, "recusal_not_asked_yet", "tell_rights"
    elif not visit.recusal_asked:
        verdict, why, change = GateVerdict.PASS, "no_recusal_asked", ""
    elif visit.recusal_decision is None:
        verdict, why, change = GateVerdict.WARN, "recusal_undecided", "decide_recusal"
    elif visit.recusal_decision is RecusalDecision.GRANTED and set(visit.recusal_officers) & set(visit.officers):
        verdict, why, change = GateVerdict.BLOCK, "recused_officer_present", "replace_officer"
    else:
        verdict, why, change = GateVerdict.PASS, "recusal_settled", ""
    return GateLine(
        gate="recusal",
        verdict=verdict,
        facts=(
            visit_fact(facts, "recusal_asked", "" if visit.recusal_asked is None else _yes(visit.recusal_asked)),
            visit_fact(facts, "recusal_decision", visit.recusal_decision.value if visit.recusal_decision else ""),
        ),
        citation=CITE_RECUSAL,
        as_of=visit.rights_told_at or facts.now,
        why=why,
        change=change,
        due=Stage.RECORD,
    )
