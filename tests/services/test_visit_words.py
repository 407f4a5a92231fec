"""Visits and gates in words."""

from __future__ import annotations

import pytest

from core.domain.gates import judge
from core.domain.visits import VisitState
from core.kernel.words import Lang
from core.services.visit_words import checklist_term, decision_words, evidence_term, gate_words, visit_term
from tests.helpers.builders import facts, oral_report, visit


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_line_of_a_good_and_of_an_empty_world_can_be_read(lang: Lang) -> None:
    empty = facts(
        visit=visit(oral_report=oral_report()), subject=None, items=(), officers=(), plans=(), caps=(), lists={}
    )
    for line in (*judge(facts()), *judge(empty)):
        shown = gate_words(line, lang)
        assert shown.name
        assert shown.why
        assert bool(shown.change) == bool(line.change)


def test_a_coded_value_is_translated_and_a_name_is_not() -> None:
    (listed,) = [line for line in judge(facts()) if line.gate == "subject_listed"]
    shown = {fact.name: fact.value for fact in gate_words(listed, "zh").facts}
    assert shown["在册"] == "是"
    assert shown["检查主体"].startswith("湖南湘江新区")


def test_terms_have_words_and_a_typed_reason_is_its_own() -> None:
    assert visit_term("state", VisitState.LATE_SCAN_PENDING, "zh") == "待补扫"
    assert visit_term("reason", "gas_leak", "en") == "gas leak or similar danger"
    assert visit_term("reason", "门口正在施工", "zh") == "门口正在施工"
    assert checklist_term("verdict", "not_checked", "zh") == "未查"
    assert evidence_term("photo", "en") == "photo"
    assert decision_words("blocked", "zh") == "不得入企"
