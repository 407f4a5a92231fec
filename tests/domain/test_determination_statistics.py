"""Figures of determinations: every one has its definition, and what fits two lists stands under both."""

from __future__ import annotations

from datetime import UTC, date, datetime

from core.domain.determination_statistics import FIGURES, count_determinations, definition
from core.domain.determinations.engine import stored
from core.domain.findings import Determined
from core.kernel.records import canonical_bytes
from core.services.rule_packages import published_package
from tests.domain.determinations.test_published import HOLDING, holding_facts

DAY = date(2026, 3, 5)


def determined(finding: str, rule_id: str, hour: int = 1) -> Determined:
    whole = stored(holding_facts(rule_id), published_package(), on=HOLDING[rule_id].decided_on)
    return Determined(
        id=f"{finding}-{hour}", visit="v", finding=finding, package=whole.package, package_sha256=whole.package_hash,
        engine=whole.engine, proposal=whole.determination.proposal, result=canonical_bytes(whole).decode(),
        made_at=datetime(2026, 3, 5, hour, tzinfo=UTC), made_by="o",
    )  # fmt: skip


def test_every_figure_and_the_table_have_a_definition_in_both_languages() -> None:
    for key in (*FIGURES, "cells"):
        assert definition(key, "zh") != definition(key, "en")


def test_every_figure_that_is_counted_is_one_that_is_defined() -> None:
    found = count_determinations([determined("f", "PB-044")], agencies={}, from_on=DAY, to_on=DAY)
    assert {each.key for each in found.figures} <= set(FIGURES)


def test_nothing_determined_gives_noughts_and_no_table() -> None:
    found = count_determinations([], agencies={}, from_on=DAY, to_on=DAY)
    assert (found.count("findings"), found.count("taken", "ordinary"), found.cells) == (0, 0, ())


def test_conflicts_are_counted_by_kind_and_two_rules_of_one_list_count_it_once() -> None:
    found = count_determinations(
        [determined("f-1", "PB-044"), determined("f-2", "PB-012"), determined("f-2", "PB-020", hour=2)],
        agencies={"he.public_place_test": "卫健"},
        from_on=DAY,
        to_on=DAY,
    )
    assert found.count("conflicts", "rules_disagree") == 1
    assert found.count("conflicts", "old_article") == 0
    assert found.count("replaced") == 1
    assert [(cell.list_source, cell.agency, cell.outcome) for cell in found.cells] == [
        ("A55", "", "no_penalty"),
        ("A62", "卫健", "mitigate"),
    ]
