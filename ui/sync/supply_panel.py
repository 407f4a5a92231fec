"""What headquarters gave: numbers leased with what is left, and the lists that were taken."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from core.domain.documents import DocumentKind
from core.domain.lists import ListVersion
from core.domain.numbers import LOW_WATER
from ui.i18n import day, moment, t, term
from ui.sync.reading import Stock, SyncView
from ui.theme import Tone, px
from ui.widgets.basic import Card, box, button, clear, column, label, mark, row
from ui.widgets.form import choice, field

SIZES = (20, 50, 100, 200)


class SupplyPanel(QWidget):
    """`numbers_wanted` carries body, kind, year and how many."""

    numbers_wanted = Signal(str, object, int, int)

    def __init__(self) -> None:
        super().__init__()
        self._stocks: tuple[Stock, ...] = ()
        self._subject = ""
        self._year = 0
        self.numbers = QGridLayout()
        self.numbers.setHorizontalSpacing(px(24))
        self.numbers.setVerticalSpacing(px(6))
        self.numbers.setColumnStretch(5, 1)
        self.none = label("", "hint", wrap=True)
        self.kind = choice([(term("kind", kind), kind) for kind in DocumentKind], DocumentKind.SCENE_RECORD)
        self.how_many = choice([(str(size), size) for size in SIZES], SIZES[1])
        self.how_many.setMinimumContentsLength(4)
        self.ask_button = button(t("ui.sync.ask_for_numbers"), self._on_ask_clicked, icon="plus")
        numbers = Card(
            label(t("ui.sync.numbers"), "section"), label(t("ui.sync.numbers_hint", low=LOW_WATER), "muted", wrap=True)
        )
        numbers.add(self.none)
        numbers.body.addLayout(self.numbers)
        asking = row(
            field(t("ui.sync.ask_kind"), self.kind),
            field(t("ui.sync.ask_size"), self.how_many),
            self.ask_button,
            None,
            spacing=12,
        )
        asking.setAlignment(self.ask_button, Qt.AlignmentFlag.AlignBottom)
        self.ask_row = box(asking)
        numbers.add(self.ask_row)
        self.lists = QVBoxLayout()
        lists = Card(label(t("ui.sync.lists"), "section"))
        lists.body.addLayout(self.lists)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        layout.addWidget(numbers)
        layout.addWidget(lists)
        layout.addStretch(1)

    def show_view(self, view: SyncView, year: int) -> None:
        """Show what is left and what was taken."""
        self._stocks, self._subject, self._year = view.stocks, view.status.subject, year
        self.ask_row.setVisible(view.status.is_enrolled)
        self._show_numbers(view.stocks, is_enrolled=view.status.is_enrolled)
        self._show_lists(view.lists)

    def _show_numbers(self, stocks: Sequence[Stock], *, is_enrolled: bool) -> None:
        clear(self.numbers)
        self.none.setVisible(not stocks)
        self.none.setText(t("ui.sync.no_numbers"))
        for place, stock in enumerate(stocks):
            tone = Tone.WARN if stock.is_low else Tone.PASS
            words = t("ui.sync.low") if stock.is_low else t("ui.sync.enough")
            left = label(t("ui.sync.left", left=stock.left, size=stock.size), "strong" if stock.is_low else "")
            source = t("ui.sync.leased") if stock.is_leased else t("ui.sync.own_made")
            name = column(
                label(term("kind", stock.kind)), label(f"{source}   {moment(stock.leased_at)}", "muted"), spacing=0
            )
            self.numbers.addWidget(box(name), place, 0)
            self.numbers.addWidget(label(str(stock.year)), place, 1)
            self.numbers.addWidget(left, place, 2)
            self.numbers.addWidget(mark(tone, words), place, 3)
            if is_enrolled and stock.is_low:
                self.numbers.addWidget(self._more_button(stock, place), place, 4)

    def _more_button(self, stock: Stock, place: int) -> QPushButton:
        made = button(t("ui.sync.ask_more", count=SIZES[1]), self._on_more_clicked, role="link", icon="plus")
        made.setObjectName(str(place))
        made.setAccessibleName(f"{term('kind', stock.kind)} {stock.year}: {made.text().strip()}")
        return made

    def _show_lists(self, versions: Sequence[ListVersion]) -> None:
        clear(self.lists)
        if not versions:
            self.lists.addWidget(label(t("ui.sync.no_lists"), "hint", wrap=True))
        for one in versions:
            words = t(
                "ui.sync.list_line",
                name=term("list_kind", one.kind),
                version=one.version,
                rows=f"{one.row_count:,}",
                day=day(one.effective_on),
            )
            taken = t("ui.sync.list_taken", at=moment(one.imported_at))
            line = row(label(words, wrap=True), label(taken, "muted"), spacing=12)
            line.setStretch(0, 1)
            self.lists.addWidget(box(line))

    @Slot()
    def _on_more_clicked(self) -> None:
        stock = self._stocks[int(self.sender().objectName())]
        self.numbers_wanted.emit(stock.body, stock.kind, stock.year, SIZES[1])

    @Slot()
    def _on_ask_clicked(self) -> None:
        body = next((one.body for one in self._stocks), self._subject)
        self.numbers_wanted.emit(body, self.kind.currentData(), self._year, int(self.how_many.currentData()))
