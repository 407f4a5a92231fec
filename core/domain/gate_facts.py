"""What the gates look at: loaded once, then judged without looking anything up."""

from __future__ import annotations

from datetime import date, datetime

from core.domain.catalog import Cap, Item, Subject
from core.domain.enterprises import Enterprise
from core.domain.gate_lines import GateFact
from core.domain.gate_settings import GateSettings
from core.domain.lists import ListKind
from core.domain.officers import Officer
from core.domain.plans import Plan
from core.domain.visits import Visit, VisitKind
from core.kernel.records import Record


class ListAge(Record):
    """Which version of a list is in force, and as of when it was known to be."""

    version: int
    as_of: datetime


class SignatureCheck(Record):
    """What checking an approval's signature gave; `known_key`: the key is the one on the approver's row."""

    is_genuine: bool
    known_key: bool


class PastVisit(Record):
    """Another visit to the same enterprise, as the local store knows it."""

    id: str
    subject: str
    kind: VisitKind
    planned_from: datetime
    inspected_on: date | None
    items: tuple[str, ...] = ()
    joint_visit: str = ""
    is_by_superior: bool = False
    is_ended: bool = False


class GateFacts(Record):
    """Everything the gates need. None or an empty tuple says "not found in the lists of the day"."""

    visit: Visit
    now: datetime
    day: date
    settings: GateSettings = GateSettings()
    lists: dict[str, ListAge] = {}
    subject: Subject | None = None
    items: tuple[Item, ...] = ()
    officers: tuple[Officer, ...] = ()
    enterprise: Enterprise | None = None
    plans: tuple[Plan, ...] = ()
    """Plan lines of the visit's body (as lead or partner); the linked one is among them."""
    caps: tuple[Cap, ...] = ()
    past: tuple[PastVisit, ...] = ()
    """Every other visit to the enterprise in the store, of any body."""
    history_as_of: datetime | None = None
    """As of when visits of other stations are known; None: only this station's own."""
    approver: Officer | None = None
    signature: SignatureCheck | None = None
    parent: Visit | None = None


def list_source(facts: GateFacts, kind: ListKind) -> str:
    """Return the name of the list version a fact came from, or `<kind>-none`."""
    age = facts.lists.get(kind.value)
    return f"{kind.value}-{age.version}" if age else f"{kind.value}-none"


def list_as_of(facts: GateFacts, kind: ListKind) -> datetime | None:
    """Return as of when the list is known."""
    age = facts.lists.get(kind.value)
    return age.as_of if age else None


def list_fact(facts: GateFacts, name: str, value: object, kind: ListKind) -> GateFact:
    """Return a fact that came from a list."""
    return GateFact(name=name, value=str(value), source=list_source(facts, kind), as_of=list_as_of(facts, kind))


def visit_fact(facts: GateFacts, name: str, value: object) -> GateFact:
    """Return a fact that stands in the visit itself."""
    return GateFact(name=name, value=str(value), source="visit", as_of=facts.now)


def own_fact(facts: GateFacts, name: str, value: object) -> GateFact:
    """Return a fact from this station's own records."""
    return GateFact(name=name, value=str(value), source="store", as_of=facts.history_as_of or facts.now)


def setting_fact(facts: GateFacts, name: str) -> GateFact:
    """Return a fact that is a setting; its source says where the number comes from."""
    source = facts.settings.sources.get(name, "settings")
    return GateFact(name=name, value=str(getattr(facts.settings, name)), source=source)


def setting_is_verified(facts: GateFacts, *names: str) -> bool:
    """Tell whether somebody confirmed every one of the settings."""
    return not set(names) & set(facts.settings.unverified)
