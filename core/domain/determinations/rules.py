"""Rule packages: leniency rules, vetoes, immunities and questions as data, with their sources and their doubts.

The shape is domain.md 3.2. `package_schema` publishes it; parsing.py checks what a schema cannot say.
"""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache
from typing import Any, Literal

import msgspec

from core.kernel.records import Record, canonical_bytes, changed, parse_json

Confidence = Literal["verified", "unverified"]
ListType = Literal["no_penalty", "light", "mitigate", "no_coercion"]
Op = Literal["", "==", "!=", "<", "<=", ">", ">=", "in"]
Who = Literal["officer", "enterprise", "system"]


class Label(Record):
    """Words in both languages."""

    zh: str
    en: str


class Basis(Record):
    """A provision that a rule stands on, by law and article, as the list cites it."""

    law: str
    article: str = ""


# The limb of 行政处罚法 that a rule makes concrete decides whether leniency is a duty (domain.md 3.1).
Limb = Literal["minor", "first_offence", "article_32", "non_coercion"]


# What a list asks to be attached, and what it asks for beside; each has words, so that no paper shows a bare key.
Proof = Literal["photo_before", "photo_after", "measurement", "document", "medical"]
FollowUp = Literal["order_to_correct", "education", "guardian_told", "commitment", "revisit"]


class Condition(Record):
    """Either one test (var, op, value, unit) or one of all / any / not over further conditions."""

    var: str = ""
    op: Op = ""
    value: bool | int | str | tuple[str, ...] | None = None
    unit: str = ""
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    not_: Condition | None = msgspec.field(default=None, name="not")


class FirstTime(Record):
    """What "first time" means here. `window_months` None looks back for ever; 0 is not a window.

    The window counts calendar months from the earlier case, its corresponding day still inside (months.py).
    """

    required: bool = False
    window_months: int | None = None
    scope: Literal["same_item", "same_class", "same_provision", "any"] = "same_item"
    territory: Literal["agency", "area", "anywhere"] = "agency"
    counts: tuple[Literal["penalty", "no_penalty"], ...] = ("penalty", "no_penalty")
    since: Literal["found", "decided"] = "decided"
    counts_branches: bool = True


class Rule(Record):
    """One line of a leniency list. Empty `applies_in` means everywhere; "*" in `violations` means every violation.

    `duty` "may" weakens a duty of the limb where the list says 可以; nothing can strengthen one. `leniency_basis` is
    what the list itself cites, old numbers included; doubts.py compares it with the limb.
    """

    rule_id: str
    list_type: ListType
    title: Label
    violations: tuple[str, ...]
    violation_basis: tuple[Basis, ...] = ()
    penalty_basis: tuple[Basis, ...] = ()
    leniency_basis: tuple[Basis, ...] = ()
    limb: Limb
    duty: Literal["", "may"] = ""
    agency: str = ""
    conditions: Condition = Condition()
    first_time: FirstTime = FirstTime()
    exclusions: tuple[str, ...] = ()
    evidence_required: tuple[Proof, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    applies_in: tuple[str, ...] = ()
    place: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    law_version_guard: str = ""
    source: str
    confidence: Confidence = "unverified"
    mark: str = ""
    note: str = ""


class Choice(Record):
    """One allowed value of a text variable."""

    value: str
    label: Label


class Variable(Record):
    """A question with its type, unit, kind of evidence and who can answer it."""

    var: str
    type: Literal["bool", "int", "text", "date"]
    unit: str = ""
    label: Label
    question: Label
    evidence_kind: str = ""
    who_answers: Who = "officer"
    choices: tuple[Choice, ...] = ()


class Violation(Record):
    """A violation that rules speak about: its provision, class and agency."""

    id: str
    title: Label
    law: str
    article: str = ""
    category: str = ""
    agency: str = ""


class Article(Record):
    """A provision the engine cites: label and paraphrase (never a quotation), with the version it was read in."""

    key: str
    label: Label
    says: Label
    version: str = ""
    confidence: Confidence = "unverified"


class LawVersion(Record):
    """From which local day a version of a law was in force."""

    law: str
    version: str
    in_force_from: date
    confidence: Confidence = "unverified"


class Veto(Record):
    """A fact that ends every leniency by list and every reading of an act as minor (row A)."""

    var: str
    source: str = ""
    confidence: Confidence = "unverified"


class Immunity(Record):
    """A special law's own ground for no penalty (row 8)."""

    id: str
    title: Label
    laws: tuple[str, ...]
    conditions: Condition
    duty: Literal["must", "may"] = "may"
    confiscates_goods: bool = False
    article: str
    source: str
    confidence: Confidence = "unverified"


class SpecialLimit(Record):
    """A law with its own limitation period; `report_stops` says that a report is enough to stop it (edge 14)."""

    law: str
    years: int
    report_stops: bool = False
    article: str
    source: str
    confidence: Confidence = "unverified"


class Parameters(Record):
    """Numbers of the statute and of this house. Money in fen."""

    limitation_years: int
    limitation_years_safety: int
    summary_citizen_cents: int
    summary_organisation_cents: int
    individual_business_is: Literal["citizen", "organisation"]
    history_fresh_days: int
    first_time: FirstTime


class Slot(Record):
    """A document that belongs here but whose text nobody has obtained; its rules are not invented."""

    id: str
    title: Label
    status: Label


class ExampleCase(Record):
    """Facts and the proposal that the package must reach for them. Earlier cases: None means not looked up.

    `rule_holds` says whether `rule` applies to these facts; None leaves it to the proposal (examples.py). `coercion` is
    checked where it is given.
    """

    name: str
    # Not "on": YAML 1.1 reads that word as true.
    decided_on: date
    facts: dict[str, bool | int | str]
    first_time: bool | None = None
    expect: str
    duty: str = ""
    rule: str = ""
    rule_holds: bool | None = None
    coercion: str = ""


class RulePackage(Record):
    """One published package of rules: everything a determination needs beside the facts."""

    id: str
    version: str
    title: Label
    issued_on: date
    mark: str = ""
    parameters: Parameters
    articles: tuple[Article, ...]
    laws: tuple[LawVersion, ...] = ()
    variables: tuple[Variable, ...]
    violations: tuple[Violation, ...]
    vetoes: tuple[Veto, ...]
    immunities: tuple[Immunity, ...] = ()
    special_limits: tuple[SpecialLimit, ...] = ()
    rules: tuple[Rule, ...] = ()
    slots: tuple[Slot, ...] = ()
    sources: dict[str, str] = {}
    examples: tuple[ExampleCase, ...] = ()


def in_order(package: RulePackage) -> RulePackage:
    """Return the package with its rules in the order of their ids: the order in a file means nothing."""
    return changed(package, rules=tuple(sorted(package.rules, key=lambda rule: rule.rule_id)))


def package_bytes(package: RulePackage) -> bytes:
    """Return the one byte string of a package, which is hashed and signed.

    A field that stands at its default is left out, so that a field which a later version of this program adds does
    not change the hash of a package from before.
    """
    return canonical_bytes(_said(in_order(package)))


def _said(value: Any) -> Any:
    """Return the plain form without the fields that stand at their defaults."""
    if isinstance(value, Record):
        return {
            said_as: _said(inner)
            for name, said_as, default in _fields(type(value))
            if not (type(inner := getattr(value, name)) is type(default) and inner == default)
        }
    if isinstance(value, tuple):
        parts: tuple[Any, ...] = value
        return [_said(each) for each in parts]
    return value


@cache
def _fields(kind: type[Record]) -> tuple[tuple[str, str, Any], ...]:
    """Return name, written name and default of each field; asked once a kind, because a package has many records."""
    return tuple(
        (
            field.name,
            field.encode_name,
            field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default,
        )
        for field in msgspec.structs.fields(kind)
    )


def package_hash(package: RulePackage) -> str:
    """Return the SHA-256 of the package's bytes, in hexadecimal."""
    return hashlib.sha256(package_bytes(package)).hexdigest()


def package_schema() -> dict[str, Any]:
    """Return the JSON Schema of a package (with its statute part merged in).

    A field that nobody knows is an author's mistake here, so every record is closed to further fields.
    """
    schema = msgspec.json.schema(RulePackage)
    for part in schema["$defs"].values():
        if "properties" in part:
            part["additionalProperties"] = False
    return parse_json(canonical_bytes({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}))
