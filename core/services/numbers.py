"""Taking document numbers, and telling how many are left and whether any is unexplained.

An unenrolled station makes its own blocks as it needs them; an enrolled one only takes what hq leased.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from core.domain.documents import Document, DocumentKind
from core.domain.numbers import (
    DEFAULT_PATTERN,
    OWN_BLOCK_SIZE,
    BlockReport,
    NumberBlock,
    NumberUse,
    UseState,
    block_for,
    burnt,
    format_number,
    new_block,
    next_first,
    report,
    take,
    void,
)
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.services.ports import OpenWork, Work

_TOPICS = frozenset({Topic.NUMBERS})


class Numbers:
    """Numbers of one station.

    Args:
        pattern_of: Pattern of the number of a body and kind; by default GB/T 9704's.
        is_enrolled: Whether blocks come from hq; then none is made here.
    """

    def __init__(
        self,
        open_work: OpenWork,
        clock: Clock,
        *,
        station: str,
        is_enrolled: bool = False,
        pattern_of: Callable[[str, DocumentKind], str] | None = None,
    ) -> None:
        self._open_work = open_work
        self._clock = clock
        self._station = station
        self._is_enrolled = is_enrolled
        self._pattern_of = pattern_of or _standard

    def take_in(
        self, work: Work, *, body: str, agency_abbr: str, kind: DocumentKind, type_abbr: str, year: int, document: str
    ) -> NumberUse:
        """Take the next number inside the caller's transaction.

        Raises:
            Refusal: "numbers.no_block" (enrolled, nothing leased for that year), "numbers.abbr_missing",
                "numbers.pattern_invalid".
        """
        if not agency_abbr.strip():
            raise Refusal("numbers.abbr_missing", body=body)
        table = work.table(NumberBlock)
        blocks = table.where(body=body, kind=kind, year=year)
        now = self._clock.now()
        block = block_for(blocks, year=year) or self._own_block(blocks, body, kind, year, now)
        pattern = self._pattern_of(body, kind)
        text = format_number(pattern, agency_abbr=agency_abbr, type_abbr=type_abbr, year=year, seq=block.next_seq)
        block, use = take(block, text, document=document, at=now, by=work.actor)
        table.put(block)
        work.table(NumberUse).put(use)
        return use

    def _own_block(
        self, blocks: Sequence[NumberBlock], body: str, kind: DocumentKind, year: int, now: datetime
    ) -> NumberBlock:
        if self._is_enrolled:
            raise Refusal("numbers.no_block", body=body, kind=kind.value, year=year)
        return new_block(
            new_id(),
            body=body,
            kind=kind,
            year=year,
            station=self._station,
            first=next_first(blocks, year=year),
            size=OWN_BLOCK_SIZE,
            at=now,
        )

    def reports(self) -> tuple[BlockReport, ...]:
        """Return every block with its counts and gaps, in the order in which they were made."""
        with self._open_work() as work:
            uses = work.table(NumberUse).where()
            documents = [one.id for one in work.table(Document).where()]
            return tuple(report(block, uses, documents) for block in work.table(NumberBlock).where())

    def add_block(self, block: NumberBlock) -> Done[NumberBlock]:
        """Take in a block that hq leased.  Raises Refusal "numbers.block_overlaps", params body, first, last."""
        with self._open_work() as work:
            table = work.table(NumberBlock)
            for other in table.where(body=block.body, kind=block.kind, year=block.year):
                if other.id != block.id and other.first <= block.last and block.first <= other.last:
                    raise Refusal("numbers.block_overlaps", body=block.body, first=block.first, last=block.last)
            table.put(block)
        return Done(block, _TOPICS)

    def void_next(self, block_id: str, reason: str, *, agency_abbr: str, type_abbr: str) -> Done[NumberUse]:
        """Void the next unused number: a pre-numbered sheet was spoiled.

        Raises:
            Refusal: "numbers.void_reason_missing", "numbers.block_exhausted".
        """
        with self._open_work() as work:
            block = work.table(NumberBlock).get(block_id)
            pattern = self._pattern_of(block.body, block.kind)
            text = format_number(
                pattern, agency_abbr=agency_abbr, type_abbr=type_abbr, year=block.year, seq=block.next_seq
            )
            now = self._clock.now()
            block, use = take(block, text, document="", at=now, by=work.actor)
            use = void(use, reason, at=now, by=work.actor)
            work.table(NumberBlock).put(block)
            work.table(NumberUse).put(use)
        return Done(use, _TOPICS)

    def burn_all(self, reason: str) -> Done[int]:
        """Burn what is unused in every block, after a restore: it may have been used on the lost machine."""
        with self._open_work() as work:
            table = work.table(NumberBlock)
            live = [block for block in table.where() if not block.is_burnt]
            for block in live:
                table.put(burnt(block, reason))
        return Done(len(live), _TOPICS)

    def void_of(self, work: Work, document: Document, reason: str) -> None:
        """Void the number of a spoiled document inside the caller's transaction.

        A number that another station took is voided there, once it reads that the paper was spoiled.
        """
        table = work.table(NumberUse)
        use = table.find(document.number_use) if document.number_use else None
        if use is not None and use.state is not UseState.VOID:
            table.put(void(use, reason, at=self._clock.now(), by=work.actor))


def _standard(_body: str, _kind: DocumentKind) -> str:
    return DEFAULT_PATTERN
