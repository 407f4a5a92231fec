"""The reconciliation statement: here and there side by side, green only when equal, every inequality named."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from ui.i18n import moment, size, t
from ui.sync.words import differs, root
from ui.theme import Tone, px
from ui.widgets.basic import Card, clear, label, mark, rule, set_tone

AWAITED_SHOWN = 5
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class StatementCard(Card):
    """What both ends hold, as the last session found it."""

    def __init__(self) -> None:
        super().__init__(label(t("ui.sync.statement"), "section"))
        self.head = QVBoxLayout()
        self.body.addLayout(self.head)
        self.table = QWidget()
        self.grid = QGridLayout(self.table)
        self.grid.setContentsMargins(0, px(8), 0, px(8))
        self.grid.setHorizontalSpacing(px(24))
        self.grid.setVerticalSpacing(px(6))
        for column in (1, 2, 3):
            self.grid.setColumnMinimumWidth(column, px(80))
        self.grid.setColumnStretch(4, 1)
        self.add(self.table)
        self.roots = QVBoxLayout()
        self.body.addLayout(self.roots)

    def show_statement(self, statement: Any, unconfirmed: int) -> None:
        """Show a statement, or that there is none yet.

        Args:
            unconfirmed: Entries that exist only here now: what was equal then is not all that there is.
        """
        clear(self.head)
        clear(self.grid)
        clear(self.roots)
        self.table.setVisible(statement is not None)
        if statement is None:
            set_tone(self, None)
            self.head.addWidget(label(t("ui.sync.no_statement"), "hint", wrap=True))
            return
        tone = Tone.PASS if statement.equal else Tone.BLOCK
        has_more = bool(statement.equal and unconfirmed)
        set_tone(self, Tone.WARN if has_more else tone)
        words = t("ui.sync.equal") if statement.equal else t("ui.sync.unequal")
        self.head.addWidget(mark(tone, f"{words}   {moment(statement.at)}"))
        if has_more:
            self.head.addWidget(mark(Tone.WARN, t("ui.sync.written_since", count=f"{unconfirmed:,}")))
        for one in statement.differences:
            self.head.addWidget(label(f"✕ {differs(one)}", tone=Tone.BLOCK, wrap=True))
        self._fill_grid(statement)
        self._add_root(t("ui.sync.root_here"), statement.root_here, Tone.INK)
        same = statement.root_here == statement.root_there
        self._add_root(t("ui.sync.root_there"), statement.root_there, Tone.INK if same else Tone.BLOCK)
        self._add_foot(statement)

    def _fill_grid(self, statement: Any) -> None:
        for column, name in enumerate((t("ui.sync.here"), t("ui.sync.there"), t("ui.sync.only_here")), start=1):
            self.grid.addWidget(label(name, "muted"), 0, column, RIGHT)
        self._add_counts(1, t("ui.sync.records"), statement.records)
        self._add_counts(2, t("ui.sync.media"), statement.blobs)

    def _add_counts(self, place: int, name: str, counts: Any) -> None:
        self.grid.addWidget(label(name), place, 0)
        only = f"{'! ' if counts.only_here else ''}{counts.only_here:,}"
        cells: list[QLabel] = [
            label(f"{counts.here:,}", tone=None if counts.here == counts.there else Tone.BLOCK),
            label(f"{counts.there:,}", tone=None if counts.here == counts.there else Tone.BLOCK),
            label(only, "strong" if counts.only_here else "", tone=Tone.WARN if counts.only_here else None),
        ]
        heads = (t("ui.sync.here"), t("ui.sync.there"), t("ui.sync.only_here"))
        for column, (head, cell) in enumerate(zip(heads, cells, strict=True), start=1):
            cell.setAccessibleName(f"{name}, {head}: {cell.text()}")
            self.grid.addWidget(cell, place, column, RIGHT)

    def _add_root(self, name: str, value: str, tone: Tone) -> None:
        made = label(f"{name}   {root(value)}", "muted", tone=None if tone is Tone.INK else tone, wrap=True)
        made.setToolTip(value)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.roots.addWidget(made)

    def _add_foot(self, statement: Any) -> None:
        parts = [t("ui.sync.bytes_there", size=size(statement.blob_bytes_there))]
        if statement.durable:
            parts.append(t("ui.sync.durable", count=f"{statement.durable:,}"))
        if statement.conflicts:
            parts.append(t("ui.sync.conflicts_open", count=statement.conflicts))
        self.roots.addWidget(rule())
        self.roots.addWidget(label(" · ".join(parts), "muted", wrap=True))
        if statement.awaited:
            shown = "、".join(one[:12] for one in statement.awaited[:AWAITED_SHOWN])
            words = t("ui.sync.awaited", count=len(statement.awaited), names=shown)
            self.roots.addWidget(label(words, "muted", wrap=True))
