"""The stock of numbers of a station as people see it: what is left, what is not explained, and spoiled sheets."""

from __future__ import annotations

from core.domain.catalog import Subject
from core.domain.numbers import LOW_WATER, BlockReport, NumberBlock, NumberUse
from core.kernel.changes import Done
from core.services.document_wording import Forms
from core.services.numbers import Numbers
from core.services.ports import OpenWork, Reference


class NumberStock:
    """Reports on numbers, and voids the next one of a block."""

    def __init__(self, open_work: OpenWork, reference: Reference, numbers: Numbers, forms: Forms) -> None:
        self._open_work = open_work
        self._reference = reference
        self._numbers = numbers
        self._forms = forms

    def reports(self) -> tuple[BlockReport, ...]:
        """Return every block with its counts, spoiled numbers and gaps."""
        return self._numbers.reports()

    def low(self, *, year: int) -> tuple[BlockReport, ...]:
        """Return the live blocks of a year whose body and kind have fewer than five numbers left in all blocks."""
        live = [one for one in self.reports() if one.block.year == year and not one.block.is_burnt]
        newest = {(one.block.body, one.block.kind): one for one in live}
        left = dict.fromkeys(newest, 0)
        for one in live:
            left[one.block.body, one.block.kind] += one.unused
        return tuple(one for key, one in newest.items() if left[key] < LOW_WATER)

    def void_next(self, block_id: str, reason: str) -> Done[NumberUse]:
        """Void the next number of a block: a pre-numbered sheet was spoiled or lost.

        Raises:
            Refusal: "store.not_found", "numbers.void_reason_missing", "numbers.block_exhausted".
        """
        with self._open_work() as work:
            block = work.table(NumberBlock).get(block_id)
        found = self._reference.where(Subject, name=block.body)
        return self._numbers.void_next(
            block_id,
            reason,
            agency_abbr=found[0].agency_abbr if found else "",
            type_abbr=self._forms.form(block.kind, block.body).type_abbr,
        )
