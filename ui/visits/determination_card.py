"""One finding's determination: the proposal, the conditions as a tree with marks, the questions, the other rules."""

from __future__ import annotations

from typing import Any, get_args

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout

from core.domain.determinations.results import Proposal
from core.domain.findings import Determined, Finding
from ui.i18n import lang, moment, t, term, words_or_code
from ui.theme import Tone, current, px
from ui.widgets.basic import SIGNS, Card, box, button, label, mark, row
from ui.widgets.form import ask_reason, line

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
LINE_HEIGHT = 30
TREE_HEIGHT_MAX = 420


def worded(thing: Any, name: str) -> str:
    """Return a field of a result in the language of the window; English stands in a twin field."""
    return str(getattr(thing, name if lang() == "zh" else f"{name}_en"))


def truth_tone(value: Any) -> Tone:
    """Return the mark of a three-valued truth; unknown is never a pass."""
    words = str(getattr(value, "value", value)).lower()
    return Tone.PASS if words == "true" else Tone.BLOCK if words == "false" else Tone.UNKNOWN


def is_open(gate: Any) -> bool:
    """Tell whether a row could still fire."""
    return truth_tone(gate.value) is Tone.UNKNOWN


class DeterminationCard(Card):
    """`told` carries finding, variable and value; `keep` the finding; `overruled` determination, choice and reason."""

    told = Signal(str, str, object)
    keep = Signal(str)
    overruled = Signal(str, str, str)

    def __init__(self, finding: Finding, result: Any, kept: Determined | None, questions: dict[str, Any]) -> None:
        super().__init__()
        self._finding, self._result, self._kept, self._questions = finding, result, kept, questions
        self.finding_id = finding.id
        self.add(label(finding.text, "section", wrap=True))
        tone = PROPOSAL_TONES.get(result.proposal, Tone.WARN)
        duty = term("duty", result.duty)
        proposal = term("proposal", result.proposal)
        # "Must" before a gap in the facts would read as a duty to punish; it is the duty to go on looking.
        key = "ui.det.open" if result.proposal == "needs_evidence" else "ui.det.proposal"
        self.add(mark(tone, t(key, duty=duty, proposal=proposal)))
        coercion, procedure = term("coercion", result.coercion), term("procedure", result.procedure)
        facts = t("ui.det.beside", coercion=coercion, procedure=procedure, law=term("law_basis", result.law_basis))
        self.add(label(facts, "muted", wrap=True))
        if result.is_provisional:
            self.add(mark(Tone.WARN, t("ui.det.provisional")))
        for one in result.conflicts:
            self.add(mark(Tone.WARN, words_or_code("determination.conflict", one.code)))
        self.prompt = QVBoxLayout()
        self.body.addLayout(self.prompt)
        self._add_questions()
        self._add_tree()
        self._add_changes()
        self._add_buttons()

    def _add_questions(self) -> None:
        missing = self._result.missing
        if not missing:
            return
        self.add(label(t("ui.det.missing", count=len(missing)), "strong"))
        for one in missing[:QUESTIONS_SHOWN]:
            variable = self._questions.get(one.var)
            words = label(f"? {worded(one, 'question')}", wrap=True)
            inner = row(words, spacing=8)
            inner.setStretch(0, 1)
            for part in self._controls(one.var, variable):
                inner.addWidget(part)
            self.add(box(inner))

    def _controls(self, var: str, variable: Any) -> list[Any]:
        kind = variable.type if variable is not None else "bool"
        if kind == "bool":
            yes = button(t("ui.find.yes"), self._on_yes_clicked, role="answer")
            no = button(t("ui.find.no"), self._on_no_clicked, role="answer")
            for made in (yes, no):
                made.setObjectName(var)
            return [yes, no]
        typed = line(placeholder="2026-03-17" if kind == "date" else str(getattr(variable, "unit", "")))
        typed.setObjectName(var)
        typed.setFixedWidth(px(160))
        typed.setAccessibleName(var)
        typed.returnPressed.connect(self._on_value_typed)
        save = button(t("ui.action.save"), self._on_value_saved)
        save.setObjectName(var)
        return [typed, save]

    def _add_tree(self) -> None:
        result = self._result
        self.tree = QTreeWidget()
        self.tree.setColumnCount(4)
        self.tree.setHeaderLabels([t("ui.det.condition"), t("ui.det.fact"), t("ui.det.source"), t("ui.det.citation")])
        self.tree.setAccessibleName(t("ui.det.tree"))
        self.tree.setRootIsDecorated(True)
        self.tree.setUniformRowHeights(True)
        for place, width in enumerate((340, 90, 150, 260)):
            self.tree.setColumnWidth(place, px(width))
        # Without a row that fired, the rows that are still open are what there is to see.
        fired = {result.row} if result.row else {one.row for one in result.gates if is_open(one)}
        self._deciding = [one for one in result.lines if one.row in fired]
        self._others = [one for one in result.lines if one.row not in fired]
        self._fill(self._deciding, is_open=True)
        self.tree.setFixedHeight(px(min(TREE_HEIGHT_MAX, LINE_HEIGHT * (len(self._deciding) + 3))))
        self.add(label(t("ui.det.why"), "strong"))
        self.add(self.tree)
        self.other_button = button(t("ui.det.why_not", count=len({one.row for one in self._others})), None, role="link")
        self.other_button.clicked.connect(self._on_others_clicked)
        self.other_button.setVisible(bool(self._others))
        self.add(self.other_button)

    def _fill(self, lines: list[Any], *, is_open: bool) -> None:
        parents: dict[tuple[str, str], QTreeWidgetItem] = {}
        verdicts = {(one.row, one.rule): one for one in self._result.gates}
        for one in lines:
            key = (one.row, one.rule)
            if key not in parents:
                verdict = verdicts.get(key)
                tone = truth_tone(verdict.value) if verdict is not None else Tone.UNKNOWN
                name = words_or_code("determination.row", one.row)
                parent = QTreeWidgetItem([f"{SIGNS[tone]} {name} {one.rule}".strip(), "", "", ""])
                parent.setForeground(0, current().colour(tone))
                self.tree.addTopLevelItem(parent)
                parent.setExpanded(is_open)
                parents[key] = parent
            parents[key].addChild(self._line_item(one))
        for parent in parents.values():
            parent.setExpanded(is_open)

    def _line_item(self, one: Any) -> QTreeWidgetItem:
        tone = truth_tone(one.value)
        doubt = "" if one.confidence == "verified" else f" ({t('ui.word.unverified')})"
        source = term("fact_source", one.source) if one.source else ""
        age = f"{source} {one.as_of}" if one.as_of else source
        cells = [
            f"{SIGNS[tone]} {worded(one, 'condition')}",
            worded(one, "fact_text"),
            age,
            worded(one, "citation") + doubt,
        ]
        item = QTreeWidgetItem(cells)
        item.setForeground(0, current().colour(tone))
        for place, words in enumerate(cells):
            item.setToolTip(place, words)
        return item

    def _add_changes(self) -> None:
        changes = self._result.would_change
        if not changes:
            return
        self.add(label(t("ui.det.would_change"), "strong"))
        for one in changes[:CHANGES_SHOWN]:
            then = term("proposal", one.proposal)
            words = t("ui.det.change", fact=worded(one, "label"), then=worded(one, "then_text"), proposal=then)
            self.add(label(words, "muted", wrap=True))

    def _add_buttons(self) -> None:
        self.keep_button = button(t("ui.det.keep"), self._on_keep_clicked, role="main", icon="check")
        self.overrule_button = button(t("ui.det.overrule"), self._on_overrule_clicked)
        state = label("", "muted")
        if self._kept is not None:
            taken = term("proposal", self._kept.chosen or self._kept.proposal)
            state.setText(t("ui.det.kept", at=moment(self._kept.made_at), proposal=taken))
        self.overrule_button.setEnabled(self._kept is not None)
        self.add(box(row(self.keep_button, self.overrule_button, state, None)))
        if self._kept is not None and self._kept.override_reason:
            self.add(label(t("ui.gates.given", reason=self._kept.override_reason), wrap=True))
        self.add(label(t("ui.det.head_decides"), "muted", wrap=True))

    @Slot()
    def _on_yes_clicked(self) -> None:
        self.told.emit(self._finding.id, self.sender().objectName(), True)

    @Slot()
    def _on_no_clicked(self) -> None:
        self.told.emit(self._finding.id, self.sender().objectName(), False)

    @Slot()
    def _on_value_typed(self) -> None:
        self._tell_value(self.sender().objectName())

    @Slot()
    def _on_value_saved(self) -> None:
        self._tell_value(self.sender().objectName())

    def _tell_value(self, var: str) -> None:
        typed = self.findChild(QLineEdit, var)
        if typed is None or not typed.text().strip():
            return
        words = typed.text().strip()
        is_number = self._questions[var].type == "int" and words.lstrip("-").isdigit()
        self.told.emit(self._finding.id, var, int(words) if is_number else words)

    @Slot()
    def _on_others_clicked(self) -> None:
        self.other_button.hide()
        self._fill(self._others, is_open=False)
        self.tree.setFixedHeight(px(TREE_HEIGHT_MAX))

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
