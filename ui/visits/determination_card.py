"""One finding's determination: the proposal, the questions that still matter, the tree, what a person made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout

from core.domain.determinations.results import Proposal
from core.domain.determinations.rules import Variable
from core.domain.findings import Finding
from ui.i18n import lang, moment, t, term, words_or_code
from ui.theme import Tone, px
from ui.visits.determination_tree import DeterminationTree, worded
from ui.visits.question_line import FactLine, QuestionLine
from ui.widgets.basic import Card, box, button, label, mark, row
from ui.widgets.form import ask_reason

if TYPE_CHECKING:
    from core.services.determinations import Overview

PROPOSAL_TONES = {
    "no_penalty": Tone.PASS,
    "light": Tone.PASS,
    "mitigate": Tone.PASS,
    "ordinary": Tone.WARN,
    "transfer": Tone.BLOCK,
    "needs_evidence": Tone.UNKNOWN,
}
QUESTIONS_SHOWN = 5
CHANGES_SHOWN = 4
TEXT_HEIGHT = 260


class DeterminationCard(Card):
    """`told` carries finding, variable and value (None takes it back); `keep` the finding; `overruled` determination,
    choice and reason; `attach` finding and variable.
    """

    told = Signal(str, str, object)
    keep = Signal(str)
    overruled = Signal(str, str, str)
    attach = Signal(str, str)

    def __init__(
        self, finding: Finding, overview: Overview, variables: dict[str, Variable], pieces: dict[str, int]
    ) -> None:
        super().__init__()
        self._finding, self._overview, self._variables, self._pieces = finding, overview, variables, pieces
        self._result, self._kept = overview.proposal, overview.kept
        self.finding_id = finding.id
        self.add(label(finding.text, "section", wrap=True))
        self._add_proposal()
        self.prompt = QVBoxLayout()
        self.body.addLayout(self.prompt)
        self._add_questions()
        self._add_facts()
        self._add_tree()
        self._add_changes()
        self._add_kept()

    def _add_proposal(self) -> None:
        from core.domain.determinations.explanation import conflict_text

        result = self._result
        tone = PROPOSAL_TONES.get(result.proposal, Tone.WARN)
        # "Must" before a gap in the facts would read as a duty to punish; it is the duty to go on looking.
        key = "ui.det.open" if result.proposal == "needs_evidence" else "ui.det.proposal"
        self.add(mark(tone, t(key, duty=term("duty", result.duty), proposal=term("proposal", result.proposal))))
        coercion, procedure = term("coercion", result.coercion), term("procedure", result.procedure)
        facts = t("ui.det.beside", coercion=coercion, procedure=procedure, law=term("law_basis", result.law_basis))
        self.add(label(facts, "muted", wrap=True))
        for one in result.matched:
            marks = "  ".join(
                part
                for part in (one.place, t("ui.word.unverified") if one.confidence != "verified" else "", one.mark)
                if part
            )
            self.add(label(t("ui.det.matched", rule=one.rule, title=worded(one, "title"), marks=marks), wrap=True))
        joint = "、" if lang() == "zh" else ", "
        if result.follow_up:
            steps = joint.join(words_or_code("determination.follow_up", one) for one in result.follow_up)
            self.add(label(t("ui.det.follow_up", steps=steps), wrap=True))
        if result.evidence_required:
            kinds = joint.join(words_or_code("rules.evidence", one) for one in result.evidence_required)
            self.add(label(t("ui.det.evidence_required", kinds=kinds), wrap=True))
        if result.confiscation:
            self.add(mark(Tone.WARN, words_or_code("determination.text.confiscation", result.confiscation)))
        if result.is_provisional:
            self.add(mark(Tone.WARN, t("ui.det.provisional")))
        for one in result.conflicts:
            self.add(mark(Tone.WARN, conflict_text(one, lang())))

    def _add_questions(self) -> None:
        missing = self._result.missing
        if not missing:
            return
        self.add(label(t("ui.det.missing", count=len(missing)), "strong"))
        for one in missing[:QUESTIONS_SHOWN]:
            made = QuestionLine(one, self._variables[one.var], self._pieces.get(one.var, 0))
            made.told.connect(self._on_told)
            made.attach.connect(self._on_attach)
            self.add(made)

    def _add_facts(self) -> None:
        said = {var: value for var, value in self._finding.facts.items() if var in self._variables}
        self.facts_button = button(t("ui.det.said", count=len(said)), self._on_facts_clicked, role="link")
        self.facts = QVBoxLayout()
        lacking = set(self._overview.unproved)
        self._facts = [
            FactLine(self._variables[var], value, self._pieces.get(var, 0), lacks_piece=var in lacking)
            for var, value in said.items()
        ]
        for made in self._facts:
            made.taken_back.connect(self._on_taken_back)
            made.attach.connect(self._on_attach)
            # A fact that still wants a piece stays in sight; the others open with the line.
            made.setVisible(made.var in lacking)
            self.facts.addWidget(made)
        self.facts_button.setVisible(any(made.var not in lacking for made in self._facts))
        self.add(self.facts_button)
        self.body.addLayout(self.facts)

    def _add_tree(self) -> None:
        from core.domain.determinations.explanation import explain

        self.add(label(t("ui.det.why"), "strong"))
        self.tree = DeterminationTree(self._result)
        self.add(self.tree)
        self.other_button = button(t("ui.det.why_not", count=self.tree.other_rows), None, role="link")
        self.other_button.clicked.connect(self._on_others_clicked)
        self.other_button.setVisible(self.tree.other_rows > 0)
        self.text_button = button(t("ui.det.whole_text"), self._on_text_clicked, role="link", icon="file-text")
        self.add(box(row(self.other_button, self.text_button, None)))
        self.text = QPlainTextEdit("\n".join(explain(self._result, lang())))
        self.text.setReadOnly(True)
        self.text.setAccessibleName(t("ui.det.whole_text"))
        self.text.setFixedHeight(px(TEXT_HEIGHT))
        self.text.hide()
        self.add(self.text)

    def _add_changes(self) -> None:
        changes = self._result.would_change
        if not changes:
            return
        self.add(label(t("ui.det.would_change"), "strong"))
        for one in changes[:CHANGES_SHOWN]:
            then = term("proposal", one.proposal)
            words = t("ui.det.change", fact=worded(one, "label"), then=worded(one, "then_text"), proposal=then)
            self.add(label(words, "muted", wrap=True))

    def _add_kept(self) -> None:
        self.keep_button = button(t("ui.det.keep"), self._on_keep_clicked, role="main", icon="check")
        self.overrule_button = button(t("ui.det.overrule"), self._on_overrule_clicked)
        state = label("", "muted")
        kept = self._kept
        if kept is not None:
            taken = term("proposal", kept.chosen or kept.proposal)
            state.setText(t("ui.det.kept", at=moment(kept.made_at), proposal=taken))
        self.overrule_button.setEnabled(kept is not None)
        self.add(box(row(self.keep_button, self.overrule_button, state, None)))
        review = self._overview.review
        if review is not None and review.is_reopened:
            self.add(mark(Tone.WARN, t("ui.det.reopened_head" if review.needs_head else "ui.det.reopened")))
        if kept is not None and kept.chosen:
            proposal, chosen = term("proposal", kept.proposal), term("proposal", kept.chosen)
            words = t("ui.det.overruled", proposal=proposal, chosen=chosen, reason=kept.override_reason)
            self.add(label(words, wrap=True))
        self.add(label(t("ui.det.head_decides"), "muted", wrap=True))

    @Slot(str, object)
    def _on_told(self, var: str, value: object) -> None:
        self.told.emit(self._finding.id, var, value)

    @Slot(str)
    def _on_taken_back(self, var: str) -> None:
        self.told.emit(self._finding.id, var, None)

    @Slot(str)
    def _on_attach(self, var: str) -> None:
        self.attach.emit(self._finding.id, var)

    @Slot()
    def _on_facts_clicked(self) -> None:
        self.facts_button.hide()
        for made in self._facts:
            made.show()

    @Slot()
    def _on_others_clicked(self) -> None:
        self.other_button.hide()
        self.tree.show_others()

    @Slot()
    def _on_text_clicked(self) -> None:
        self.text.setVisible(self.text.isHidden())

    @Slot()
    def _on_keep_clicked(self) -> None:
        self.keep.emit(self._finding.id)

    @Slot()
    def _on_overrule_clicked(self) -> None:
        assert self._kept is not None
        options = [(term("proposal", one), one) for one in get_args(Proposal) if one != self._kept.proposal]
        ask_reason(
            self.prompt, t("ui.det.overrule_ask"), options, t("ui.det.overrule"), self._on_overruled, needs_words=True
        )

    def _on_overruled(self, chosen: str, reason: str) -> None:
        assert self._kept is not None
        self.overruled.emit(self._kept.id, chosen, reason)
