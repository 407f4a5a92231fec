"""Pushing into a real store: once, in order, answered by what is held; forks kept; nothing blocks."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa

from core.crypto import signing
from core.domain.shared_state import DeviceStatus
from core.hq import tables as t
from core.hq.directory import set_status
from core.hq.work import SqlWork
from core.kernel.errors import Refusal
from core.sync.digest import NOTHING, added, leaf_value
from core.sync.entries import Entry, decode
from core.sync.push import take_run
from core.sync.runs import check_run
from tests.helpers.headquarters import STREAM, Author, Headquarters


def test_what_was_pushed_is_in_the_log_in_its_authors_order(hq: Headquarters, author: Author) -> None:
    author.answers(5)
    said = hq.push(author)
    assert (said.verdict, said.have, said.head) == ("taken", 5, author.chains[-1])
    # The first entry is headquarters' own, about the device.
    assert hq.log()[1:] == tuple(author.lines)


def test_inv03_a_run_pushed_twice_has_effect_once(hq: Headquarters, author: Author) -> None:
    author.answers(5)
    hq.push(author)
    before = hq.log()
    assert hq.push(author).have == 5
    assert hq.log() == before


def test_f08_an_old_run_that_comes_late_is_skipped(hq: Headquarters, author: Author) -> None:
    author.answers(6)
    hq.push(author, 1, 3)
    hq.push(author)
    late = hq.push(author, 1, 3)
    assert (late.verdict, late.have) == ("taken", 6)
    assert hq.log()[1:] == tuple(author.lines)


def test_inv04_a_run_behind_a_hole_is_a_gap(hq: Headquarters, author: Author) -> None:
    author.answers(6)
    hq.push(author, 1, 2)
    said = hq.push(author, 4, 3)
    assert (said.verdict, said.have, said.head) == ("gap", 2, author.chains[2])
    assert hq.log()[1:] == tuple(author.lines[:2])


def test_f06_a_kill_before_commit_leaves_nothing(hq: Headquarters, author: Author) -> None:
    author.answers(3)
    checked = check_run(author.run(), author.public, signing.verify)

    def killed(work: SqlWork) -> None:
        take_run(work, checked, hq.pen())
        raise _Killed

    with pytest.raises(_Killed):
        hq.store.run(STREAM, killed)
    assert hq.desk.chain(author.device).have == 0
    assert hq.push(author).have == 3


def test_f07_an_answer_lost_after_commit_is_told_again(hq: Headquarters, author: Author) -> None:
    author.answers(3)
    lost = hq.push(author)
    again = hq.push(author)
    assert (again.verdict, again.have, again.head) == (lost.verdict, lost.have, lost.head)


def test_inv05_what_headquarters_says_it_has_another_connection_reads(
    hq: Headquarters, author: Author, database: str
) -> None:
    author.answers(3)
    said = hq.push(author)
    other = Headquarters(database)
    assert other.log()[-3:] == tuple(author.lines[: said.have])
    other.close()


def test_inv13_f15_both_chains_of_a_fork_are_kept_and_the_device_is_told(hq: Headquarters, author: Author) -> None:
    author.answers(2)
    twin = author.copy()
    author.answer(10, note="on the laptop")
    twin.answer(11, note="on its clone")
    hq.push(author)
    said = hq.push(twin, 3)
    assert (said.verdict, said.have, said.head) == ("fork", 3, author.chains[-1])
    assert hq.desk.chain(author.device).status == DeviceStatus.FORKED
    assert hq.desk.chain(author.device).kept == 1
    with hq.store.open_work(STREAM) as work:
        assert work.known([twin.entries[2].id]) == {twin.entries[2].id: twin.lines[2]}


def test_inv18_a_rolled_back_laptop_shadows_nothing(hq: Headquarters, author: Author) -> None:
    author.answers(2)
    old = author.copy()
    author.answers(3)
    hq.push(author)
    before = hq.log()
    old.answer(7)
    assert hq.push(old).verdict == "fork"
    assert hq.log()[: len(before)] == before


def test_a_fork_pushed_again_is_kept_once(hq: Headquarters, author: Author) -> None:
    author.answers(2)
    twin = author.copy()
    author.answer(10)
    twin.answer(11)
    hq.push(author)
    hq.push(twin, 3)
    before = hq.log()
    assert hq.push(twin, 3).verdict == "fork"
    assert hq.log() == before


def test_a_retired_device_hands_over_and_is_flagged(hq: Headquarters, author: Author) -> None:
    hq.store.run(STREAM, lambda work: set_status(work, hq.pen(), author.device, DeviceStatus.RETIRED, reason="left"))
    author.answers(2)
    assert hq.push(author).have == 2
    assert hq.desk.chain(author.device).status == DeviceStatus.RETIRED


def test_inv03_an_id_that_comes_under_another_chain_has_no_effect(hq: Headquarters, author: Author) -> None:
    other = Author("d-2", clock=hq.clock)
    hq.admit(other)
    author.answer(1, identifier="e-1")
    hq.push(author)
    before = hq.store.read.digest(STREAM)
    other.answer(1, identifier="e-1", note="other bytes")
    said = hq.push(other)
    assert said.have == 1
    assert said.quarantined == (("e-1", "id_clash"),)
    after = hq.store.read.digest(STREAM)
    assert (after.leaves, after.families) == (before.leaves, before.families)


def test_inv19_f28_an_unknown_family_is_stored_and_blocks_nothing(hq: Headquarters, author: Author) -> None:
    strange = author.write("dream", "x-1", {"id": "x-1"})
    author.answers(1)
    said = hq.push(author)
    assert said.have == 2
    assert said.quarantined == ((strange.id, "unknown_family"),)
    assert hq.store.read.digest(STREAM).families == {"station_device": 1, "dream": 1, "answer": 1}


def test_inv10_a_station_writes_none_of_headquarters_records(hq: Headquarters, author: Author) -> None:
    author.write("task", "t-1", {"id": "t-1", "kind": "plan", "about": "p-1", "at": "2026-03-17T01:00:00Z"})
    said = hq.push(author)
    assert [why for _, why in said.quarantined] == ["hq_only"]
    with hq.store.open_work(STREAM) as work:
        assert work.find("task", "t-1") is None


def test_a_foreign_stream_is_refused(hq: Headquarters, author: Author) -> None:
    author.answers(1)
    author.stream = "org/999999"
    with pytest.raises(Refusal) as refused:
        hq.push(author)
    assert refused.value.code == "sync.stream_foreign"


def test_an_unknown_device_is_refused(hq: Headquarters) -> None:
    stranger = Author("d-9")
    stranger.answers(1)
    with pytest.raises(Refusal) as refused:
        hq.push(stranger)
    assert refused.value.code == "sync.device_unknown"


def test_inv09_leaves_are_what_no_other_entry_names(hq: Headquarters, author: Author) -> None:
    first = author.answer(1)
    second = author.answer(1, parents=(first.id,))
    third = author.answer(1, parents=(first.id,))
    hq.push(author)
    assert _answer_leaves(hq) == {second.id, third.id}
    both = author.answer(1, parents=(second.id, third.id))
    hq.push(author)
    assert _answer_leaves(hq) == {both.id}
    assert hq.leaves() == _digest_of(hq, both)


def test_an_entry_that_overtakes_its_parent_leaves_one_leaf(hq: Headquarters, author: Author) -> None:
    other = Author("d-2", clock=hq.clock)
    hq.admit(other)
    base = author.answer(1)
    edit = other.answer(1, parents=(base.id,))
    hq.push(other)
    hq.push(author)
    assert _answer_leaves(hq) == {edit.id}
    assert hq.leaves() == _digest_of(hq, edit)


def test_a_parent_named_for_another_entity_stays_a_leaf(hq: Headquarters, author: Author) -> None:
    base = author.answer(1)
    hq.push(author)
    stranger = author.answer(2, parents=(base.id,))
    itself = author.answer(3, identifier="e-3", parents=("e-3",))
    hq.push(author)
    assert _answer_leaves(hq) == {base.id, stranger.id, itself.id}
    assert hq.leaves() == _digest_of(hq, base, stranger, itself)


def test_inv23_equal_entries_in_another_order_have_equal_leaves(hq: Headquarters, author: Author) -> None:
    entries = author.answers(4)
    author.answer(0, parents=(entries[0].id,))
    hq.push(author)
    assert hq.leaves() == _digest_of(hq, *author.entries[1:])


def test_blobs_that_entries_name_are_counted(hq: Headquarters, author: Author) -> None:
    picture, missing = b"a picture", hashlib.sha256(b"not here").hexdigest()
    name = hashlib.sha256(picture).hexdigest()
    author.answer(1, blobs=(name, missing, "no address"))
    hq.push(author)
    hq.desk.put_part(author.device, name, 0, picture)
    hq.desk.complete(author.device, name, len(picture))
    counted = hq.desk.digest(author.device, (STREAM,)).blobs
    assert (counted.named, counted.here, counted.here_bytes) == (2, 1, len(picture))
    assert counted.awaited == (missing,)
    assert hq.desk.blob(author.device, name, start=2, limit=3) == b"pic"


def _digest_of(hq: Headquarters, *leaves: Entry) -> bytes:
    """Return the digest of these leaves and of what headquarters wrote."""
    told = [entry for entry in map(decode, hq.log()) if entry.fam == "station_device"]
    return added(NOTHING, sum(leaf_value(entry.fam, entry.ent, entry.id) for entry in (*told, *leaves)))


class _Killed(Exception):
    """The process ends here."""


def _answer_leaves(hq: Headquarters) -> set[str]:
    with hq.store.engines.reader.begin() as connection:
        log, named = t.change_log, t.named_parent
        both = (named.c.change_id == log.c.change_id) & (named.c.fam == log.c.fam) & (named.c.ent == log.c.ent)
        query = sa.select(log.c.change_id).where(log.c.fam == "answer", ~sa.exists().where(both))
        return set(connection.execute(query).scalars())
