"""One verdict line: mark, what was checked, the fact with its age, the citation, and what would change it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal, Slot

from core.domain.visits import Override
from ui.i18n import moment, t, words_or_code
from ui.theme import Tone
from ui.widgets.basic import Card, box, button, label, mark, row
from ui.widgets.form import line as text_line

TONES = {"pass": Tone.PASS, "warn": Tone.WARN, "block": Tone.BLOCK, "unknown": Tone.UNKNOWN}
FACTS_SHOWN = 4


class GateRow(Card):
    """`reason_given` carries the gate and why the visit goes on in spite of it."""

    reason_given = Signal(str, str)

    def __init__(self, gate: Any, overrides: tuple[Override, ...], *, wants_reason: bool) -> None:
        tone = TONES[str(gate.verdict)]
        super().__init__(tone=None if tone is Tone.PASS else tone)
        self.gate = gate
        self.body.setSpacing(4)
        why = words_or_code("gate.why", gate.why) if gate.why else ""
        age = t("ui.gates.as_of", at=moment(gate.as_of)) if gate.as_of else ""
        first = row(
            mark(tone, t(f"ui.verdict.{gate.verdict}")),
            label(words_or_code("gate.name", gate.gate), "strong"),
            label(why, wrap=True),
            label(age, "muted"),
            spacing=12,
        )
        first.setStretch(2, 1)
        self.add(box(first))
        facts = "   ".join(self._fact(fact) for fact in gate.facts[:FACTS_SHOWN] if fact.value)
        if facts:
            self.add(label(facts, "muted", wrap=True))
        unverified = "" if gate.is_verified else f"  ({t('ui.word.unverified')})"
        self.add(label(f"{gate.citation}{unverified}", "muted", wrap=True))
        if gate.change and tone is not Tone.PASS:
            self.add(label(t("ui.gates.change", words=words_or_code("gate.change", gate.change)), wrap=True))
        given = next((one for one in overrides if one.gate == gate.gate and one.why in ("", gate.why)), None)
        if given is not None:
            self.add(label(t("ui.gates.given", reason=given.reason)))
        elif wants_reason:
            self._ask()
        elif tone is Tone.UNKNOWN:
            self.add(label(t(f"ui.gates.due_{gate.due.value}"), "muted"))

    def _fact(self, fact: Any) -> str:
        name = words_or_code("gate.fact", fact.name)
        value = words_or_code("gate.value", fact.value)
        return f"{name}:{value}"

    def _ask(self) -> None:
        self.reason = text_line(placeholder=t("ui.gates.reason_hint"))
        self.reason.setAccessibleName(t("ui.gates.reason_hint"))
        self.reason.returnPressed.connect(self._on_given)
        self.reason_button = button(t("ui.gates.go_on"), self._on_given)
        inner = row(self.reason, self.reason_button)
        inner.setStretch(0, 1)
        self.add(box(inner))

    @Slot()
    def _on_given(self) -> None:
        if self.reason.text().strip():
            self.reason_given.emit(self.gate.gate, self.reason.text().strip())
        else:
            self.reason.setFocus()
