"""Numbers after a restore: nothing twice, every gap told once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from core.domain.documents import DocumentKind
from core.domain.shared_state import CommandKind, Outcome
from core.hq import numbers
from core.hq.store import HqStore
from core.kernel.clock import FixedClock

NOW = datetime(2026, 3, 17, tzinfo=UTC)
SERIES = numbers.Series(stream="org/b", body="b", kind=DocumentKind.INSPECTION_NOTICE.value, year=2026)


def answered(first: int, last: int) -> Outcome:
    """Return an answer that gave out a block before headquarters was restored."""
    return Outcome(
        id=f"c-{first}",
        kind=CommandKind.LEASE_NUMBERS,
        device="d-1",
        accepted=True,
        at=NOW,
        body="b",
        document_kind=DocumentKind.INSPECTION_NOTICE,
        year=2026,
        first=first,
        last=last,
    )


def test_a_block_below_the_margin_that_comes_back_begins_the_series_once(tmp_path: Path) -> None:
    store = HqStore(tmp_path / "hq.db", clock=FixedClock(NOW))
    store.begin(hq_public=b"k" * 32)
    store.begin_new_lineage()
    with store.engines.writer.begin() as connection:
        # Two lost answers come back, then somebody asks: the gap below the margin is told once.
        numbers.keep_clear(connection, "org/b", answered(1, 20), now=NOW)
        numbers.keep_clear(connection, "org/b", answered(21, 40), now=NOW)
        assert numbers.lease(connection, SERIES, size=10, now=NOW) == (1001, 1010)
        assert [(gap.first, gap.last) for gap in numbers.skipped(connection)] == [(1, 1000)]
    store.close()


def test_what_lies_between_the_margin_and_a_block_that_comes_back_is_told_as_a_gap(tmp_path: Path) -> None:
    store = HqStore(tmp_path / "hq.db", clock=FixedClock(NOW))
    store.begin(hq_public=b"k" * 32)
    store.begin_new_lineage()
    with store.engines.writer.begin() as connection:
        numbers.keep_clear(connection, "org/b", answered(1501, 1520), now=NOW)
        assert numbers.lease(connection, SERIES, size=10, now=NOW) == (1521, 1530)
        assert [(gap.first, gap.last) for gap in numbers.skipped(connection)] == [(1, 1000), (1001, 1500)]
    store.close()
