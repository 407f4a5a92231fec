"""The schedule: each duty once among many workers, tried again after a failure, taken over from the dead."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.crypto import signing
from core.hq import tables as t
from core.hq.blob_store import open_blobs
from core.hq.checkpoints import find_checkpoint
from core.hq.duties import RETRY, Duties, Duty, duty_lines
from core.hq.people import HqRole
from core.hq.projections import Projections
from core.hq.schedule import Schedule, duties_of
from core.kernel.clock import local, local_date
from core.kernel.errors import Cancelled, Trouble
from core.sync.streams import home_stream
from tests.helpers.headquarters import HQ_KEY, STREAM, SUBJECT, Author, Headquarters
from tests.helpers.hq_door import Door, open_door

HOUR = timedelta(hours=1)


def hourly(run: Callable[[], str], *, name: str = "one", lease: timedelta = timedelta(minutes=15)) -> Duty:
    return Duty(name=name, run=run, next_after=lambda now: now + HOUR, lease=lease)


def worker(hq: Headquarters, holder: str, *duties: Duty) -> Duties:
    return Duties(hq.store.engines, duties, clock=hq.clock, holder=holder)


def test_of_two_workers_one_does_it_and_again_when_it_is_due(hq: Headquarters) -> None:
    done: list[str] = []
    one, two = (worker(hq, name, hourly(lambda name=name: done.append(name) or "well")) for name in ("a", "b"))
    assert (one.tick(), two.tick()) == (("one",), ())
    hq.clock.advance(minutes=59)
    assert (one.tick(), two.tick()) == ((), ())
    hq.clock.advance(minutes=1)
    assert (two.tick(), one.tick()) == (("one",), ())
    assert done == ["a", "b"]
    (line,) = duty_lines(hq.store.engines)
    assert (line.said, line.error, line.holder, line.due_at) == ("well", "", "", hq.clock.now() + HOUR)


def test_nobody_begins_what_another_worker_is_at_unless_its_lease_ran_out(hq: Headquarters) -> None:
    other = worker(hq, "b", hourly(lambda: "by b"))
    seen: list[tuple[str, ...]] = []

    def long() -> str:
        seen.append(other.tick())
        hq.clock.advance(minutes=16)
        # The first worker counts as dead now.
        seen.append(other.tick())
        return "by a"

    worker(hq, "a", hourly(long)).tick()
    assert seen == [(), ("one",)]
    (line,) = duty_lines(hq.store.engines)
    assert line.said == "by b"


def test_a_duty_that_fails_is_shown_and_tried_again_soon(hq: Headquarters, caplog: pytest.LogCaptureFixture) -> None:
    answers = iter([Trouble("hq.disk_full", where="x"), ValueError("a mistake of ours"), None])

    def run() -> str:
        fault = next(answers)
        if fault is not None:
            raise fault
        return "well"

    duties = worker(hq, "a", hourly(run))
    errors: list[str] = []
    with caplog.at_level(logging.CRITICAL, "mingjian.hq"):
        for _ in range(3):
            duties.tick()
            errors.append(duty_lines(hq.store.engines)[0].error)
            hq.clock.advance(minutes=int(RETRY.total_seconds() // 60))
    assert errors == ["hq.disk_full", "hq.defect", ""]


def test_a_worker_that_ends_leaves_its_duty_to_the_next(hq: Headquarters) -> None:
    def stopped() -> str:
        raise Cancelled

    worker(hq, "a", hourly(stopped)).tick()
    assert worker(hq, "b", hourly(lambda: "well")).tick() == ("one",)
    ended = worker(hq, "c", hourly(lambda: "well", name="two"))
    ended.is_stopped = True
    assert ended.tick() == ()


# What the duties do.


@pytest.fixture
def embedded(sqlite_path: str) -> Iterator[Headquarters]:
    headquarters = Headquarters(sqlite_path)
    yield headquarters
    headquarters.close()


def schedule_of(hq: Headquarters, folder: Path, schedule: Schedule) -> dict[str, Duty]:
    blobs = open_blobs(str(folder / "blobs"))
    sign = partial(signing.sign, HQ_KEY)
    duties = duties_of(schedule, hq.store, blobs, sign=sign, extra=lambda: {"hq.json": b"{}"}, is_stopped=lambda: False)
    return {duty.name: duty for duty in duties}


def test_the_checkpoint_of_the_day_is_made_once_and_filed(embedded: Headquarters, tmp_path: Path) -> None:
    duty = schedule_of(embedded, tmp_path, Schedule(checkpoint_folder=str(tmp_path / "notes")))["checkpoint"]
    today = local_date(embedded.clock.now()).isoformat()
    assert [duty.run(), duty.run()] == [today, today]
    found = find_checkpoint(embedded.store, today)
    assert found is not None
    assert (tmp_path / "notes" / f"{today}.note").read_text("utf-8") == found.note


def test_backups_are_made_where_they_are_wanted_and_the_oldest_go(embedded: Headquarters, tmp_path: Path) -> None:
    author = Author("d-1", clock=embedded.clock)
    embedded.admit(author)
    author.answers(2)
    embedded.push(author)
    assert "backup" not in schedule_of(embedded, tmp_path, Schedule())
    wanted = Schedule(backup_folder=str(tmp_path / "safe"), backups_kept=2, backup_hour=3)
    duty = schedule_of(embedded, tmp_path, wanted)["backup"]
    made: list[str] = []
    for _ in range(3):
        made.append(duty.run())
        embedded.clock.advance(days=1)
    assert sorted(path.name for path in (tmp_path / "safe").iterdir()) == made[1:]
    assert embedded.desk.chain("d-1").durable == 2
    due = local(duty.next_after(embedded.clock.now()))
    assert (due.hour, due.minute, due - local(embedded.clock.now()) <= timedelta(days=1)) == (3, 0, True)


def test_what_expired_is_swept(embedded: Headquarters, tmp_path: Path) -> None:
    now = embedded.clock.now()
    code = {"subject": SUBJECT, "officer": "o", "issued_by": "a", "issued_at": now}
    ends = {"old": now - timedelta(days=31), "young": now - timedelta(days=2)}
    with embedded.store.engines.writer.begin() as connection:
        connection.execute(sa.insert(t.seen_proof), [{"proof": "p", "expires_at": now - HOUR}])
        rows = [code | {"code_hash": name, "expires_at": at} for name, at in ends.items()]
        connection.execute(sa.insert(t.one_time_code), rows)
    assert schedule_of(embedded, tmp_path, Schedule())["expiry"].run() == "1 + 1"
    with embedded.store.engines.reader.begin() as connection:
        assert connection.execute(sa.select(t.one_time_code.c.code_hash)).scalars().all() == ["young"]


def test_records_are_followed_and_what_differs_from_the_log_is_told(embedded: Headquarters, tmp_path: Path) -> None:
    author = Author("d-1", clock=embedded.clock)
    embedded.admit(author)
    author.answers(2)
    embedded.push(author)
    duties = schedule_of(embedded, tmp_path, Schedule())
    assert int(duties["projections"].run()) > 0
    assert len(Projections(embedded.store).of_family(STREAM, "answer")) == 2
    duties["compare"].run()
    with embedded.store.engines.writer.begin() as connection:
        connection.execute(sa.update(t.projection).where(t.projection.c.fam == "answer").values(body="{}"))
    with pytest.raises(Exception, match="shown_differs"):
        duties["compare"].run()


def test_media_without_an_entry_are_counted_and_removed_only_on_request(embedded: Headquarters, tmp_path: Path) -> None:
    blobs = open_blobs(str(tmp_path / "blobs"))
    name = blobs.put_whole(b"its entry never came")
    embedded.clock.advance(days=20_000)
    assert schedule_of(embedded, tmp_path, Schedule())["orphans"].run() == "1 / 1"
    assert blobs.size(name) is not None
    assert schedule_of(embedded, tmp_path, Schedule(removes_orphans=True))["orphans"].run() == "1 / 1"
    assert blobs.size(name) is None


# Where people and machines see it.


@pytest.fixture
def door(embedded: Headquarters) -> Iterator[Door]:
    with open_door(embedded) as found:
        yield found


def test_the_schedule_stands_on_the_page_in_the_metrics_and_in_ready(door: Door) -> None:
    def full() -> str:
        raise Trouble("hq.disk_full", where="x")

    duties = worker(door.hq, "a", hourly(lambda: "2026-03-16", name="checkpoint"), hourly(full, name="backup"))
    assert door.client.get("/ready").json() == {"status": "ready", "schedule": "off"}
    door.service.duties = duties
    logging.getLogger("mingjian.hq").disabled = True
    duties.tick()
    logging.getLogger("mingjian.hq").disabled = False
    assert door.client.get("/ready").json()["schedule"] == "failing: backup"
    shown = door.client.get("/metrics").text
    assert 'mingjian_duty_failed{duty="backup"} 1' in shown
    assert f'mingjian_duty_ended_timestamp_seconds{{duty="checkpoint"}} {int(door.hq.clock.now().timestamp())}' in shown
    door.service.people.add("甲", "a long password", HqRole.VIEWER)
    door.client.post("/login", data={"name": "甲", "password": "a long password"}, follow_redirects=False)
    page = door.client.get("/status").text
    assert "失败:hq.disk_full" in page
    assert "2026-03-16" in page


def test_what_waits_for_a_person_is_found_by_its_index(hq: Headquarters) -> None:
    author = Author("d-1", clock=hq.clock)
    hq.admit(author)
    author.write("dream", "x-1", {"id": "x-1"})
    hq.push(author)
    words = f"SELECT seq FROM change_log WHERE {t.WAITS} ORDER BY stream_id, seq DESC LIMIT 200"
    with hq.store.engines.reader.begin() as connection:
        if hq.store.engines.is_postgresql:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {words}").all()
        else:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}").all()
    assert "change_that_waits" in str(plan)
    assert home_stream(SUBJECT) == STREAM
