"""The step of a finding: only questions that matter, the right field for each, evidence on a fact, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton

from core.domain.determinations.results import Missing
from core.domain.determinations.rules import Choice, Label, Variable
from tests.ui.real import Office
from tests.ui.test_real_work import OFFICER, card_of, visit_with_finding, workspace
from tests.ui.typing_help import type_words
from ui.visits.determination_card import DeterminationCard
from ui.visits.question_line import FactLine, QuestionLine, typed_value, value_words

WORDS = Label(zh="面积", en="area")
FULL, NONE = Label(zh="正常", en="full"), Label(zh="无", en="none")
CHOICES = (Choice(value="full", label=FULL), Choice(value="none", label=NONE))


def variable(kind: Any, **fields: Any) -> Variable:
    return Variable(var="v", type=kind, label=WORDS, question=WORDS, **fields)


def line_of(one: Variable) -> tuple[QuestionLine, list[Any]]:
    missing = Missing(var="v", who="officer", evidence_kind=one.evidence_kind, question="多大？", question_en="?")
    made, told = QuestionLine(missing, one, 0), []
    made.told.connect(lambda _var, value: told.append(value))
    return made, told


def save(made: QuestionLine) -> None:
    button = made.findChild(QPushButton, "v")
    assert isinstance(button, QPushButton)
    button.click()


@pytest.mark.parametrize(
    ("one", "words", "value"),
    [
        (variable("int", unit="cm2"), "5", 50_000),
        (variable("int", unit="cm2"), "0.5", 5_000),
        (variable("int", unit="cm2"), "-1", None),
        (variable("int", unit="cm2"), "five", None),
        (variable("int", unit="fen"), "200.5", 20_050),
        (variable("int"), "7", 7),
        (variable("int"), "-7", None),
        (variable("date"), "2026-03-17", "2026-03-17"),
        (variable("date"), "17 March", None),
        (variable("text"), "430104", "430104"),
    ],
)
def test_what_is_typed_is_kept_in_the_variables_own_unit(one: Variable, words: str, value: Any) -> None:
    assert typed_value(one, words) == value


@pytest.mark.parametrize(
    ("one", "value", "words"),
    [
        (variable("bool"), True, "是"),
        (variable("int", unit="cm2"), 50_000, "5平方米"),
        (variable("text", choices=CHOICES), "none", "无"),
        (variable("text"), "430104", "430104"),
    ],
)
def test_a_fact_is_read_back_as_a_person_says_it(one: Variable, value: Any, words: str) -> None:
    assert value_words(one, value) == words


def test_a_number_that_does_not_fit_is_told_and_not_kept(qapp: object) -> None:
    made, told = line_of(variable("int", unit="cm2"))
    assert made.typed is not None
    type_words(made.typed, "five")
    save(made)
    assert told == []
    made.typed.clear()
    type_words(made.typed, "2.5")
    save(made)
    assert told == [25_000]
    made.deleteLater()


def test_a_question_with_choices_offers_them(qapp: object) -> None:
    made, told = line_of(variable("text", choices=CHOICES))
    assert made.options is not None
    made.options.setCurrentIndex(1)
    save(made)
    assert told == ["none"]
    made.deleteLater()


def test_only_a_question_that_wants_a_piece_offers_to_attach_one(qapp: object) -> None:
    with_piece, _ = line_of(variable("bool", evidence_kind="photo_after"))
    without, _ = line_of(variable("bool", evidence_kind="record"))
    assert with_piece.findChild(QPushButton, "attach-v") is not None
    assert without.findChild(QPushButton, "attach-v") is None
    for made in (with_piece, without):
        made.deleteLater()


def facts_of(card: DeterminationCard) -> dict[str, FactLine]:
    return {one.var: one for one in card.findChildren(FactLine)}


def test_an_answer_can_be_taken_back_and_is_asked_again(office: Office) -> None:
    with office.window(OFFICER) as window:
        work = workspace(window, visit_with_finding(window.desk.session), "determine")
        var = next(iter(facts_of(card_of(work))))
        finding = card_of(work).finding_id
        facts_of(card_of(work))[var].taken_back.emit(var)
        assert var not in facts_of(card_of(work))
        kept = window.desk.session.determinations.facts(finding)
    assert kept.value(var) is None or kept.get(var).source != "officer"


def test_a_piece_of_evidence_hangs_on_its_fact(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(b"%PDF-1.7 invoice")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    with office.window(OFFICER) as window:
        session = window.desk.session
        visit = visit_with_finding(session)
        work = workspace(window, visit, "determine")
        card = card_of(work)
        var = next(iter(facts_of(card)))
        facts_of(card)[var].attach.emit(var)
        piece = next(one for one in session.evidence.of_visit(visit) if one.file_name == "invoice.pdf")
        assert (piece.finding, piece.fact) == (card.finding_id, var)
        fact = session.determinations.facts(card.finding_id).get(var)
        assert fact.evidence_ids == (piece.id,)
