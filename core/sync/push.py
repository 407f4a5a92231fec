"""Pushing a chain: what the station sends, and what headquarters does with it in one transaction.

Headquarters' answer is a statement of what it holds, not an acknowledgement: the station asks anew at every session and
goes back when headquarters has gone back. Source: sync.md 3.6, 3.7; invariants 1 to 5, 13, 16 to 18.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from core.domain.shared_state import KeptEntry
from core.kernel.errors import Cancelled, Fault, Refusal
from core.kernel.records import Record, from_plain
from core.sync import commands
from core.sync.entries import Entry, decode
from core.sync.hq_pen import KEPT, Draft, HqPen
from core.sync.judge import GOOD, ID_CLASH, judge
from core.sync.ports import DeviceHead, HqWork, Line, LogRow, StationStore
from core.sync.runs import ENTRIES_MAX, RAW_BYTES_MAX, CheckedRun, Run, RunHeader, cut_front
from core.sync.streams import is_hq, stream_heads
from core.sync.wire import ChainAnswer, PushAnswer

REWINDS_MAX = 3
"""How often headquarters may go back within one session before its answers are called senseless."""
RUNS_A_MARK = 8
"""Runs that are sent before what was taken is marked."""

Watch = Callable[[int], None]
Standing = Literal["even", "forked", "behind"]


class Pushed(Record):
    """What pushing one chain came to."""

    device: str
    sent: int
    left: int
    state: Standing
    """even: headquarters holds the whole chain; forked: the chains parted, the station must enrol again; behind:
    headquarters holds more of this chain than this disk does: it is an old copy."""
    quarantined: tuple[tuple[str, str], ...] = ()


# The station's half.


def push_chain(store: StationStore, line: Line, device: str, answer: ChainAnswer, *, watch: Watch) -> Pushed:
    """Send what headquarters lacks of one own chain, in order, until it lacks nothing.

    Args:
        answer: Headquarters' view of the chain, read in this session.
        watch: Told after every run how many entries were sent; may raise Cancelled, what was sent stays sent.

    Raises:
        Trouble: as core.sync.ports.Line; entries that were taken are marked.
    """
    state = _standing(store, device, answer.have, answer.head)
    if state != "even":
        return _hand_over(store, line, device, state, watch)
    store.confirm(device, answer.have, durable=answer.durable, epoch=answer.epoch)
    sender = _Sender(store, line, device, answer)
    try:
        sender.send_all(watch)
    except (Fault, Cancelled):
        sender.mark()
        raise
    left = sender.mark()
    if sender.state != "even":
        return _hand_over(store, line, device, sender.state, watch)
    return Pushed(device=device, sent=sender.sent, left=left, state="even", quarantined=tuple(sender.quarantined))


class _Sender:
    """Sends the runs of one chain, one behind the other, and marks now and then what was taken.

    A mark is a durable write: one for each run would cost as much as the run. What a crash leaves unmarked,
    headquarters' first answer of the next session marks.
    """

    def __init__(self, store: StationStore, line: Line, device: str, answer: ChainAnswer) -> None:
        self._store, self._line, self._device = store, line, device
        self._have, self._durable, self._epoch = answer.have, answer.durable, answer.epoch
        self._rewinds = self._unmarked = 0
        self.sent = 0
        self.state: Standing = "even"
        self.quarantined: list[tuple[str, str]] = []

    def send_all(self, watch: Watch) -> None:
        """Send until headquarters lacks nothing, or says that the chains are not even."""
        while self.state == "even" and (run := self._next()) is not None:
            self._take(run, self._line.push(run))
            watch(self.sent)

    def mark(self) -> int:
        """Mark what was taken; return how many entries headquarters lacks."""
        self._unmarked = 0
        return self._store.confirm(self._device, self._have, durable=self._durable, epoch=self._epoch)

    def _next(self) -> Run | None:
        if self._unmarked >= RUNS_A_MARK:
            self.mark()
        return self._store.own_run(self._device, self._have + 1, entries_max=ENTRIES_MAX, bytes_max=RAW_BYTES_MAX)

    def _take(self, run: Run, said: PushAnswer) -> None:
        self.quarantined += said.quarantined
        self.state = "forked" if said.verdict == "fork" else self._standing(run.header, said)
        if self.state != "even":
            return
        self._rewinds += said.have <= self._have
        if self._rewinds > REWINDS_MAX or (said.verdict == "taken" and said.have <= self._have):
            # It does not keep its own word; going on would go on for ever.
            raise Refusal("sync.answer_senseless", what=said.verdict)
        self.sent += max(0, said.have - self._have)
        self._have, self._durable, self._epoch = said.have, said.durable, said.epoch
        self._unmarked += 1

    def _standing(self, sent: RunHeader, said: PushAnswer) -> Standing:
        if said.have == sent.last and said.head == sent.head:
            # The usual answer: the end of the very run that was sent.
            return "even"
        return _standing(self._store, self._device, said.have, said.head)


def _hand_over(store: StationStore, line: Line, device: str, state: Standing, watch: Watch) -> Pushed:
    """Send what is not known to be there of a chain that headquarters' one parted from, or that this disk is behind of.

    Headquarters keeps it beside the chain and takes in what it does not know; nothing that was sealed stays here only
    because a disk was copied or put back (F15, invariants 13 and 18).
    """
    first, sent = store.confirmed(device) + 1, 0
    quarantined: list[tuple[str, str]] = []
    while (run := store.own_run(device, first, entries_max=ENTRIES_MAX, bytes_max=RAW_BYTES_MAX)) is not None:
        said = line.push(run)
        if said.verdict == "gap":
            if first == 1:
                raise Refusal("sync.answer_senseless", what="gap")
            # It has less than it once said: from the start, what it knows it passes over.
            first = 1
            continue
        quarantined += said.quarantined
        sent += run.header.count
        first = run.header.last + 1
        watch(sent)
    return Pushed(device=device, sent=sent, left=store.unconfirmed(), state=state, quarantined=tuple(quarantined))


def _standing(store: StationStore, device: str, have: int, head: bytes) -> Standing:
    own = store.chain_at(device, have)
    if own is None:
        return "behind"
    return "even" if own == head else "forked"


# Headquarters' half.


def take_run(work: HqWork, run: CheckedRun, pen: HqPen) -> PushAnswer:
    """Take in one run, in the caller's transaction; the run was checked against its device's key.

    A run that a device other than its author brings is taken the same way: it is authorised by its seal alone, and so
    comes back what headquarters lost (sync.md F14).

    Raises:
        Refusal: "sync.stream_foreign", params device, stream: no seal covers the stream that a header names, and a run
            that names another one would stop everybody who reads this one; "sync.device_unknown", params device.
    """
    if run.header.stream != work.stream:
        raise Refusal("sync.stream_foreign", device=run.header.device, stream=run.header.stream)
    device = work.lock_device(run.header.device)
    if device is None:
        raise Refusal("sync.device_unknown", device=run.header.device)
    if run.header.first > device.n + 1:
        return _answer(work, device, "gap")
    known = min(device.n - run.header.first + 1, run.header.count)
    parts = _has_parted(work, run, device, known)
    if parts:
        return _take_fork(work, run, pen)
    if known == run.header.count:
        return _answer(work, device, "taken")
    return _append(work, cut_front(run, known) if known else run, pen)


def _has_parted(work: HqWork, run: CheckedRun, device: DeviceHead, known: int) -> bool:
    if not known:
        return run.header.prev != device.chain
    if run.header.last >= device.n:
        return run.chains[known - 1] != device.chain
    held = work.lines(run.header.device, run.header.first, run.header.last)
    # Equal lines behind a different past have another chain value; the last one held settles that.
    return held != run.lines


def _append(work: HqWork, run: CheckedRun, pen: HqPen) -> PushAnswer:
    rows, quarantined = _rows(work, run)
    work.append(run.header, rows, first_seq=rows[0].seq)
    for row in rows:
        if row.effect and row.verdict == GOOD:
            _obey(work, row.device, row.entry, pen)
    device = work.lock_device(run.header.device)
    assert device is not None
    return _answer(work, device, "taken", tuple(quarantined))


def _rows(work: HqWork, run: CheckedRun) -> tuple[list[LogRow], list[tuple[str, str]]]:
    by_hq = is_hq(run.header.device)
    # Judged before the stream is locked: others wait for that lock.
    verdicts = [judge(entry, by_hq=by_hq) for entry in run.entries]
    stream = work.lock_stream()
    # Asked under the lock: another chain may be bringing the same ids at this moment.
    known = work.known([entry.id for entry in run.entries])
    heads = stream_heads(stream.head, stream.seq + 1, run.header.device, run.header.first, run.lines)
    rows: list[LogRow] = []
    quarantined: list[tuple[str, str]] = []
    for at, (entry, line) in enumerate(zip(run.entries, run.lines, strict=True)):
        before = known.get(entry.id)
        verdict = verdicts[at]
        if before is not None and before != line:
            verdict = ID_CLASH
        if verdict != GOOD:
            quarantined.append((entry.id, verdict))
        rows.append(
            LogRow(
                seq=stream.seq + 1 + at,
                device=run.header.device,
                n=entry.n,
                line=line,
                stream_head=heads[at],
                entry=entry,
                effect=before is None,
                verdict=verdict,
            )
        )
        known.setdefault(entry.id, line)
    return rows, quarantined


def _obey(work: HqWork, device: str, entry: Entry, pen: HqPen) -> None:
    """Answer the command that has become effective; one after the other, for it may build on the one before."""
    if entry.fam == KEPT:
        # A lost entry of headquarters' own that brings back a command whose answer may be lost for good.
        kept = from_plain(KeptEntry, entry.body)
        device, entry = kept.device, decode(kept.line.encode())
    if entry.fam == commands.FAMILY and judge(entry, by_hq=is_hq(device)) == GOOD:
        pen.write(work, commands.answer(work, device, entry, now=pen.now()))


def _take_fork(work: HqWork, run: CheckedRun, pen: HqPen) -> PushAnswer:
    """Keep both: the run beside the chain, and each unknown entry through an entry of headquarters' own.

    Headquarters' own chain parts too, when it wrote on after a restore and a station brings what it had written before.
    """
    work.lock_stream()
    work.keep_fork(run)
    by_hq = is_hq(run.header.device)
    for entry, line in zip(run.entries, run.lines, strict=True):
        carrier = _lost(work, run, entry, line, pen) if by_hq else pen.kept(run.header, entry, line)
        if carrier is not None and not work.known([str(carrier.body["id"])]):
            for written in pen.write(work, (carrier,)):
                _obey(work, run.header.device, written, pen)
    device = work.lock_device(run.header.device)
    assert device is not None
    return _answer(work, device, "fork")


def _lost(work: HqWork, run: CheckedRun, entry: Entry, line: bytes, pen: HqPen) -> Draft | None:
    """Return what brings back an entry that headquarters wrote before it was restored, or None where it is passed.

    What it decided anew since then stands: there is one outcome a command, and one way a task went.
    """
    if judge(entry, by_hq=True) != GOOD or _is_decided_anew(work, entry):
        return None
    return Draft(family=KEPT, body=entry.body) if entry.fam == KEPT else pen.kept(run.header, entry, line)


def _is_decided_anew(work: HqWork, lost: Entry) -> bool:
    """Tell whether headquarters has decided since what a lost entry of its own says, or the one carried inside it."""
    if lost.fam == KEPT:
        kept = from_plain(KeptEntry, lost.body)
        inner = decode(kept.line.encode())
        return is_hq(kept.device) and judge(inner, by_hq=True) == GOOD and _is_decided_anew(work, inner)
    found = work.find(lost.fam, lost.ent)
    return found is not None and found.entry not in lost.parents


def _answer(
    work: HqWork, device: DeviceHead, verdict: str, quarantined: tuple[tuple[str, str], ...] = ()
) -> PushAnswer:
    stream = work.lock_stream()
    return PushAnswer(
        verdict=verdict,
        have=device.n,
        head=device.chain,
        stream_seq=stream.seq,
        durable=device.durable,
        epoch=stream.epoch,
        quarantined=quarantined,
    )
