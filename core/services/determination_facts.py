"""What the engine is told about a finding: from the lists, the visit, the store's own history, and the officer.

The officer's word stands over what the system concludes; each fact names its source and its day.
Source: domain.md 3.2, 3.3, 3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from core.domain.catalog import Item
from core.domain.determinations.derive import with_derived
from core.domain.determinations.facts import Fact, Facts, History, PriorCase, fact, facts_of
from core.domain.enterprises import Enterprise
from core.domain.evidence import Evidence
from core.domain.findings import Determined, Finding
from core.domain.lists import ListKind
from core.domain.visits import TriggerKind, Visit
from core.kernel.clock import local_date
from core.services.gate_loading import DayLists, subject_named
from core.services.ports import Reference, Work


def facts_for(
    finding: Finding,
    visit: Visit,
    work: Work,
    reference: Reference,
    *,
    now: datetime,
    history_as_of: date | None,
    agencies: Mapping[str, str],
) -> Facts:
    """Return every known fact of a finding; what nobody knows is absent, never false.

    Args:
        agencies: Field of enforcement of each violation in the rules; the look-back of some lists ends at it.
        history_as_of: Local day up to which other stations' cases are known; None: only this store, as of today.
    """
    lists = DayLists(reference, now=visit.inspecting_at or now)
    proofs = _proofs(finding, work)
    found_on = local_date(finding.found_at)
    said = [
        fact(var, value, source="officer", as_of=found_on, evidence_ids=proofs.get(var, ()))
        for var, value in finding.facts.items()
    ]
    agency = agencies.get(finding.violation, "")
    ruled = [fact("agency", agency, source="package")] if agency else []
    seen = [*_from_lists(finding, visit, lists), *_from_visit(finding, visit), *ruled]
    known = {one.var: one for one in [*seen, *said]}
    place = known["place"].value if "place" in known else ""
    history = History(
        cases=_earlier_cases(finding, visit, work, agencies, place=str(place or "")),
        as_of=history_as_of or local_date(now),
        is_confirmed=False,
        source="store",
    )
    return with_derived(facts_of(known.values(), history=history))


def _proofs(finding: Finding, work: Work) -> dict[str, tuple[str, ...]]:
    """Return the evidence attached to single facts of the finding, by variable."""
    found: dict[str, tuple[str, ...]] = {}
    for piece in work.table(Evidence).where(visit=finding.visit):
        if piece.finding == finding.id and piece.fact and not piece.is_void:
            found[piece.fact] = (*found.get(piece.fact, ()), piece.id)
    return found


def _from_lists(finding: Finding, visit: Visit, lists: DayLists) -> list[Fact]:
    found: list[Fact] = []
    subject = subject_named(lists, visit.subject)
    versions = lists.numbers
    if subject is not None and subject.is_listed:
        source = f"subjects-{versions[ListKind.SUBJECTS.value]}"
        found.append(fact("body_competent", True, source=source, as_of=lists.day))
    item = lists.find(ListKind.ITEMS, Item, finding.item)
    if item is not None and item.subject == visit.subject:
        found.append(fact("item_in_power", True, source=f"items-{versions[ListKind.ITEMS.value]}", as_of=lists.day))
    enterprise = lists.find(ListKind.ENTERPRISES, Enterprise, visit.enterprise)
    if enterprise is not None:
        source = f"enterprises-{versions[ListKind.ENTERPRISES.value]}"
        if enterprise.entity_type:
            individual = "个体" in enterprise.entity_type
            kind = "individual_business" if individual else "organisation"
            found.append(fact("party_kind", kind, source=source, as_of=lists.day))
        if enterprise.district_code:
            found.append(fact("place", enterprise.district_code, source=source, as_of=lists.day))
    return found


def _from_visit(finding: Finding, visit: Visit) -> list[Fact]:
    day = local_date(finding.found_at)
    found = [fact("discovered_on", day, source="visit", as_of=day)]
    if finding.violation:
        found.append(fact("violation", finding.violation, source="finding", as_of=day))
    if visit.trigger_kind is TriggerKind.COMPLAINT:
        found.append(fact("was_reported", True, source="visit", as_of=day))
    due_on = finding.correct_by or visit.correct_by
    if due_on is not None:
        found.append(fact("correction_due_on", due_on, source="visit", as_of=day))
    if finding.corrected_on_spot:
        found.append(fact("correction_mode", "on_the_spot", source="finding", as_of=day))
    elif visit.corrected_at is not None:
        found.append(fact("corrected_on", local_date(visit.corrected_at), source="visit", as_of=day))
    return found


def _earlier_cases(
    finding: Finding, visit: Visit, work: Work, agencies: Mapping[str, str], *, place: str
) -> tuple[PriorCase, ...]:
    """Return the findings of other visits to the same enterprise that were found before this one.

    One that nobody determined counts as dealt with without a penalty: the window of "first time" asks whether it
    was found (domain.md 3.4, edges 1 and 2). All of them happened at this enterprise, so they share its place.
    """
    cases: list[PriorCase] = []
    for other in work.table(Visit).where(enterprise=visit.enterprise):
        if other.id == visit.id:
            continue
        determined = {one.finding: one for one in work.table(Determined).where(visit=other.id)}
        for earlier in work.table(Finding).where(visit=other.id):
            if earlier.is_void or not earlier.violation or earlier.found_at >= finding.found_at:
                continue
            # A violation the rules do not know stays with its body: it must not drop out of the look-back.
            own = agencies.get(finding.violation, "") if other.subject == visit.subject else other.subject
            agency = agencies.get(earlier.violation, own)
            cases.append(_case(earlier, determined.get(earlier.id), agency=agency, place=place))
    return tuple(sorted(cases, key=lambda case: (case.found_on, case.violation)))


def _case(earlier: Finding, result: Determined | None, *, agency: str, place: str) -> PriorCase:
    taken = (result.chosen or result.proposal) if result is not None else "no_penalty"
    return PriorCase(
        violation=earlier.violation,
        found_on=local_date(earlier.found_at),
        outcome="penalty" if taken in ("light", "mitigate", "ordinary") else "no_penalty",
        decided_on=local_date(result.made_at) if result is not None else None,
        agency=agency,
        place=place,
    )
