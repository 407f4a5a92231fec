"""What the check of a paper says: the verdict with its sign, the reasons, and what was signed, all in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.documents import kind_of
from ui.i18n import day, moment, t, term
from ui.theme import Tone
from ui.widgets.basic import clear, label, mark

VERDICT_TONES = {
    "genuine": Tone.PASS,
    # A code says nothing of the words around it: green would say too much.
    "code_genuine": Tone.WARN,
    "altered": Tone.BLOCK,
    "copy": Tone.WARN,
    "spoiled": Tone.BLOCK,
    "unknown": Tone.UNKNOWN,
}


class CheckAnswer(QWidget):
    """Empty until something was checked."""

    def __init__(self) -> None:
        super().__init__()
        self.tone: Tone | None = None
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_check(self, check: Any) -> None:
        """Show a core.services.document_checking.DocumentCheck. A verdict without a tone of its own is unknown."""
        clear(self._lines)
        self.tone = VERDICT_TONES.get(str(check.verdict), Tone.UNKNOWN)
        self._lines.addWidget(mark(self.tone, term("check_verdict", check.verdict)))
        for reason in check.reasons:
            self._lines.addWidget(label(t(reason), wrap=True))
        shown = [
            f"{term('check_fact', name)}: {fact_words(name, value)}" for name, value in check.facts.items() if value
        ]
        if shown:
            self._lines.addWidget(label("   ".join(shown), wrap=True))
        if check.as_of is not None:
            self._lines.addWidget(label(t("ui.papers.checked_as_of", at=moment(check.as_of)), "muted", wrap=True))
        self.show()

    def words(self) -> tuple[str, ...]:
        """Return the lines as they stand there."""
        items = (self._lines.itemAt(place) for place in range(self._lines.count()))
        widgets = (item.widget() for item in items if item is not None)
        return tuple(str(one.property("text")) for one in widgets if one is not None)


def fact_words(name: str, value: str) -> str:
    """Return a signed fact for the eye: the kind of paper by its title, the date as dates are written."""
    if name == "kind":
        code, _, kind = value.partition(" ")
        return f"{code} {term('kind', kind)}" if kind_of(kind) is not None else value
    return day(date.fromisoformat(value)) if name == "date" else value
