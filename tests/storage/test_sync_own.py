"""Own chains as sync reads them: sealed runs, what headquarters holds of them, media, and how far was read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.crypto import signing
from core.domain.evidence import Evidence
from core.sync.digest import added, leaf_value
from core.sync.entries import CHAIN_START, decode
from core.sync.push import push_chain
from core.sync.runs import Run, check_run
from core.sync.streams import Reset
from core.sync.wire import ChainAnswer, PushAnswer
from tests.helpers.builders import evidence
from tests.helpers.stores import new_chain, opener, write_answers
from tests.helpers.synced import Synced, writes
from tests.sync.chains import STREAM, Author


@pytest.fixture
def synced(tmp_path: Path) -> Synced:
    return Synced(tmp_path)


def test_inv02_what_headquarters_lost_again_is_unconfirmed_again(synced: Synced) -> None:
    write_answers(synced.store, 4)
    assert synced.sync.confirm(synced.device, 3, durable=2, epoch="a") == 1
    assert (synced.sync.confirmed(synced.device), synced.sync.durable(synced.device)) == (3, 2)
    assert synced.sync.confirm(synced.device, 1, durable=1, epoch="a") == 3
    assert (synced.sync.unconfirmed(), synced.store.head().n) == (3, 4)


def test_inv17_the_word_of_another_lineage_marks_nothing(synced: Synced) -> None:
    write_answers(synced.store, 3)
    assert synced.sync.confirm(synced.device, 2, durable=2, epoch="a") == 1
    # Acknowledged before anything was read: whose word it was is known all the same.
    assert synced.sync.cursors()[0].epoch == "a"
    assert synced.sync.confirm(synced.device, 3, durable=3, epoch="b") == 1
    assert (synced.sync.confirmed(synced.device), synced.sync.durable(synced.device)) == (2, 2)
    synced.sync.restart_stream(Reset(stream=STREAM, epoch="b", why="epoch"))
    assert (synced.sync.confirmed(synced.device), synced.sync.unconfirmed()) == (0, 3)
    assert synced.sync.durable(synced.device) == 0


def test_inv23_an_old_word_does_not_undo_what_was_read_in_the_stream(synced: Synced) -> None:
    write_answers(synced.store, 2)
    synced.take(synced.own_run())
    assert synced.sync.confirm(synced.device, 0, durable=0, epoch="e-1") == 0
    before = synced.sync.digest(STREAM)
    author = Author("d-2")
    synced.introduce(author)
    own = decode(synced.own_run().lines[1])
    writes(author, 1, parents=(own.id,))
    synced.take(author.run())
    # The answer that was changed is no leaf any more, so one leaf came for one that went.
    colleague, told = decode(author.lines[0]), decode(synced.hq.lines[0])
    moved = sum(leaf_value(one.fam, one.ent, one.id) for one in (colleague, told)) - leaf_value(
        own.fam, own.ent, own.id
    )
    assert synced.sync.digest(STREAM).leaves == added(before.leaves, moved)


def test_a_past_chain_is_offered_in_runs_that_end_at_its_old_seals(synced: Synced) -> None:
    write_answers(synced.store, 5)
    past = synced.device
    new_chain(synced.store)
    write_answers(synced.store, 1)
    assert synced.sync.own_devices() == (past, synced.device)
    first = synced.sync.own_run(past, 1, entries_max=2, bytes_max=1 << 20)
    assert first is not None
    assert (first.header.count, first.header.prev) == (2, CHAIN_START)
    public = synced.sync.public_of(past)
    assert public is not None
    assert check_run(first, public, signing.verify).entries[1].n == 2
    rest = synced.sync.own_run(past, 3, entries_max=500, bytes_max=1 << 20)
    assert rest is not None
    assert check_run(rest, public, signing.verify).header.last == 5
    assert synced.sync.own_run(past, 6, entries_max=500, bytes_max=1 << 20) is None


def test_a_run_is_cut_by_entries_and_by_bytes_and_always_has_one(synced: Synced) -> None:
    write_answers(synced.store, 5)
    by_bytes = synced.sync.own_run(synced.device, 2, entries_max=500, bytes_max=1)
    by_count = synced.sync.own_run(synced.device, 2, entries_max=3, bytes_max=1 << 20)
    assert by_bytes is not None
    assert by_count is not None
    assert (by_bytes.header.count, by_count.header.count) == (1, 3)
    public = synced.sync.public_of(synced.device)
    assert public is not None
    assert check_run(by_count, public, signing.verify).header.stream == STREAM


def test_an_entry_tells_how_far_headquarters_order_was_read(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    write_answers(synced.store, 1)
    cursor = synced.sync.cursors()[0]
    assert decode(synced.own_run().lines[-1]).seen == f"{STREAM}@1#{cursor.head.hex()[:16]}"


def test_media_of_own_entries_wait_smallest_first_until_they_are_stored(synced: Synced) -> None:
    with opener(synced.store)() as work:
        for name in ("ccc", "aa", "b"):
            work.table(Evidence).put(evidence(name))
    assert synced.sync.blobs_waiting(limit=2) == ("b", "aa")
    synced.sync.blob_stored("b")
    count = synced.sync.blob_count()
    assert (count.named, count.here, count.here_bytes, count.awaited) == (3, 1, 1, ("aa", "ccc"))


def test_bundles_are_counted_to_and_from_each(synced: Synced) -> None:
    assert (synced.sync.next_bundle("hq"), synced.sync.next_bundle("hq"), synced.sync.next_bundle("d-2")) == (1, 2, 1)
    synced.sync.note_bundle("d-2", 7, {"d-3": 4})
    assert (synced.sync.newest_bundle("d-2"), synced.sync.tails_known_to("d-2")) == (7, {"d-3": 4})
    assert (synced.sync.newest_bundle("hq"), synced.sync.tails_known_to("hq")) == (0, {})


class Keeping:
    """A line to a headquarters whose chain parted from ours: it keeps what comes beside it."""

    def __init__(self) -> None:
        self.kept: list[Run] = []

    def push(self, run: Run) -> PushAnswer:
        self.kept.append(run)
        return PushAnswer(verdict="fork", have=2, head=bytes(32))


def test_f15_of_a_chain_that_parted_everything_unconfirmed_is_handed_over(synced: Synced) -> None:
    write_answers(synced.store, 2)
    line: Any = Keeping()
    answer = ChainAnswer(device=synced.device, have=2, head=bytes(32))
    pushed = push_chain(synced.sync, line, synced.device, answer, watch=lambda _: None)
    assert (pushed.state, pushed.sent) == ("forked", 2)
    assert [run.lines for run in line.kept] == [synced.own_run().lines]
    assert synced.sync.unconfirmed() == 2
