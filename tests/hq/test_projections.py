"""What headquarters shows is what the log gives, wherever the worker died, and can be written anew."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.hq import tables as t
from core.hq.loss import loss_report
from core.hq.projections import Projections
from core.hq.rebuild import compare, rebuild
from core.kernel.errors import Refusal
from tests.helpers.headquarters import STREAM, Author, Headquarters
from tests.hq.town import ask, busy


def test_inv21_projections_equal_what_the_log_gives(hq: Headquarters) -> None:
    busy(hq)
    assert Projections(hq.store).catch_up() == len(hq.log()) + len(hq.log("org/430104"))
    assert compare(hq.store).differing == ()


def test_f29_a_worker_that_died_goes_on_where_it_stood(hq: Headquarters, monkeypatch: pytest.MonkeyPatch) -> None:
    busy(hq)
    monkeypatch.setattr("core.hq.projections.BATCH", 2)
    projections = Projections(hq.store)
    put = hq.store.run
    calls: list[int] = []

    def dying(stream: str, step: object) -> object:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(1)
        return put(stream, step)  # pyright: ignore[reportArgumentType]  # handed on as it came

    monkeypatch.setattr(hq.store, "run", dying)
    with pytest.raises(KeyboardInterrupt):
        projections.follow(STREAM)
    monkeypatch.setattr(hq.store, "run", put)
    assert projections.follow(STREAM) == len(hq.log()) - 4
    assert projections.differing(STREAM) == ()


def test_both_values_of_a_clash_are_counted(hq: Headquarters, author: Author) -> None:
    other = Author("d-2", clock=hq.clock)
    hq.admit(other)
    base = author.answer(1)
    author.answer(1, parents=(base.id,), note="left")
    other.answer(1, parents=(base.id,), note="right")
    hq.push(author)
    hq.push(other)
    projections = Projections(hq.store)
    projections.catch_up()
    assert [one.entity for one in projections.clashing(STREAM)] == ["a-1"]
    assert [one.visit for one in projections.of_visit(STREAM, "v-1")] == ["v-1"]


def test_a_voided_record_is_not_listed(hq: Headquarters, author: Author) -> None:
    base = author.answer(1)
    author.write("answer", "a-1", {"reason": "mistake"}, parents=(base.id,), op="void")
    hq.push(author)
    projections = Projections(hq.store)
    projections.catch_up()
    assert projections.of_family(STREAM, "answer") == ()
    found = projections.find(STREAM, "answer", "a-1")
    assert found is not None
    assert found.body is None


def test_inv21_rebuilding_puts_right_what_was_changed_by_hand(hq: Headquarters) -> None:
    busy(hq)
    Projections(hq.store).catch_up()
    with hq.store.engines.writer.begin() as connection:
        connection.execute(sa.update(t.projection).where(t.projection.c.fam == "task").values(body="{}"))
        connection.execute(sa.update(t.hq_record).where(t.hq_record.c.fam == "task").values(body="{}"))
        connection.execute(sa.delete(t.blob_ref))
        connection.execute(sa.delete(t.named_parent))
        connection.execute(sa.update(t.stream_head).values(leaves=bytes(32)))
    found = rebuild(hq.store, watch=lambda stream: None)
    assert f"{STREAM}: projection/task/t-1" in found.differing
    assert f"{STREAM}: stream_head/leaves" in found.differing
    assert compare(hq.store).differing == ()


def test_f16_the_loss_report_says_what_is_here_and_what_is_not(hq: Headquarters) -> None:
    one, two, _ = busy(hq)
    report = loss_report(hq.store, one.device)
    assert (report.entries, report.kept) == (len(one.lines), 1)
    assert report.last_received_at == hq.clock.now()
    assert (report.blobs_named, report.blobs_awaited) == (1, ())
    assert report.parents_missing == ("not here yet",)
    assert [(block.first, block.last, block.last_used) for block in report.blocks] == [(1, 50, 0)]
    assert loss_report(hq.store, two.device).blobs_awaited == ("f" * 64,)


def test_the_loss_report_knows_how_far_a_block_was_used(hq: Headquarters, author: Author) -> None:
    ask(author, "c-1")
    use = {
        "id": "u-1",
        "block": "c-1",
        "seq": 7,
        "text": "7",
        "state": "taken",
        "at": "2026-03-17T01:00:00Z",
        "by": "o",
    }
    author.write("number_use", "u-1", use)
    hq.push(author)
    assert [block.last_used for block in loss_report(hq.store, author.device).blocks] == [7]


def test_there_is_no_loss_report_on_a_stranger(hq: Headquarters) -> None:
    with pytest.raises(Refusal) as refused:
        loss_report(hq.store, "d-9")
    assert refused.value.code == "sync.device_unknown"
