"""What follows from a sync: a longer lease, leased numbers, published lists, doubts, a new chain, erased slots."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.domain.numbers import NumberBlock, burnt, new_block, overlaps
from core.domain.publications import Publication, wanted
from core.domain.shared_state import CommandKind, Outcome
from core.kernel.clock import local_date
from core.kernel.errors import Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record, changed
from core.station.link import read_link, write_link
from core.station.paper_media import PaperMedia
from core.station.publishing_in import PublishedLists, distrust
from core.storage.foreign_chain import HQ_PUBLIC, HQ_PUBLIC_PAST
from core.sync.bundle import HQ, BundleReport
from core.sync.ports import Line
from core.sync.session import SessionReport
from core.sync.wire import ChainAnswer

if TYPE_CHECKING:
    from core.station.unlocked import Unlocked
    from core.storage.sync_store import SyncStore

PARTED = frozenset({"forked", "behind"})
CLOSED = frozenset({"retired", "lost"})
OVERLAPS = "overlaps"
"""Why a leased block is burnt: numbers of it were made here before enrolment."""
ENROLLED = "enrolled"
"""Why an own block is burnt: numbers are leased by headquarters now."""


class Followed(Record):
    """What followed from one session."""

    has_written: bool = False
    """This station wrote entries of its own, which headquarters does not hold yet."""
    lists_taken: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    conflicts: int = 0
    papers: int = 0
    """Files of other stations' papers that came."""
    is_erased: bool = False


class Following:
    """Does what follows from what came in."""

    def __init__(self, session: Unlocked, store: SyncStore) -> None:
        self._session = session
        self._store = store

    def after(self, report: SessionReport, line: Line, progress: Progress) -> Followed:
        """Do what follows from a session; raises as core.sync.ports.Line and the store."""
        self._believe(report.chain, getattr(line, "hq_key", (b"", b""))[0])
        if report.state in CLOSED:
            return Followed(is_erased=self._erase(report))
        if report.state in PARTED:
            # What headquarters lacked of it was handed over in the session itself.
            self._session.begin_after_fork()
            return Followed(has_written=True)
        return self._work_up(report.pulled.touched, line, progress)

    def after_bundle(self, report: BundleReport, path: Path, progress: Progress) -> Followed:
        """Do what follows from a bundle."""
        if report.sender == HQ and report.statement is not None:
            self._renew_from(path)
        return self._work_up(report.pulled.touched, None, progress)

    def _work_up(self, touched: tuple[tuple[str, str], ...], line: Line | None, progress: Progress) -> Followed:
        outcomes = self._outcomes()
        lists = self._lists(line, progress)
        doubts = (*self._session.doubts.look(touched).value, *self._session.prepared_papers.look(touched).value)
        papers = PaperMedia(self._session).fetch(touched, line, progress)
        return Followed(
            has_written=bool(outcomes or lists or doubts),
            lists_taken=lists,
            outcomes=outcomes,
            conflicts=len(doubts),
            papers=papers,
        )

    # Headquarters' word on this device.

    def _believe(self, chain: ChainAnswer, hq_public: bytes) -> None:
        link = read_link(self._session.store)
        assert link is not None, "only an enrolled station syncs"
        after = changed(link, status=chain.status or link.status, lease_until=chain.lease_until or link.lease_until)
        if hq_public and hq_public != link.hq_public:
            # The root key certified it, or the line would not have believed it.
            after = changed(after, hq_public=hq_public)
            past = self._session.store.value(HQ_PUBLIC_PAST) or b""
            self._session.store.set_value(HQ_PUBLIC_PAST, past + link.hq_public)
            self._session.store.set_value(HQ_PUBLIC, hq_public)
        write_link(self._session.store, after)

    def _renew_from(self, path: Path) -> None:
        from core.station.bundles import lease_in

        until = lease_in(self._session, self._store, path)
        link = read_link(self._session.store)
        if until is not None and link is not None and (link.lease_until is None or until > link.lease_until):
            write_link(self._session.store, changed(link, lease_until=until))

    def _erase(self, report: SessionReport) -> bool:
        """Erase the slots: at once on the order for a lost laptop, else once headquarters holds all of it for good."""
        is_ordered = report.chain.must_erase and report.chain.status == "lost"
        if not is_ordered and not self._is_all_there(report):
            return False
        self._session.erase_slots()
        return True

    def _is_all_there(self, report: SessionReport) -> bool:
        """Tell whether nothing would be lost with this laptop: its own work, that of others which it alone holds, and
        its media are at headquarters, and inside a backup there (invariant 2)."""
        store = self._store
        is_kept = all(store.durable(device) >= store.tail(device).n for device in store.own_devices())
        is_handed_over = store.unconfirmed() == 0 and not store.blobs_waiting(limit=1)
        return is_kept and is_handed_over and not report.witnessed.refused

    # Leased numbers.

    def _outcomes(self) -> tuple[str, ...]:
        """Make own blocks of the numbers that headquarters leased to this station; return the outcomes that are new."""
        own = frozenset(self._store.own_devices())
        with self._session.open_work() as work:
            blocks = work.table(NumberBlock)
            answered = [
                one
                for one in work.table(Outcome).where(kind=CommandKind.LEASE_NUMBERS)
                if one.accepted and one.device in own and blocks.find(one.block) is None
            ]
            for outcome in answered:
                block = _block(outcome, at=self._session.clock.now(), living=self._session.device_id)
                if any(overlaps(block, other) for other in blocks.where(body=block.body, kind=block.kind)):
                    # Numbers of before enrolment may be on papers already: none of these is taken.
                    block = burnt(block, OVERLAPS)
                blocks.put(block)
        return tuple(one.id for one in answered)

    def burn_own_blocks(self) -> None:
        """Burn what is left of the numbers that this station made for itself: from now on headquarters leases them."""
        with self._session.open_work() as work:
            blocks = work.table(NumberBlock)
            for block in blocks.where():
                if block.source == "own" and not block.is_burnt:
                    blocks.put(burnt(block, ENROLLED))

    # Published lists.

    def _lists(self, line: Line | None, progress: Progress) -> tuple[str, ...]:
        session, published = self._session, self._store.publications()
        taker = PublishedLists(
            session.list_files,
            session.file_blobs,
            session.open_work,
            published,
            distrust=partial(distrust, session.store),
        )
        taken: list[str] = []
        for publication in wanted(published, on=local_date(session.clock.now())):
            if self._is_held(publication):
                continue
            try:
                taken += [one.id for one in taker.take(publication, line, progress=progress)]
            except Trouble as trouble:
                # A bundle may bring the entry before its parts: the list waits for them, the rest does not.
                if line is not None or trouble.code != "blobs.missing":
                    raise
        return tuple(taken)

    def _is_held(self, publication: Publication) -> bool:
        return any(one.version == publication.version for one in self._session.reference.versions(publication.kind))


def _block(outcome: Outcome, *, at: datetime, living: str) -> NumberBlock:
    assert outcome.document_kind is not None, "a lease names its kind of document"
    block = new_block(
        outcome.block,
        body=outcome.body,
        kind=outcome.document_kind,
        year=outcome.year,
        station=outcome.device,
        first=outcome.first,
        size=outcome.last - outcome.first + 1,
        at=at,
        source="hq",
    )
    if outcome.device == living:
        return block
    # It was leased to what this station was before: the numbers may have been used there.
    return burnt(block, "restored")
