"""One sync session of a station, over any line: records out, records in, what others lost, media, the statement.

Idempotent and restartable at every step: a session that was cut is simply begun again. Source: sync.md 3.6, 3.11.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from core.kernel.progress import Progress
from core.kernel.records import Record
from core.sync.blobs import BlobSource, Sent, send_blobs
from core.sync.ports import Line, StationStore
from core.sync.pull import Pulled, Witnessed, pull_all, witness
from core.sync.push import Pushed, push_chain
from core.sync.runs import Verify
from core.sync.statement import Statement, statement
from core.sync.streams import Reset
from core.sync.wire import ChainAnswer

ROUNDS_MAX = 4
"""Rounds of pulling before the statement is made as it stands: others may be writing all the while."""

_CLOSED = frozenset({"retired", "lost"})
"""What headquarters calls a device that may only hand over."""

State = Literal["even", "forked", "behind", "retired", "lost"]


class SessionReport(Record):
    """What a session came to. `statement` is None where headquarters gives a retired device nothing to compare."""

    state: State
    pushed: tuple[Pushed, ...]
    pulled: Pulled
    witnessed: Witnessed
    media: Sent
    chain: ChainAnswer
    """What headquarters said of the living chain: at the beginning, or at the end where the device is closed."""
    statement: Statement | None = None

    @property
    def quarantined(self) -> tuple[tuple[str, str], ...]:
        """Entry id and reason of what headquarters put before a person."""
        return tuple(one for pushed in self.pushed for one in pushed.quarantined)


def run_session(
    store: StationStore,
    source: BlobSource,
    line: Line,
    verify: Verify,
    *,
    now: Callable[[], datetime],
    progress: Progress,
) -> SessionReport:
    """Bring this station and headquarters even, as far as the line carries.

    Args:
        now: The station's clock, UTC; only the statement's date comes from it.
        progress: Told what is going on; may raise Cancelled between any two steps, what was done stays done.

    Raises:
        Trouble, Refusal: as core.sync.ports.Line and core.sync.pull.pull_all; everything before it is kept.
    """
    answers = [line.chain(device) for device in store.own_devices()]
    pulled, witnessed = Pulled(), Witnessed()
    chain = answers[-1]
    is_closed = chain.status in _CLOSED
    # What headquarters had answered must be back before what it answers to is sent again: one outcome a command.
    if is_closed:
        witnessed = _offer_all(store, line, chain.epoch, progress)
    elif _has_gone_back(store, answers):
        pulled, witnessed = _pull_even(store, line, verify, progress)
    pushed = _push_all(store, line, answers, progress)
    state = _state(pushed, chain)
    if is_closed:
        # It may hand over its chain, and what only it holds of others; it receives nothing.
        witnessed = witness(store, line, watch=lambda entries: progress.step(entries, None, "witness"))
        media = send_blobs(store, source, line, watch=lambda blobs, _: progress.step(blobs, None, "media"))
        chain = line.chain(store.own_devices()[-1])
        return SessionReport(
            state=state, pushed=pushed, pulled=pulled, witnessed=witnessed, media=media, chain=chain, statement=None
        )
    more, offered = _pull_even(store, line, verify, progress)
    pulled, witnessed = pulled.plus(more), witnessed.plus(offered)
    media = send_blobs(store, source, line, watch=lambda blobs, _: progress.step(blobs, None, "media"))
    pulled, said = _stated(store, line, verify, pulled, now, progress)
    return SessionReport(
        state=state,
        pushed=pushed,
        pulled=pulled,
        witnessed=witnessed,
        media=media,
        chain=chain,
        statement=said,
    )


def _has_gone_back(store: StationStore, answers: Sequence[ChainAnswer]) -> bool:
    """Tell whether headquarters holds less than it once said, or is of another lineage than what was read of it."""
    epochs = {cursor.epoch for cursor in store.cursors() if cursor.epoch}
    is_other = any(answer.epoch and epochs - {answer.epoch} for answer in answers)
    return is_other or any(answer.have < store.confirmed(answer.device) for answer in answers)


def _push_all(
    store: StationStore, line: Line, answers: Sequence[ChainAnswer], progress: Progress
) -> tuple[Pushed, ...]:
    """Push every chain that this station wrote, the oldest first."""
    return tuple(
        push_chain(
            store, line, answer.device, answer, watch=lambda sent: progress.step(sent, store.unconfirmed(), "push")
        )
        for answer in answers
    )


def _state(pushed: tuple[Pushed, ...], chain: ChainAnswer) -> State:
    if chain.status in _CLOSED:
        return "lost" if chain.status == "lost" else "retired"
    return pushed[-1].state


def _pull_even(store: StationStore, line: Line, verify: Verify, progress: Progress) -> tuple[Pulled, Witnessed]:
    """Pull, hand back what headquarters lost, and pull what that brought about."""
    pulled = pull_all(store, line, verify, watch=lambda entries: progress.step(entries, None, "pull"))
    witnessed = witness(store, line, watch=lambda entries: progress.step(entries, None, "witness"))
    if witnessed.entries:
        more = pull_all(store, line, verify, watch=lambda entries: progress.step(entries, None, "pull"))
        pulled = pulled.plus(more)
    for run in witnessed.beside:
        store.note_beside(run)
    return pulled, witnessed


def _offer_all(store: StationStore, line: Line, epoch: str, progress: Progress) -> Witnessed:
    """Hand over what only this disk may hold of others (invariant 17).

    A closed device is told nothing of what a restored headquarters lost, so in every new lineage it offers all, once.
    """
    for cursor in store.cursors():
        if epoch and cursor.epoch not in ("", epoch):
            store.restart_stream(Reset(stream=cursor.stream, epoch=epoch, why="epoch"))
    return witness(store, line, watch=lambda entries: progress.step(entries, None, "witness"))


def _stated(
    store: StationStore,
    line: Line,
    verify: Verify,
    pulled: Pulled,
    now: Callable[[], datetime],
    progress: Progress,
) -> tuple[Pulled, Statement]:
    said = statement(store, line, at=now())
    for _ in range(ROUNDS_MAX):
        if not any(one.what in ("position", "epoch") for one in said.differences):
            break
        # Somebody else's work came in meanwhile: equal positions are needed before anything can be compared.
        pulled = pulled.plus(pull_all(store, line, verify, watch=lambda entries: progress.step(entries, None, "pull")))
        said = statement(store, line, at=now())
    return pulled, said
