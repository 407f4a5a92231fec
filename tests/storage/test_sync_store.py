"""The station's half of sync: entries of others are kept, projected and counted; the cursor moves with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.crypto import signing
from core.domain import families
from core.domain.checklists import Answer, Verdict
from core.domain.shared_state import KeptEntry, Task
from core.kernel.errors import Refusal
from core.kernel.records import changed, to_plain
from core.storage.engine import writer_engine
from core.storage.foreign_chain import HQ_PUBLIC, HQ_PUBLIC_PAST
from core.sync.digest import NOTHING, added, leaf_value
from core.sync.entries import decode
from core.sync.pull import checked_runs
from core.sync.runs import check_run
from core.sync.streams import Reset, hq_device
from tests.helpers.stores import KEY, NOW, answer, new_chain, opener, write_answers
from tests.helpers.synced import Synced, answers_of, told, writes
from tests.sync.chains import STREAM, Author, page


@pytest.fixture
def synced(tmp_path: Path) -> Synced:
    return Synced(tmp_path)


def intact(synced: Synced) -> bool:
    report = synced.store.verify_log(check=signing.verify)
    assert report.bad == ()
    return synced.store.differing_rows() == ()


def test_what_a_colleague_wrote_is_shown_and_the_cursor_stands_behind_it(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    writes(author, 1, note="一")
    applied = synced.take(author.run())
    assert (applied.entries, applied.touched) == (1, (("answer", "a-1"),))
    assert answers_of(synced.store)["a-1"].note == "一"
    assert synced.sync.cursors()[0].seq == 2
    assert intact(synced)


def test_inv07_a_page_that_does_not_follow_changes_nothing(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    writes(author, 1)
    page = synced.next_page(author.run())
    run = check_run(author.run(), author.public, signing.verify)
    synced.sync.apply_page(page, (run,))
    before = synced.sync.digest(STREAM)
    with pytest.raises(Refusal) as refusal:
        synced.sync.apply_page(page, (run,))
    assert refusal.value.code == "sync.page_damaged"
    assert synced.sync.digest(STREAM) == before


def test_a_run_that_does_not_follow_its_author_is_refused_whole(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    for number in range(3):
        writes(author, number)
    with pytest.raises(Refusal) as refusal:
        synced.take(author.run(2))
    assert (refusal.value.code, refusal.value.params["why"]) == ("sync.page_damaged", "chain")
    assert answers_of(synced.store) == {}


def test_own_entries_that_come_back_are_confirmed_and_not_kept_twice(synced: Synced) -> None:
    write_answers(synced.store, 3)
    applied = synced.take(synced.own_run())
    assert (applied.own_confirmed, applied.touched, synced.sync.unconfirmed()) == (3, (), 0)
    assert intact(synced)
    assert synced.store.verify_log(check=signing.verify).foreign == 0


def test_inv09_two_values_of_one_field_stand_side_by_side(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    base = writes(author, 1)
    synced.take(author.run())
    writes(author, 1, parents=(base,), verdict="fail")
    with opener(synced.store)() as work:
        work.table(Answer).put(answer(1, verdict=Verdict.NOT_APPLICABLE))
    applied = synced.take(author.run(2))
    assert (applied.clashes, synced.sync.clash_count()) == (1, 1)
    assert intact(synced)


def test_changes_to_different_fields_are_one_record_without_a_clash(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    base = writes(author, 1)
    synced.take(author.run())
    writes(author, 1, parents=(base,), verdict="fail")
    with opener(synced.store)() as work:
        work.table(Answer).put(changed(work.table(Answer).get("a-1"), note="渗水"))
    synced.take(author.run(2))
    shown = answers_of(synced.store)["a-1"]
    assert (shown.verdict, shown.note, synced.sync.clash_count()) == (Verdict.FAIL, "渗水", 0)
    with opener(synced.store)() as work:
        work.table(Answer).put(answer(1))
    assert len(decode(synced.own_run().lines[-1]).parents) == 2
    assert intact(synced)


def test_a_save_beside_another_value_keeps_the_clash_until_a_person_decides(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    base = writes(author, 1)
    synced.take(author.run())
    writes(author, 1, parents=(base,), verdict="fail")
    with opener(synced.store)() as work:
        work.table(Answer).put(answer(1, verdict=Verdict.NOT_APPLICABLE))
    synced.take(author.run(2))
    with opener(synced.store)() as work:
        work.table(Answer).put(answer(1, verdict=Verdict.NOT_CHECKED))
    assert synced.sync.clash_count() == 1
    assert intact(synced)
    (clash,) = synced.sync.clashes(visit="v-1")
    assert [side.value for side in clash.clashes[0].sides] == ["not_applicable", "not_checked"]
    with opener(synced.store)() as work:
        work.table(Answer).put(answer(1, verdict=Verdict.FAIL), parents=clash.leaves)
    assert synced.sync.clash_count() == 0
    assert answers_of(synced.store)["a-1"].verdict is Verdict.FAIL
    assert intact(synced)


def test_rows_of_a_station_alone_are_not_made_from_the_entries_of_others(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    author.write(1, fam="print_run", id="p-1")
    applied = synced.take(author.run())
    assert (applied.entries, applied.touched) == (1, ())
    assert intact(synced)


def test_inv10_nobody_but_headquarters_makes_rows_of_its_families(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    told(author, Author("d-3"))
    synced.take(author.run())
    assert synced.sync.public_of("d-3") is None
    assert intact(synced)


def test_inv19_f28_an_unknown_family_moves_the_cursor_and_is_read_after_the_upgrade(
    synced: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = Author("d-2")
    synced.introduce(author)
    known = dict(families.BY_NAME)
    writes(author, 1)
    with monkeypatch.context() as older:
        older.delitem(families.BY_NAME, "answer")
        applied = synced.take(author.run())
        assert (applied.pending, synced.sync.pending(), synced.sync.cursors()[0].seq) == (1, 1, 2)
    assert known == families.BY_NAME
    assert answers_of(synced.store) == {}
    assert synced.sync.judge_again() == 1
    assert (list(answers_of(synced.store)), synced.sync.pending()) == (["a-1"], 0)
    assert intact(synced)


def test_a_body_that_is_no_record_makes_no_row_and_blocks_nothing(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    author.write(1, id="a-1", verdict=7)
    writes(author, 2)
    synced.take(author.run())
    assert list(answers_of(synced.store)) == ["a-2"]
    assert synced.sync.digest(STREAM).families == {"answer": 2, "station_device": 1}
    assert intact(synced)


def test_inv23_the_sum_of_the_leaves_is_kept_whatever_the_order(synced: Synced) -> None:
    one, two = Author("d-2"), Author("d-3")
    synced.introduce(one, two)
    base = writes(one, 1)
    child = writes(two, 1, parents=(base,))
    # The child comes first: its author had the entry by cable, and headquarters had not.
    synced.take(two.run())
    synced.take(one.run())
    leaves = leaf_value("answer", "a-1", child) + sum(
        leaf_value("station_device", author.device, f"hq/{STREAM}-{n}") for n, author in enumerate((one, two), 1)
    )
    assert synced.sync.digest(STREAM).leaves == added(NOTHING, leaves)


def test_inv17_a_stream_that_begins_anew_drops_nothing_and_comes_to_the_same_sums(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    write_answers(synced.store, 2)
    writes(author, 5)
    synced.take(author.run())
    synced.take(synced.own_run())
    before = synced.sync.digest(STREAM)
    synced.sync.restart_stream(Reset(stream=STREAM, epoch="e-2", why="epoch"))
    assert synced.sync.cursors()[0].seq == 0
    assert {run.header.device for run in synced.sync.held_elsewhere()} == {"d-2", f"hq/{STREAM}"}
    assert "a-5" in answers_of(synced.store)
    synced.take(synced.hq.run())
    synced.take(author.run(), synced.own_run())
    after = synced.sync.digest(STREAM)
    assert (after.leaves, after.families, after.epoch) == (before.leaves, before.families, "e-2")
    assert list(synced.sync.held_elsewhere()) == []
    assert intact(synced)


def test_inv17_f14_of_a_chain_that_parted_each_lost_run_is_offered_as_it_was_sealed(synced: Synced) -> None:
    synced.introduce(Author("d-2"))
    lost, after = (Author(synced.hq.device) for _ in range(2))
    for chain, names in ((lost, ("d-3", "d-4")), (after, ("d-5",))):
        chain.lines, chain.chains = list(synced.hq.lines), list(synced.hq.chains)
        for name in names:
            told(chain, Author(name))
    synced.take(lost.run(2, 2), lost.run(3))
    synced.sync.restart_stream(Reset(stream=STREAM, epoch="e-2", why="epoch"))
    # Headquarters wrote on from its backup: its second entry is another one now.
    synced.take(after.run(1, 1))
    synced.take(after.run(2))
    offered = list(synced.sync.held_elsewhere())
    assert [(run.header.first, run.header.head) for run in offered] == [(2, lost.chains[2]), (3, lost.chains[3])]
    assert [check_run(run, lost.public, signing.verify).entries[0].ent for run in offered] == ["d-3", "d-4"]
    assert intact(synced)


def test_inv10_an_entry_under_the_id_of_one_in_another_stream_hides_it_not(synced: Synced) -> None:
    other = "ref/plans"
    synced.sync.read_streams((STREAM, other))
    author, published = Author("d-2"), Author(hq_device(other))
    synced.introduce(author)
    published.private = synced.hq.private
    published.write(1, fam="task", **to_plain(Task(id="t-1", kind="plan", about="reference", at=NOW)))
    author.device = published.device
    writes(author, 1)
    author.device = "d-2"
    assert decode(author.lines[0]).id == decode(published.lines[0]).id
    synced.take(author.run())
    given, cursor = page(published.run(stream=other)), synced.sync.cursors()[1]
    applied = synced.sync.apply_page(given, checked_runs(synced.sync, given, cursor, signing.verify))
    assert applied.touched == (("task", "t-1"),)
    assert intact(synced)


def test_a_colleagues_run_is_shown_before_headquarters_has_it_and_taken_once(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    writes(author, 1)
    run = check_run(author.run(), author.public, signing.verify)
    assert synced.sync.apply_peer_run(run).entries == 1
    assert synced.sync.apply_peer_run(run).entries == 0
    assert "a-1" in answers_of(synced.store)
    assert (synced.sync.digest(STREAM).families, synced.sync.held_tails()) == ({"station_device": 1}, {"d-2": 1})
    assert [found.lines for found in synced.sync.held_elsewhere()] == [author.run().lines]
    synced.take(author.run())
    assert list(synced.sync.held_elsewhere()) == []
    assert intact(synced)


def test_a_colleagues_run_with_a_hole_before_it_is_refused_and_one_that_overlaps_is_cut(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    for number in range(3):
        writes(author, number)
    with pytest.raises(Refusal) as refusal:
        synced.sync.apply_peer_run(check_run(author.run(2), author.public, signing.verify))
    assert (refusal.value.code, refusal.value.params["have"]) == ("sync.run_gap", 0)
    synced.sync.apply_peer_run(check_run(author.run(1, 2), author.public, signing.verify))
    assert synced.sync.apply_peer_run(check_run(author.run(), author.public, signing.verify)).entries == 1
    assert synced.sync.tail("d-2").n == 3
    assert intact(synced)


def test_inv13_f15_an_entry_that_headquarters_kept_after_a_fork_is_effective(synced: Synced) -> None:
    author, copy = Author("d-2"), Author("d-2")
    synced.introduce(author)
    writes(author, 1, note="甲")
    copy.write(1, id="a-2")
    inner = writes(copy, 3, note="乙")
    synced.take(author.run())
    kept = KeptEntry(
        id=inner,
        device="d-2",
        n=2,
        why="fork",
        line=copy.lines[1].decode(),
        head=copy.chains[2].hex(),
        seal=copy.run().header.seal.hex(),
        last=2,
    )
    synced.hq.write(1, fam="kept_entry", **to_plain(kept))
    synced.take(synced.hq.run(2))
    assert answers_of(synced.store)["a-3"].note == "乙"
    digest = synced.sync.digest(STREAM)
    assert digest.families == {"answer": 2, "kept_entry": 1, "station_device": 1}
    assert intact(synced)


def test_inv18_own_entries_that_headquarters_kept_are_not_only_here(synced: Synced) -> None:
    write_answers(synced.store, 1)
    run = synced.own_run()
    new_chain(synced.store)
    entry = decode(run.lines[0])
    kept = KeptEntry(
        id=entry.id,
        device=run.header.device,
        n=1,
        why="fork",
        line=run.lines[0].decode(),
        head=run.header.head.hex(),
        seal=run.header.seal.hex(),
        last=1,
    )
    synced.hq.write(1, fam="kept_entry", **to_plain(kept))
    assert synced.sync.unconfirmed() == 1
    synced.take(synced.hq.run())
    assert synced.sync.unconfirmed() == 0
    assert synced.sync.digest(STREAM).families == {"answer": 1, "kept_entry": 1}
    assert intact(synced)


def test_inv03_an_entry_id_that_stood_in_the_stream_before_has_no_effect_again(synced: Synced) -> None:
    one, two = Author("d-2"), Author("d-2x")
    synced.introduce(one, two)
    writes(one, 1)
    synced.take(one.run())
    two.lines, two.chains = list(one.lines), list(one.chains)
    applied = synced.take(two.run())
    assert (applied.entries, applied.touched) == (1, ())
    assert synced.sync.digest(STREAM).families["answer"] == 1
    assert intact(synced)


def test_inv12_a_byte_that_changes_in_the_entries_of_others_is_named(synced: Synced) -> None:
    author = Author("d-2")
    synced.introduce(author)
    for number in range(4):
        writes(author, number)
    synced.take(author.run())
    tamper = writer_engine(synced.store.path, KEY)
    with tamper.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE foreign_entry SET raw = CAST(replace(CAST(raw AS TEXT), 'pass', 'fail') AS BLOB)"
            " WHERE device = 'd-2' AND n = 3"
        )
    tamper.dispose()
    report = synced.store.verify_log(check=signing.verify)
    assert ("changed", 3) in {(found.why, found.n) for found in report.bad}
    assert "stream_differs" in {found.why for found in report.bad}


def test_what_headquarters_sealed_before_it_changed_its_key_stays_sealed(synced: Synced) -> None:
    synced.introduce(Author("d-2"))
    synced.store.set_value(HQ_PUBLIC, Author("d-9").public)
    assert {found.why for found in synced.store.verify_log(check=signing.verify).bad} == {"seal_forged"}
    synced.store.set_value(HQ_PUBLIC_PAST, Author("d-8").public + synced.hq.public)
    assert intact(synced)
