"""Rows C and P: coercion, decided apart from punishment, and whether the penalty may be given on the spot."""

from __future__ import annotations

from core.domain.determinations.answers import Question
from core.domain.determinations.gates_statute import Row
from core.domain.determinations.nodes import Node, all_of, any_of, not_of
from core.domain.determinations.rules import Parameters
from core.domain.determinations.vocabulary import Vocabulary


def refrain_node(words: Vocabulary) -> Node:
    """Return the node that is true when coercion is not needed or may be left out.

    Source: 行政强制法 arts 5 and 16(2), 优化营商环境条例 art. 59 (domain.md 3.1).
    """
    return any_of(
        not_of(words.yes("coercion_necessary", "coercion:16")),
        words.yes("noncoercive_enough", "coercion:5"),
        words.yes("social_harm_slight", "coercion:16"),
    )


def coercion_rows(words: Vocabulary, list_rules: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the rows of C in order; when none holds, no coercion is proposed.

    A measure of seal or seizure needs a power by law and the head's approval (行政强制法 arts 10, 18); registering
    evidence first needs only the danger of its loss and the head's approval (行政处罚法 art. 56).
    """
    refrain = any_of(refrain_node(words), *(row.node for row in list_rules))
    needed = all_of(words.yes("coercion_power", "coercion:10"), not_of(refrain))
    approved = words.yes("coercion_approved", "coercion:18")
    return (
        Row("C", all_of(needed, approved), "seal_seize"),
        Row("C", all_of(needed, not_of(approved)), "seal_seize_if_approved"),
        Row("C", words.yes("evidence_may_be_lost", "penalty:56"), "preserve_evidence", "may"),
    )


def summary_node(words: Vocabulary, parameters: Parameters) -> Node:
    """Return the node that is true when the summary procedure is open.

    Warning, or a fine of up to 200 yuan for a citizen, 3,000 yuan for an organisation; facts conclusive and a basis in
    law. Source: 行政处罚法 art. 51 (domain.md section 0, point 4). On which side an 个体工商户 stands is a parameter.
    """
    citizens = ["natural_person"]
    organisations = ["organisation"]
    (citizens if parameters.individual_business_is == "citizen" else organisations).append("individual_business")
    small = any_of(
        words.yes("warning_only", "penalty:51"),
        all_of(
            words.leaf("party_kind", "in", tuple(citizens), "penalty:51"),
            words.leaf("planned_fine_cents", "<=", parameters.summary_citizen_cents, "penalty:51"),
        ),
        all_of(
            words.leaf("party_kind", "in", tuple(organisations), "penalty:51"),
            words.leaf("planned_fine_cents", "<=", parameters.summary_organisation_cents, "penalty:51"),
        ),
    )
    return all_of(words.yes("facts_conclusive", "penalty:51"), words.yes("has_statutory_basis", "penalty:51"), small)


def procedure_of(proposal: str, summary: bool | None) -> str:
    """Return the procedure of a proposal: only a penalty can be given on the spot, no penalty is the head's to decide.

    Source: 行政处罚法 arts 51, 54, 57 (domain.md 3.3 "who decides").
    """
    if proposal in ("light", "mitigate", "ordinary"):
        return {True: "summary", False: "ordinary", None: "needs_evidence"}[summary]
    if proposal == "needs_evidence":
        return "needs_evidence"
    return "none" if proposal == "transfer" else "ordinary"


def coercion_of(rows: tuple[tuple[str, Question], ...], answers: int) -> str:
    """Return the measure, or needs_evidence while the answers leave more than one open.

    Args:
        rows: Measure and question of each row of C, in order.
    """
    possible: list[str] = []
    for proposal, question in rows:
        truth = question(answers)
        if truth is not False:
            possible.append(proposal)
        if truth is True:
            break
    else:
        possible.append("none")
    return possible[0] if len(possible) == 1 else "needs_evidence"
