"""One rule beside the table: its examples green or red, doubts, fields in words, and another rule to compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.i18n import lang, t, words_or_code
from ui.theme import Tone, px
from ui.widgets.basic import Card, clear, label, mark, scrolled
from ui.widgets.form import choice, field

if TYPE_CHECKING:
    from core.domain.determinations.examples import ExampleResult
    from core.domain.determinations.proving import ProvenPackage, ProvenRule

NAME_WIDTH = 104


class RulePanel(QWidget):
    """Shows what it is given; asks the service only for words."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._authors: Any = None
        self._desk = desk
        self._tested: ProvenPackage | None = None
        self._one: ProvenRule | None = None
        self.content = QWidget()
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(px(8), 0, px(8), px(16))
        self.body.setSpacing(px(8))
        self.head = QVBoxLayout()
        self.other = choice([])
        self.other.currentIndexChanged.connect(self._on_other_chosen)
        self.fields = QVBoxLayout()
        self.body.addLayout(self.head)
        self.body.addWidget(field(t("ui.rules.compare"), self.other))
        self.body.addLayout(self.fields)
        self.body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(self.content))

    def show_rule(self, tested: ProvenPackage, one: ProvenRule) -> None:
        """Show a rule of a tested package."""
        if tested is not self._tested:
            self._tested = tested
            self._list_others(tested.rules)
        self._one = one
        clear(self.head)
        self.head.addWidget(label(f"{one.id}  {_said(one.rule.title)}", "section", wrap=True))
        if not one.examples:
            self.head.addWidget(mark(Tone.UNKNOWN, t("ui.rules.no_example")))
        for example in one.examples:
            self.head.addWidget(example_card(example))
        for doubt in one.doubts:
            words = words_or_code("determination.doubt", doubt.code)
            self.head.addWidget(mark(Tone.WARN, words.format(rules="、".join(doubt.rules), detail=doubt.detail)))
        self._show_fields()

    def compare_with(self, rule_id: str) -> None:
        """Choose the rule that stands on the right."""
        self.other.setCurrentIndex(self.other.findData(rule_id))

    def _list_others(self, rules: Sequence[ProvenRule]) -> None:
        self.other.blockSignals(True)
        self.other.clear()
        self.other.addItem(t("ui.rules.compare_none"), "")
        for each in rules:
            self.other.addItem(f"{each.id}  {_said(each.rule.title)}", each.id)
        self.other.blockSignals(False)

    @Slot(int)
    def _on_other_chosen(self, _place: int) -> None:
        self._show_fields()

    def _show_fields(self) -> None:
        clear(self.fields)
        if self._tested is None or self._one is None:
            return
        authors, other = self._desk.session.rule_authors, str(self.other.currentData() or "")
        card = Card()
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(8))
        if other and other != self._one.id:
            pairs = authors.compare(self._tested, self._one.id, other, lang())
            differing = sum(1 for pair in pairs if not pair.is_equal)
            card.add(label(t("ui.rules.differing", count=differing), "strong", wrap=True))
            _put(grid, 0, ("", self._one.id, other), is_head=True)
            for place, pair in enumerate(pairs, start=1):
                sign = "" if pair.is_equal else "≠ "
                tone = None if pair.is_equal else Tone.WARN
                _put(grid, place, (f"{sign}{pair.name}", pair.one or "—", pair.other or "—"), tone=tone)
            grid.setColumnStretch(2, 1)
        else:
            for place, one in enumerate(authors.fields(self._tested, self._one.id, lang())):
                _put(grid, place, (one.name, one.text))
        grid.setColumnStretch(1, 1)
        card.body.addLayout(grid)
        self.fields.addWidget(card)


def example_card(example: ExampleResult) -> Card:
    """Return an example with its sign: what it is, and where it fails what it should give and what it gives."""
    tone = Tone.PASS if example.is_passed else Tone.BLOCK
    card = Card(mark(tone, example.name), tone=tone)
    expected = words_or_code("determination.proposal", example.expected)
    given = words_or_code("determination.proposal", example.given)
    key = "ui.rules.gives" if example.is_passed else "ui.rules.gives_not"
    card.add(label(t(key, expected=expected, given=given), "muted", wrap=True))
    return card


def _said(words: Any) -> str:
    return words.zh if lang() == "zh" else words.en


def _put(
    grid: QGridLayout, place: int, words: tuple[str, ...], *, tone: Tone | None = None, is_head: bool = False
) -> None:
    for column, each in enumerate(words):
        role = "muted" if column == 0 and tone is None else "strong" if is_head or column == 0 else ""
        made = label(each, role, tone=tone if column == 0 else None, wrap=True)
        if column == 0:
            made.setFixedWidth(px(NAME_WIDTH))
        grid.addWidget(made, place, column, Qt.AlignmentFlag.AlignTop)
