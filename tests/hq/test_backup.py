"""A backup moves what is durable; beginning again from an old one heals and leases no number twice."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from core.crypto import signing
from core.domain.shared_state import Outcome
from core.hq import numbers
from core.hq import tables as t
from core.hq.backup import make_backup, move_durable, positions, restore_backup
from core.hq.verify import verify
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import from_plain
from core.sync.pull import give
from core.sync.runs import Run
from core.sync.streams import Cursor, Reset
from core.sync.wire import PullRequest
from tests.helpers.headquarters import STREAM, Author, Headquarters
from tests.hq.town import PICTURE, ask, busy


@pytest.fixture
def embedded(sqlite_path: str) -> Headquarters:
    """Give a headquarters on SQLite."""
    return Headquarters(sqlite_path)


def backed_up(hq: Headquarters, path: Path) -> Path:
    """Back a headquarters up."""
    make_backup(hq.store, hq.blobs, path, watch=lambda done, total: None)
    return path


def restored(path: Path, folder: Path, hq: Headquarters) -> Headquarters:
    """Return the headquarters of a backup, with its media."""
    media: dict[str, bytes] = {}
    restore_backup(path, folder, clock=hq.clock, put_blob=media.__setitem__, put_extra=media.__setitem__)
    again = Headquarters(folder / "hq.db", clock=hq.clock)
    again.blobs.whole = media
    return again


def test_inv02_durable_moves_once_the_backup_is_written(embedded: Headquarters, tmp_path: Path) -> None:
    one, two, _ = busy(embedded)
    assert embedded.desk.chain(one.device).durable == 0
    backed_up(embedded, tmp_path / "b.zip")
    assert embedded.desk.chain(one.device).durable == len(one.lines)
    two.answer(9)
    said = embedded.push(two)
    assert said.durable == len(two.lines) - 1
    embedded.close()


def test_a_backup_that_fails_moves_nothing_and_leaves_no_file(embedded: Headquarters, tmp_path: Path) -> None:
    one, _, _ = busy(embedded)
    with pytest.raises(Trouble) as trouble:
        backed_up(embedded, tmp_path / "no folder" / "b.zip")
    assert trouble.value.code in {"hq.backup_failed", "hq.database_unreachable"}
    assert embedded.desk.chain(one.device).durable == 0
    embedded.close()


def test_media_that_are_lost_are_named_and_nothing_moves(embedded: Headquarters, tmp_path: Path) -> None:
    one, _, _ = busy(embedded)
    embedded.blobs.whole.clear()
    report = make_backup(embedded.store, embedded.blobs, tmp_path / "b.zip", watch=lambda done, total: None)
    assert report.media_missing == (hashlib.sha256(PICTURE).hexdigest(),)
    assert embedded.desk.chain(one.device).durable == 0
    embedded.close()


def test_positions_never_move_back_or_beyond_the_chain(hq: Headquarters, author: Author) -> None:
    author.answers(3)
    hq.push(author)
    safe = positions(hq.store)
    author.answers(2)
    hq.push(author)
    assert move_durable(hq.store, safe) == 2
    assert hq.desk.chain(author.device).durable == 3
    assert move_durable(hq.store, ((STREAM, author.device, 1), (STREAM, author.device, 99))) == 0
    assert hq.desk.chain(author.device).durable == 3


def test_inv17_f13_a_restored_headquarters_gets_back_what_came_after_the_backup(
    embedded: Headquarters, tmp_path: Path
) -> None:
    _, two, far = busy(embedded)
    path = backed_up(embedded, tmp_path / "b.zip")
    before = embedded.store.read.stream_head(STREAM)
    two.answers(4)
    embedded.push(two)
    held = embedded.store.read.stream_head(STREAM)
    assert before is not None
    assert held is not None
    again = restored(path, tmp_path / "again", embedded)
    said = again.desk.chain(two.device)
    assert (said.have, said.epoch != before.epoch) == (len(two.lines) - 4, True)
    cursor = Cursor(stream=STREAM, epoch=held.epoch, seq=held.seq, head=held.head)
    (answer,) = give(again.store.read, PullRequest(cursors=(cursor,)), {STREAM})
    assert isinstance(answer, Reset)
    again.push(two)
    assert {*two.lines, *far.lines} <= {*again.log(), *again.log(far.stream)}
    assert again.blobs.whole == {hashlib.sha256(PICTURE).hexdigest(): PICTURE}
    assert verify(again.store, signing.verify, watch=lambda stream, entries: None).bad == ()
    embedded.close()
    again.close()


def test_inv17_f14_what_only_a_colleague_holds_comes_back_by_its_seal(embedded: Headquarters, tmp_path: Path) -> None:
    _, two, _ = busy(embedded)
    path = backed_up(embedded, tmp_path / "b.zip")
    two.answers(2)
    embedded.push(two)
    held = two.run()
    del two
    again = restored(path, tmp_path / "again", embedded)
    assert again.desk.push(held).verdict == "taken"
    assert set(held.lines) <= set(again.log())
    embedded.close()
    again.close()


def test_f14_what_headquarters_itself_lost_comes_back_beside_its_chain(embedded: Headquarters, tmp_path: Path) -> None:
    author, other = Author("d-1", clock=embedded.clock), Author("d-2", clock=embedded.clock)
    embedded.admit(author)
    embedded.admit(other)
    path = backed_up(embedded, tmp_path / "b.zip")
    ask(author, "c-1", size=50)
    embedded.push(author)
    headers, lines = embedded.store.read.page(STREAM, 3, limit=1)
    again = restored(path, tmp_path / "again", embedded)
    ask(other, "c-2", size=50)
    again.push(other)
    assert again.desk.push(Run(header=headers[0], lines=lines)).verdict == "fork"
    again.push(author)
    with again.store.open_work(STREAM) as work:
        lost, fresh = work.find("outcome", "c-1"), work.find("outcome", "c-2")
    assert lost is not None
    assert fresh is not None
    assert (lost.body["first"], lost.body["last"]) == (1, 50)
    assert fresh.body["first"] == 1001
    assert verify(again.store, signing.verify, watch=lambda stream, entries: None).bad == ()
    embedded.close()
    again.close()


def test_numbers_jump_by_the_margin_and_the_gap_is_explained(embedded: Headquarters, tmp_path: Path) -> None:
    author = Author("d-1", clock=embedded.clock)
    embedded.admit(author)
    ask(author, "c-1", size=50)
    embedded.push(author)
    path = backed_up(embedded, tmp_path / "b.zip")
    again = restored(path, tmp_path / "again", embedded)
    ask(author, "c-2", size=10)
    ask(author, "c-3", size=10, body="另一局")
    ask(author, "c-4", size=10, body="另一局", year=2027)
    again.push(author)
    firsts = {}
    with again.store.open_work(STREAM) as work:
        for name in ("c-2", "c-3", "c-4"):
            found = work.find("outcome", name)
            assert found is not None
            firsts[name] = found.body["first"]
    assert firsts == {"c-2": 1051, "c-3": 1001, "c-4": 1001}
    with again.store.read.reading() as connection:
        skipped = numbers.skipped(connection)
    gaps = {(gap.series.body, gap.series.year): (gap.first, gap.last, gap.why) for gap in skipped}
    assert gaps == {
        ("某局", 2026): (51, 1050, "restored"),
        ("另一局", 2026): (1, 1000, "restored"),
        ("另一局", 2027): (1, 1000, "restored"),
    }
    embedded.close()
    again.close()


def test_a_backup_restored_twice_passes_over_what_the_first_time_leased(embedded: Headquarters, tmp_path: Path) -> None:
    author = Author("d-1", clock=embedded.clock)
    embedded.admit(author)
    path = backed_up(embedded, tmp_path / "b.zip")
    firsts: list[int] = []
    for time in range(3):
        again = restored(path, tmp_path / f"again-{time}", embedded)
        asking = Author("d-1", clock=embedded.clock)
        ask(asking, f"c-{time}", size=50)
        again.push(asking)
        with again.store.open_work(STREAM) as work:
            found = work.find("outcome", f"c-{time}")
        assert found is not None
        firsts.append(found.body["first"])
        again.close()
    assert firsts == [1001, 2001, 3001]
    embedded.close()


def test_a_backup_beside_which_nothing_can_be_noted_asks_how_often(embedded: Headquarters, tmp_path: Path) -> None:
    path = backed_up(embedded, tmp_path / "b.zip")
    (tmp_path / "b.zip.restores").mkdir()
    media: dict[str, bytes] = {}
    with pytest.raises(Refusal) as refusal:
        restore_backup(
            path, tmp_path / "x", clock=embedded.clock, put_blob=media.__setitem__, put_extra=media.__setitem__
        )
    assert refusal.value.code == "hq.restore_not_noted"
    assert not (tmp_path / "x" / "hq.db").exists()
    told = restore_backup(
        path,
        tmp_path / "x",
        clock=embedded.clock,
        put_blob=media.__setitem__,
        put_extra=media.__setitem__,
        earlier=1,
    )
    assert told.epoch != embedded.store.epoch()
    embedded.close()


def test_a_block_beyond_the_margin_that_comes_back_is_kept_clear(embedded: Headquarters) -> None:
    author = Author("d-1", clock=embedded.clock)
    embedded.admit(author)
    ask(author, "c-1", size=50)
    embedded.push(author)
    with embedded.store.engines.writer.begin() as connection:
        connection.execute(sa.delete(t.number_series))
        found = connection.execute(sa.select(t.hq_record.c.body).where(t.hq_record.c.fam == "outcome")).scalar_one()
        outcome = from_plain(Outcome, msgspec.json.decode(found))
        numbers.keep_clear(connection, STREAM, outcome, now=embedded.clock.now())
        assert connection.execute(sa.select(t.number_series.c.next)).scalar_one() == 51
    embedded.close()


@pytest.mark.parametrize("member", ["hq.db", "manifest.json", "blobs"])
def test_a_damaged_backup_is_refused_and_nothing_restored(embedded: Headquarters, tmp_path: Path, member: str) -> None:
    busy(embedded)
    path = backed_up(embedded, tmp_path / "b.zip")
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:-1] + bytes([content[-1] ^ 1]) if name.startswith(member) else content)
    with pytest.raises(Refusal) as refused:
        restored(bad, tmp_path / "again", embedded)
    assert refused.value.code == "hq.backup_damaged"
    assert not (tmp_path / "again" / "hq.db").exists()
    embedded.close()


def test_a_living_headquarters_is_never_overwritten(embedded: Headquarters, tmp_path: Path) -> None:
    path = backed_up(embedded, tmp_path / "b.zip")
    (tmp_path / "again").mkdir()
    shutil.copy(path, tmp_path / "again" / "hq.db")
    with pytest.raises(Refusal) as refused:
        restored(path, tmp_path / "again", embedded)
    assert refused.value.code == "hq.exists"
    embedded.close()


def test_postgresql_is_left_to_its_own_tools(postgres_url: str, tmp_path: Path) -> None:
    hq = Headquarters(postgres_url)
    with pytest.raises(Refusal) as refused:
        backed_up(hq, tmp_path / "b.zip")
    assert refused.value.code == "hq.not_embedded"
    hq.close()
