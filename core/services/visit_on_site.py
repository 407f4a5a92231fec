"""A visit on site: arrive, scan or a lawful way without, identify, tell rights, begin. Source: domain.md 1.5, 1.6."""

from __future__ import annotations

from datetime import datetime

from core.domain import moves
from core.domain.codes import read_code
from core.domain.duties import approval_due_at, late_scan_due_at
from core.domain.gate_lines import Stage
from core.domain.visits import (
    EntryPath,
    OralReport,
    PersonMet,
    RecusalDecision,
    Refused,
    Scan,
    Visit,
)
from core.kernel.changes import Done
from core.services.visit_moves import VisitMoves


class VisitOnSite(VisitMoves):
    """Use cases at the enterprise."""

    def arrive(self, visit_id: str) -> Done[Visit]:
        """The officers are at the door; the gates are judged again.  Raises Refusal "gates.blocked", "gates.reason"."""
        return self._move(visit_id, lambda visit, at: moves.arrive(visit, at=at), stage=Stage.ENTRY)

    def scan(self, visit_id: str, raw: str, source: str, *, clock_trust: str = "device") -> Done[Visit]:
        """Take the text of a code, exactly as it came; whose it is, the gates say.

        Args:
            source: camera, wedge, image, clipboard, drop, screen or typed.
        """
        return self._move(
            visit_id, lambda visit, at: moves.scan(visit, self._read(raw, source, clock_trust, at), at=at)
        )

    def late_scan(self, visit_id: str, raw: str, source: str, *, clock_trust: str = "device") -> Done[Visit]:
        """Make good a scan that is owed; it stays marked as late."""
        return self._move(
            visit_id,
            lambda visit, at: moves.register_late_scan(visit, self._read(raw, source, clock_trust, at), at=at),
        )

    def _read(self, raw: str, source: str, clock_trust: str, at: datetime) -> Scan:
        code = read_code(raw, provincial=self._provincial)
        return Scan(
            raw=raw,
            kind=code.kind.value,
            uscc=code.uscc or "",
            uscc_valid=code.valid,
            scanned_at=at,
            clock_trust=clock_trust,
            source=source,
            officer=self._account.officer,
        )

    def no_code(self, visit_id: str, *, reason_code: str, note: str = "") -> Done[Visit]:
        """The enterprise shows no code: go on by licence or name, with the reason."""
        by = self._account.officer
        return self._move(
            visit_id,
            lambda visit, at: moves.declare_no_code(visit, reason_code=reason_code, note=note, by=by, at=at),
        )

    def scan_later(self, visit_id: str, *, path: EntryPath, reason_code: str, note: str = "") -> Done[Visit]:
        """Go in without a scan: an emergency, or the network or system fails. The scan is owed."""

        def move(visit: Visit, at: datetime) -> Visit:
            due_at = late_scan_due_at(path, at, self._settings)
            by = self._account.officer
            return moves.declare_late_scan(
                visit, path=path, reason_code=reason_code, note=note, by=by, at=at, due_at=due_at
            )

        return self._move(visit_id, move)

    def network_down(self, visit_id: str, *, reason_code: str, note: str = "") -> Done[Visit]:
        """The code was read here but could not be uploaded; the upload is owed."""

        def move(visit: Visit, at: datetime) -> Visit:
            due_at = late_scan_due_at(EntryPath.NETWORK_DOWN, at, self._settings)
            assert due_at is not None, "a network failure always has a make-good clock"
            return moves.declare_network_down(visit, reason_code=reason_code, note=note, at=at, due_at=due_at)

        return self._move(visit_id, move)

    def uploaded(self, visit_id: str) -> Done[Visit]:
        """The registration of the scan reached the other side: the upload that was owed is made good."""
        return self._move(visit_id, lambda visit, at: moves.make_good_upload(visit, at=at))

    def identify(self, visit_id: str, person: PersonMet) -> Done[Visit]:
        """Note whom the officers met."""
        return self._move(visit_id, lambda visit, at: moves.identify(visit, person, at=at))

    def tell_rights(self, visit_id: str, *, recusal_asked: bool, recusal_officers: tuple[str, ...] = ()) -> Done[Visit]:
        """The rights were told; whether somebody is asked to step aside."""
        return self._move(
            visit_id,
            lambda visit, at: moves.tell_rights(
                visit, recusal_asked=recusal_asked, recusal_officers=recusal_officers, at=at
            ),
        )

    def decide_recusal(self, visit_id: str, decision: RecusalDecision) -> Done[Visit]:
        """Note the head's decision on a request for recusal."""
        return self._move(visit_id, lambda visit, at: moves.decide_recusal(visit, decision, at=at))

    def replace_officers(
        self, visit_id: str, officers: tuple[str, ...], *, leader: str, reason_code: str, note: str = ""
    ) -> Done[Visit]:
        """Change who inspects, on site, after telling a leader; the written approval for them is owed."""

        def move(visit: Visit, at: datetime) -> Visit:
            report = OralReport(leader=leader, told_at=at, reason_code=reason_code, note=note)
            due_at = approval_due_at(at, self._settings)
            return moves.replace_officers(visit, officers, report, by=self._account.officer, at=at, due_at=due_at)

        return self._move(visit_id, move)

    def begin(self, visit_id: str) -> Done[Visit]:
        """Begin to inspect; the gates are judged again, now with the code."""
        return self._move(visit_id, lambda visit, at: moves.begin(visit, at=at), stage=Stage.BEGIN)

    def refuse(self, visit_id: str, *, reason_code: str, is_justified: bool, note: str = "") -> Done[Visit]:
        """The enterprise refuses."""
        return self._move(
            visit_id,
            lambda visit, at: moves.refuse(
                visit, Refused(reason_code=reason_code, is_justified=is_justified, note=note, at=at), at=at
            ),
        )

    def resume(self, visit_id: str, *, note: str) -> Done[Visit]:
        """Go on after a refusal whose ground is gone."""
        return self._move(visit_id, lambda visit, at: moves.resume(visit, note=note, at=at))

    def abort(self, visit_id: str, *, reason: str) -> Done[Visit]:
        """Give the visit up before its record."""
        return self._move(visit_id, lambda visit, at: moves.abort(visit, reason=reason, at=at))
