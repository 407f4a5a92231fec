"""A table of visits that holds the recent ones, and looks for older ones by the words of its filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from core.domain.visits import Visit
from core.kernel.errors import Fault
from ui.desk import Desk, reading
from ui.jobs import Lane
from ui.widgets.table import FilteredTable

QUIET_MS = 400
"""A person who stops typing for so long has named what is looked for."""
FOUND_MAX = 200


def any_visit(_: Visit) -> bool:
    """Take every visit."""
    return True


class OlderVisits(QObject):
    """Fills a table with recent visits, and with the older ones that fit the filter.

    Args:
        fits: Whether a visit belongs into this table at all.
    """

    def __init__(
        self,
        desk: Desk,
        table: FilteredTable,
        on_failed: Callable[[Fault], None],
        *,
        fits: Callable[[Visit], bool] = any_visit,
    ) -> None:
        super().__init__(table)
        self._desk, self._table, self._on_failed, self._fits = desk, table, on_failed, fits
        self._recent: tuple[Visit, ...] = ()
        self._found: tuple[Visit, ...] = ()
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self.look)
        table.filter.textChanged.connect(self._on_typed)

    def fill(self, visits: Sequence[Visit]) -> None:
        """Show these recent visits beside what was found."""
        self._recent = tuple(visits)
        self._show()

    @Slot()
    def look(self) -> None:
        """Look for the words of the filter among all visits."""
        words = self._table.filter.text().strip()
        if words:
            call = partial(reading(self._desk.session).visits.list, words, limit=FOUND_MAX)
            self._desk.jobs.run(call, self._on_found, self._on_failed, lane=Lane.READ, key="older_visits")

    @Slot(str)
    def _on_typed(self, words: str) -> None:
        self._quiet.start()
        if not words.strip():
            self._quiet.stop()
            self._found = ()
            self._show()

    def _on_found(self, visits: Sequence[Visit]) -> None:
        self._found = tuple(visit for visit in visits if self._fits(visit))
        self._show()

    def _show(self) -> None:
        known = {visit.id for visit in self._recent}
        self._table.fill((*self._recent, *(visit for visit in self._found if visit.id not in known)))
