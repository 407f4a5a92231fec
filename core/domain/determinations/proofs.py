"""Which facts a reviewer will ask a picture or a paper for, and which of them have none yet."""

from __future__ import annotations

from core.domain.determinations.facts import Facts
from core.domain.determinations.results import Determination
from core.domain.determinations.rules import Variable

# What is so of everybody until somebody shows otherwise; only the other values are proved.
_USUAL = {"party_capacity": "full"}
# Kinds of evidence that are a piece of their own; for the others the record of the visit or a list is the proof.
ATTACHED_KINDS = frozenset({"photo_before", "photo_after", "measurement", "document", "medical"})


def wants_piece(variable: Variable) -> bool:
    """Return whether a fact of this variable is proved by a piece that is attached to it."""
    return variable.evidence_kind in ATTACHED_KINDS


def unproved(facts: Facts, answer: Determination, variables: dict[str, Variable]) -> tuple[str, ...]:
    """Return the facts that the answer looked at, that want a piece and have none, in the order of the lines.

    Only what an officer or a party said needs one: a fact from a list or from the store names its own source.
    A fact that says the circumstance is absent needs none, because nobody can photograph what is not there.
    """
    found: dict[str, None] = {}
    for line in answer.lines:
        fact = facts.get(line.var)
        variable = variables.get(line.var)
        if fact is None or variable is None or fact.value is None or fact.value is False:
            continue
        if fact.value == _USUAL.get(line.var):
            continue
        if wants_piece(variable) and fact.source == "officer" and not fact.evidence_ids:
            found[line.var] = None
    return tuple(found)
