"""The conditions of a determination as a tree: the row, its conditions with marks, fact, source and article."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from core.domain.determinations.results import Determination
from ui.i18n import lang, t, term, words_or_code
from ui.theme import Tone, current, px
from ui.widgets.basic import SIGNS

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


class DeterminationTree(QTreeWidget):
    """The rows that decide, open; the others on demand, folded."""

    def __init__(self, result: Determination) -> None:
        super().__init__()
        self._result = result
        self.setColumnCount(4)
        self.setHeaderLabels([t("ui.det.condition"), t("ui.det.fact"), t("ui.det.source"), t("ui.det.citation")])
        self.setAccessibleName(t("ui.det.tree"))
        self.setRootIsDecorated(True)
        self.setUniformRowHeights(True)
        for place, width in enumerate((340, 90, 150, 260)):
            self.setColumnWidth(place, px(width))
        # Without a row that fired, the rows that are still open are what there is to see.
        fired = {result.row} if result.row else {one.row for one in result.gates if is_open(one)}
        deciding = [one for one in result.lines if one.row in fired]
        self._others = [one for one in result.lines if one.row not in fired]
        self._fill(deciding, is_open=True)
        self.setFixedHeight(px(min(TREE_HEIGHT_MAX, LINE_HEIGHT * (len(deciding) + 3))))

    @property
    def other_rows(self) -> int:
        """Return how many rows did not decide."""
        return len({one.row for one in self._others})

    def show_others(self) -> None:
        """Show the rows that did not decide as well."""
        self._fill(self._others, is_open=False)
        self.setFixedHeight(px(TREE_HEIGHT_MAX))

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
                self.addTopLevelItem(parent)
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
