"""Sync of an unlocked station, for the window and the command line: state, enrolment, a session, decisions, bundles.

Every method that reaches for the line may take as long as the line takes: it belongs on the errand lane.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from core.crypto import signing
from core.domain.documents import DocumentKind
from core.domain.shared_state import Command, CommandKind, Conflict
from core.kernel.changes import Done, Topic
from core.kernel.errors import Cancelled, Fault, Refusal
from core.kernel.ids import new_id
from core.kernel.progress import Progress, Unwatched
from core.kernel.records import canonical_bytes, changed, settle_records
from core.station.deciding import ClashView, decide, view_of
from core.station.enrolling import Enrolled, adopt, enrolled_of, request_of
from core.station.following import Following
from core.station.link import STANDING, Link, SessionNote, link_and_state, read_link, read_state, write_state
from core.station.sync_records import SyncReport, SyncStatus, summed
from core.storage.sync_store import SyncStore
from core.sync.bundle import BundleReport
from core.sync.ports import Line
from core.sync.session import SessionReport, run_session
from core.sync.statement import Statement
from core.sync.wire import EnrolAnswer

if TYPE_CHECKING:
    from core.station.peers import PeerMeeting, Told
    from core.station.relaying import Carried
    from core.station.unlocked import Unlocked
    from core.storage.work import StoreWork

NOTES_KEPT = 500
PEER_PORT = 47613
"""Where a laptop waits for another one."""
FOLLOW_UPS_MAX = 3
"""Sessions in a row, where what came in made this station write something of its own."""
_SYNC = frozenset({Topic.SYNC})
_EVERYTHING = frozenset(Topic)

Connect = Callable[[str, bytes | None], Line]
"""Gives a line to an address, believing only the headquarters of that root key; None: before it is known."""


class SyncStation:
    """Sync of one session.

    Args:
        session: The session of the person at the keyboard.
    """

    connect: Connect
    """How a line is made; tests and the simulation put their own here."""

    def __init__(self, session: Unlocked) -> None:
        settle_records()
        self._session = session
        self._running = threading.Lock()
        self.connect = self._over_http
        self.store = SyncStore(session.store, lambda: session.device, size_of=session.file_blobs.size)

    # How things stand.

    def status(self) -> SyncStatus:
        """Return how this station stands with headquarters. Asks nobody."""
        standing = self.store.standing(*STANDING)
        link, state = link_and_state(standing.values)
        return SyncStatus(
            is_enrolled=link is not None,
            url=link.url if link else "",
            subject=link.subject if link else "",
            device=self._session.device_id,
            last_success_at=state.last_success_at,
            last_attempt_at=state.last_attempt_at,
            last_error=state.last_error,
            unconfirmed=standing.unconfirmed,
            oldest_unsynced_at=standing.oldest_unconfirmed_at,
            lease_until=link.lease_until if link else None,
            clash_count=standing.clash_count,
            blobs_waiting=standing.media_waiting,
            is_forked=link is not None and link.device != self._session.device_id,
            failures=state.failures,
            pending=standing.pending,
            status=link.status if link else "",
        )

    def last_statement(self) -> Statement | None:
        """Return the statement of the last sync that got so far."""
        return read_state(self._session.store).statement

    def history(self, limit: int = 50) -> tuple[SessionNote, ...]:
        """Return the last syncs, newest first."""
        return tuple(msgspec.json.decode(note, type=SessionNote) for note in self.store.notes(limit))

    # Enrolment.

    def preview(self, url: str, code: str) -> Enrolled:
        """Ask what enrolling would give and return what people compare; nothing changes here or at headquarters.

        The code stays good, so that `enrol` may follow, or another station use it.

        Raises:
            Refusal: those of headquarters ("hq.code_unknown" and others), "sync.hq_not_certified".
            Trouble: as core.sync.ports.Line.
        """
        return enrolled_of(self._asked(url, code, only_looks=True), self._session.public)

    def enrol(self, url: str, code: str, *, progress: Progress | None = None) -> Enrolled:
        """Belong to a headquarters from now on. What was written before is offered to it at the next sync.

        Raises:
            Refusal: as preview, and "sync.other_headquarters".
        """
        (progress or Unwatched()).step(0, 2, "enrol")
        answer = self._asked(url, code)
        enrolled = enrolled_of(answer, self._session.public)
        adopt(self._session.store, self.store, answer, url=url, before=self._link())
        self._session.forget_services()
        self.following.burn_own_blocks()
        return enrolled

    def _asked(self, url: str, code: str, *, only_looks: bool = False) -> EnrolAnswer:
        session = self._session
        request = request_of(
            session.store,
            self.store,
            code=code,
            station=session.station_id,
            certificate=session.pdf_identity()[1],
            only_looks=only_looks,
        )
        before = self._link()
        with self._line(url, before.root_public if before else None) as line:
            return line.enrol(request)

    # One sync.

    def run(self, *, progress: Progress | None = None) -> SyncReport:
        """Bring this station and headquarters even, as far as the line carries.

        Raises:
            Refusal: "sync.not_enrolled", "sync.enrol_again", "sync.running", and those of the protocol.
            Trouble: as core.sync.ports.Line; what was done before stays done.
            Cancelled: likewise.
        """
        link = self._enrolled()
        if not self._running.acquire(blocking=False):
            raise Refusal("sync.running")
        try:
            with self._line(link.url, link.root_public) as line:
                return self._noted(line, lambda: self._run(line, progress or Unwatched()))
        finally:
            self._running.release()

    def _run(self, line: Line, progress: Progress) -> SyncReport:
        self.store.judge_again()
        total: SyncReport | None = None
        for _ in range(FOLLOW_UPS_MAX):
            report = self._session_over(line, progress)
            followed = self.following.after(report, line, progress)
            total = summed(total, report, followed)
            if not followed.has_written or report.state != "even":
                break
        assert total is not None
        return total

    def _session_over(self, line: Line, progress: Progress) -> SessionReport:
        return run_session(
            self.store,
            self._session.blobs,
            line,
            signing.verify,
            now=self._session.clock.now,
            progress=progress,
        )

    def _noted(self, line: Line, work: Callable[[], SyncReport]) -> SyncReport:
        """Do the work and keep a note of how it went, whatever happens."""
        at = self._session.clock.now()
        try:
            report = work()
        except (Fault, Cancelled) as fault:
            self._keep(line, at, fault.code if isinstance(fault, Fault) else "sync.cancelled", None)
            raise
        self._keep(line, at, "", report)
        return report

    def _keep(self, line: Line, at: datetime, error: str, report: SyncReport | None) -> None:
        ended_at = self._session.clock.now()
        sent, received = getattr(line, "traffic", (0, 0))
        note = SessionNote(
            at=at,
            ended_at=ended_at,
            ok=report is not None,
            error=error,
            pushed=report.pushed if report else 0,
            pulled=report.pulled if report else 0,
            bytes_sent=sent,
            bytes_received=received,
        )
        self.store.note(canonical_bytes(note), keep=NOTES_KEPT)
        before = read_state(self._session.store)
        state = changed(
            before, last_attempt_at=ended_at, last_error=error, failures=0 if report else before.failures + 1
        )
        if report is not None:
            state = changed(state, last_success_at=ended_at, statement=report.statement or before.statement)
        write_state(self._session.store, state)

    # Decisions of people.

    def clashes(self) -> tuple[ClashView, ...]:
        """Return the records of which several values stand, each with its sides."""
        found = self.store.clashes()
        with self._session.read_work() as work:
            return tuple(view_of(one, work, self._session.reference) for one in found if one.clashes)

    def resolve(self, family: str, entity: str, chosen: Mapping[str, str], note: str = "") -> Done[None]:
        """Decide between several values of one record: the decision is an entry behind all of them.

        Args:
            chosen: By field, the entry whose value is taken.

        Raises:
            Refusal: "sync.nothing_to_decide", "sync.choice_incomplete", "sync.choice_unknown", "sync.choice_odd".
        """
        found = self.store.clashes(key=(family, entity))
        if not found:
            raise Refusal("sync.nothing_to_decide")
        with self._session.open_work() as work:
            decide(found[0], chosen, cast("StoreWork", work), note=note, at=self._session.clock.now())
        return Done(None, _EVERYTHING)

    def conflicts(self) -> tuple[Conflict, ...]:
        """Return the doubts that arose when the work of several stations came together."""
        return self._session.reading.doubts.open_ones()

    def settle(self, conflict_id: str, how: str) -> Done[Conflict]:
        """Note what a person decided about a doubt.  Raises as core.services.doubts.Doubts.settle."""
        return self._session.doubts.settle(conflict_id, how)

    def request_numbers(self, body: str, kind: DocumentKind, year: int, size: int) -> Done[Command]:
        """Ask headquarters for a block of numbers; the answer comes with a later sync.

        Raises:
            Refusal: "sync.not_enrolled".
        """
        self._link_or_refuse()
        command = Command(
            id=new_id(),
            kind=CommandKind.LEASE_NUMBERS,
            at=self._session.clock.now(),
            by=self._session.account.officer,
            body=body,
            document_kind=kind,
            year=year,
            size=size,
        )
        with self._session.open_work() as work:
            work.table(Command).put(command)
        return Done(command, _SYNC | {Topic.NUMBERS})

    # Bundles.

    def export_bundle(
        self, path: Path, *, to: str = "hq", with_media: bool = True, progress: Progress | None = None
    ) -> BundleReport:
        """Write what headquarters, or a colleague's device, is not known to hold into one sealed file.

        Raises:
            Refusal: "sync.not_enrolled", "sync.colleague_unknown", "bundle.exists".
            Trouble: "bundle.not_written"; Cancelled: no file is left.
        """
        from core.station.bundles import export_bundle

        link = self._link_or_refuse()
        return export_bundle(self._session, self.store, link, path, to, with_media, progress or Unwatched())

    def import_bundle(self, path: Path, *, progress: Progress | None = None) -> BundleReport:
        """Take in a bundle of headquarters or of a colleague; the same one again changes nothing.

        Raises:
            Refusal, Trouble: as core.sync.bundle.BundleReader; "sync.not_enrolled".
        """
        from core.station.bundles import import_bundle

        link = self._link_or_refuse()
        report = import_bundle(self._session, self.store, link, path, progress or Unwatched())
        self.following.after_bundle(report, path, progress or Unwatched())
        if report.statement is not None:
            write_state(self._session.store, changed(read_state(self._session.store), statement=report.statement))
        return report

    def carry(self, files: Sequence[Path], answers: Path, *, progress: Progress | None = None) -> tuple[Carried, ...]:
        """Hand colleagues' files for headquarters over, and write its answers for them into a folder.

        Raises:
            Refusal: "sync.not_enrolled", "sync.enrol_again", "relay.file_missing", "relay.no_line".
            Trouble: as core.sync.ports.Line; Cancelled. What was handed over before stays so.
        """
        from core.station.relaying import carry_files

        link = self._enrolled()
        with self._line(link.url, link.root_public) as line:
            return carry_files(line, files, answers, progress=progress or Unwatched())

    # From laptop to laptop.

    def own_fingerprint(self) -> str:
        """Return the fingerprint of this station, which the other person compares."""
        return signing.fingerprint(self._session.public)

    def wait_for_peer(
        self, *, told: Told, host: str = "", port: int = PEER_PORT, progress: Progress | None = None
    ) -> PeerMeeting:
        """Wait until a colleague's laptop calls, and return who it is; nothing moved yet.

        Args:
            host: Empty: at every address of this laptop.
            told: Called with the addresses to type at the other laptop.

        Raises:
            Refusal: "sync.not_enrolled", "peer.stranger", "peer.not_active", "peer.impostor", "peer.not_ours".
            Trouble: "peer.cannot_listen", "peer.nobody_came", "peer.broken"; Cancelled.
        """
        from core.station.peers import wait_for

        self._enrolled()
        return wait_for(self._session, self, host, port, told=told, progress=progress or Unwatched())

    def call_peer(self, address: str, *, progress: Progress | None = None) -> PeerMeeting:
        """Call a colleague's laptop that waits, at HOST:PORT as it shows it.

        Raises:
            As wait_for_peer; Refusal "peer.address_unreadable"; Trouble "peer.unreachable".
        """
        from core.station.peers import call

        self._enrolled()
        return call(self._session, self, address, PEER_PORT, progress=progress or Unwatched())

    # What stands behind.

    @cached_property
    def following(self) -> Following:
        """What follows from what came in."""
        return Following(self._session, self.store)

    def _link(self) -> Link | None:
        return read_link(self._session.store)

    def _link_or_refuse(self) -> Link:
        link = self._link()
        if link is None:
            raise Refusal("sync.not_enrolled")
        return link

    def _enrolled(self) -> Link:
        link = self._link_or_refuse()
        if link.device != self._session.device_id:
            raise Refusal("sync.enrol_again")
        return link

    @contextmanager
    def _line(self, url: str, root_public: bytes | None) -> Generator[Line]:
        line = self.connect(url, root_public)
        try:
            yield line
        finally:
            close = getattr(line, "close", None)
            if close is not None:
                close()

    def _over_http(self, url: str, root_public: bytes | None) -> Line:
        from core.station.lines import http_line

        return http_line(url, self._session, root_public)
