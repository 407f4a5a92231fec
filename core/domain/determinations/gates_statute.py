"""The decision table (domain.md 3.3) as rows in order; the first row that holds decides.

Every row is always present. The statute's rows are code, because no package may widen them; lists, vetoes, immunities
and special limits come from the package.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.determinations.gates_limitation import limitation_node
from core.domain.determinations.gates_rules import first_time_node, law_changed_node, rule_node
from core.domain.determinations.nodes import Leaf, Node, all_of, any_of, leaf_node, needs_of, not_of, worded
from core.domain.determinations.rules import Immunity, Rule, RulePackage, Violation
from core.domain.determinations.vocabulary import Vocabulary

# Age limits of 行政处罚法 art. 30 (domain.md 3.1, verified).
AGE_NO_PENALTY_BELOW = 14
AGE_LENIENT_BELOW = 18

ARTICLE_32_LIMBS = (
    "harm_removed_by_self",
    "coerced_or_tricked",
    "confessed_unknown",
    "merit_helping",
    "other_lawful_ground",
)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of the table, or one rule inside a row, with the result it gives when it holds.

    A row without a proposal only shows something (rows 5 and A). `is_flexible` marks a statutory row that allows both
    light and mitigate, so that it never disagrees with a list.
    """

    gate: str
    node: Node
    proposal: str = ""
    duty: str = "must"
    rule: Rule | None = None
    immunity: Immunity | None = None
    is_flexible: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Everything compiled for one violation: the rows in order, and which rows look at which variable."""

    violation: Violation
    rows: tuple[Row, ...]
    veto: Node
    coercion_rules: tuple[Row, ...]
    # Variable -> the rows with a result that look at it.
    rows_by_var: dict[str, tuple[int, ...]]
    # The variables of each row, in order of first use.
    needs: tuple[tuple[str, ...], ...]
    # Integer variable -> values just around its limits, in order.
    limits: dict[str, tuple[int, ...]]
    # The rows that come from the package: lists and immunities.
    listed: tuple[int, ...]


def _natural(words: Vocabulary) -> Node:
    # The operator of an 个体工商户 is a natural person for arts 30 and 31 (domain.md 3.3 row 6).
    return words.leaf("party_kind", "in", ("natural_person", "individual_business"), "penalty:30")


def _early_rows(words: Vocabulary, package: RulePackage, here: Violation) -> list[Row]:
    special = next((each for each in package.special_limits if each.law == here.law), None)
    competent = all_of(
        words.yes("body_competent", "penalty:22"),
        words.yes("in_territory", "penalty:22"),
        words.yes("item_in_power", "penalty:22"),
    )
    child = words.leaf("party_age", "<", AGE_NO_PENALTY_BELOW, "penalty:30")
    no_capacity = words.leaf("party_capacity", "==", "none", "penalty:31")
    no_fault = all_of(
        words.yes("no_fault_claimed", "penalty:33.2"),
        words.yes("no_fault_proved", "penalty:33.2"),
        not_of(words.yes("fault_not_required_by_law", "penalty:33.2")),
    )
    return [
        Row("1", not_of(competent), "transfer"),
        Row("2", not_of(words.yes("facts_proved", "penalty:40")), "not_made_out"),
        Row("3", words.yes("suspected_crime", "penalty:27"), "transfer"),
        Row("4", limitation_node(package.parameters, special), "time_barred"),
        Row("5", all_of(law_changed_node(package), words.yes("new_law_milder", "penalty:37"))),
        Row("6", all_of(_natural(words), child), "no_penalty"),
        Row("6", all_of(_natural(words), no_capacity), "no_penalty"),
        Row("7", no_fault, "no_penalty"),
    ]


def _immunity_rows(words: Vocabulary, package: RulePackage, here: Violation) -> list[Row]:
    return [
        Row(
            "8",
            words.node(each.conditions, article=each.article, confidence=each.confidence),
            "no_penalty",
            each.duty,
            immunity=each,
        )
        for each in package.immunities
        if here.law in each.laws
    ]


def _article_33_first(words: Vocabulary, no_veto: Node) -> Row:
    elements = (
        words.yes("circumstances_minor", "penalty:33.1a"),
        words.yes("corrected_in_time", "penalty:33.1a"),
        words.yes("no_harmful_result", "penalty:33.1a"),
    )
    return Row("9", all_of(*elements, no_veto), "no_penalty")


def _article_33_second(words: Vocabulary, package: RulePackage, here: Violation, no_veto: Node) -> Row:
    elements = (
        first_time_node(package.parameters.first_time, here, package, "unverified"),
        words.yes("harm_minor", "penalty:33.1b"),
        words.yes("corrected_in_time", "penalty:33.1b"),
    )
    return Row("11", all_of(*elements, no_veto), "no_penalty", "may")


def _article_32_rows(words: Vocabulary) -> list[Row]:
    young = all_of(
        _natural(words),
        words.leaf("party_age", ">=", AGE_NO_PENALTY_BELOW, "penalty:30"),
        words.leaf("party_age", "<", AGE_LENIENT_BELOW, "penalty:30"),
    )
    limbs = any_of(*(words.yes(var, "penalty:32") for var in ARTICLE_32_LIMBS))
    impaired = all_of(_natural(words), words.leaf("party_capacity", "==", "partial", "penalty:31"))
    return [
        Row("12", young, "light", is_flexible=True),
        Row("12", limbs, "light", is_flexible=True),
        Row("12", impaired, "light", "may", is_flexible=True),
    ]


def rule_duty(rule: Rule) -> str:
    """Return whether the limb that a rule stands on is a duty. Source: domain.md 3.1 (arts 32, 33(1)).

    A rule may weaken the duty of its limb where its list says 可以, and cannot strengthen it.
    """
    return "may" if rule.duty == "may" or rule.limb in ("first_offence", "non_coercion") else "must"


def applies_to(rule: Rule, here: Violation) -> bool:
    """Return whether a rule speaks about this violation: by id, by its agency ("agency:消防"), or about all."""
    names = {here.id, "*", f"agency:{here.agency}"} if here.agency else {here.id, "*"}
    return not names.isdisjoint(rule.violations)


def veto_node(words: Vocabulary, package: RulePackage) -> Node:
    """Return the node that is true when any absolute veto of the package holds (row A)."""
    return any_of(*(words.yes(veto.var, "", veto.confidence) for veto in package.vetoes))


def program_for(here: Violation, package: RulePackage, words: Vocabulary) -> Program:
    """Return the rows for one violation, list rules included; must-rules stand before may-rules inside a row."""
    veto = veto_node(words, package)
    no_veto = worded(not_of(veto), Leaf(None, needs_of((veto,)), "没有绝对排除情形", "no absolute veto holds"))
    fitting = sorted((rule for rule in package.rules if applies_to(rule, here)), key=lambda rule: rule.rule_id)

    def rows_of(list_type: str, gate: str) -> list[Row]:
        found = [
            Row(gate, rule_node(rule, here, package, words, no_veto), list_type, rule_duty(rule), rule)
            for rule in fitting
            if rule.list_type == list_type
        ]
        return sorted(found, key=lambda row: row.duty != "must")

    rows = (
        *_early_rows(words, package, here),
        *_immunity_rows(words, package, here),
        _article_33_first(words, no_veto),
        *rows_of("no_penalty", "10"),
        _article_33_second(words, package, here, no_veto),
        *rows_of("mitigate", "12"),
        *sorted([*rows_of("light", "12"), *_article_32_rows(words)], key=lambda row: row.duty != "must"),
    )
    coercion_rules = tuple(rows_of("no_coercion", "C"))
    return _program(here, rows, veto, coercion_rules)


def _program(here: Violation, rows: tuple[Row, ...], veto: Node, coercion_rules: tuple[Row, ...]) -> Program:
    """Return the rows with the indexes that make a second reading cheap."""
    needs = tuple(needs_of((row.node,)) for row in rows)
    by_var: dict[str, list[int]] = {}
    limits: dict[str, set[int]] = {}
    for index, row in enumerate(rows):
        for var in needs[index] if row.proposal else ():
            by_var.setdefault(var, []).append(index)
        for leaf in row.node.leaves:
            if leaf.thresholds:
                limits.setdefault(leaf.var, set()).update(leaf.thresholds)
    return Program(
        violation=here,
        rows=rows,
        veto=veto,
        coercion_rules=coercion_rules,
        rows_by_var={var: tuple(indexes) for var, indexes in by_var.items()},
        needs=needs,
        limits={var: tuple(sorted(points)) for var, points in limits.items()},
        listed=tuple(index for index, row in enumerate(rows) if row.rule is not None or row.immunity is not None),
    )


def unnamed_program(package: RulePackage, words: Vocabulary) -> Program:
    """Return the rows while the violation itself is unknown: what depends on it is open."""
    program = program_for(Violation(id="", title=words.variables["violation"].label, law=""), package, words)
    # The lists, the immunities and the special limits all turn on the violation; one open question stands for them.
    unnamed = leaf_node(
        Leaf(lambda _values: None, ("violation",), "违法行为已确定", "the violation is named", "violation")
    )
    rows = [row for row in program.rows if row.rule is None and row.gate not in ("4", "11")]
    late = [Row("4", unnamed, "time_barred"), Row("8", unnamed, "no_penalty", "may"), Row("10", unnamed, "no_penalty")]
    place = next(index for index, row in enumerate(rows) if row.gate == "9")
    all_rows = (*rows[:place], *late, *rows[place:], Row("11", unnamed, "no_penalty", "may"))
    ordered = tuple(sorted(all_rows, key=lambda row: int(row.gate)))
    return _program(program.violation, ordered, program.veto, ())
