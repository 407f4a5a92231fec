"""Whatever is changed in what headquarters holds, verify names it; what is untouched is intact."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from core.crypto import signing
from core.hq import tables as t
from core.hq.engine import open_engines
from core.hq.verify import VerifyReport, verify
from tests.helpers.headquarters import STREAM, Headquarters
from tests.hq.town import busy

# What a person at headquarters could change by hand. The directory is told in entries; these are what a push wrote.
WATCHED = (
    t.change_log,
    t.push_run,
    t.chain_fork,
    t.stream_head,
    t.device_head,
    t.kept_entry,
    t.named_parent,
    t.blob_ref,
    t.hq_record,
)
# How far backups reach moves with every backup; verify only sees that it is within the chain.
MOVING = ("durable",)


def report_of(hq: Headquarters) -> VerifyReport:
    """Return what verify says."""
    return verify(hq.store, signing.verify, watch=lambda stream, entries: None)


def test_a_busy_headquarters_is_intact(hq: Headquarters) -> None:
    busy(hq)
    report = report_of(hq)
    assert report.bad == ()
    assert (report.verdict, report.streams) == ("intact", 2)
    assert report.entries == len(hq.log()) + len(hq.log("org/430104"))


def test_inv12_a_changed_line_is_named_at_its_place(hq: Headquarters) -> None:
    busy(hq)
    line = hq.log()[3]
    changed = line.replace(b"o-1", b"o-2")
    with hq.store.engines.writer.begin() as connection:
        log = t.change_log
        connection.execute(sa.update(log).where(log.c.stream_id == STREAM, log.c.seq == 4).values(raw=changed))
    first = report_of(hq).bad[0]
    assert (first.stream, first.at, first.what, first.why) == (STREAM, 4, "change_log", "changed")


@pytest.mark.parametrize("seq", [1, 5])
def test_inv12_a_removed_entry_is_named_at_its_place(hq: Headquarters, seq: int) -> None:
    busy(hq)
    with hq.store.engines.writer.begin() as connection:
        log = t.change_log
        connection.execute(sa.delete(log).where(log.c.stream_id == STREAM, log.c.seq == seq))
    assert report_of(hq).bad[0].at == seq


def test_inv12_a_tail_that_was_cut_off_is_named(hq: Headquarters) -> None:
    busy(hq)
    with hq.store.engines.writer.begin() as connection:
        end = connection.execute(sa.select(sa.func.max(t.push_run.c.first_seq))).scalar_one()
        for table, column in ((t.change_log, t.change_log.c.seq), (t.push_run, t.push_run.c.first_seq)):
            connection.execute(sa.delete(table).where(table.c.stream_id == STREAM, column >= end))
    assert any(damage.why == "cut_off" and damage.stream == STREAM for damage in report_of(hq).bad)


def test_two_entries_that_changed_places_are_named(hq: Headquarters) -> None:
    busy(hq)
    log = t.change_log
    with hq.store.engines.writer.begin() as connection:
        for old, new in ((4, -4), (5, 4), (-4, 5)):
            connection.execute(sa.update(log).where(log.c.stream_id == STREAM, log.c.seq == old).values(seq=new))
    assert report_of(hq).bad[0].at == 4


@pytest.fixture(scope="module")
def busy_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the database of a busy headquarters, at rest."""
    path = tmp_path_factory.mktemp("busy") / "hq.db"
    hq = Headquarters(path)
    busy(hq)
    hq.close()
    return path


@given(data=st.data())
def test_inv12_whatever_value_is_changed_verify_names_it(busy_file: Path, data: st.DataObject) -> None:
    path = busy_file.with_name("changed.db")
    shutil.copy(busy_file, path)
    table = data.draw(st.sampled_from(WATCHED))
    engines = open_engines(path)
    with engines.writer.begin() as connection:
        rows = connection.execute(sa.select(table)).all()
        row = data.draw(st.sampled_from(rows))
        column = data.draw(st.sampled_from([one for one in table.c if one.name not in MOVING]))
        value = other(getattr(row, column.name), data)
        same = [key == getattr(row, key.name) for key in table.primary_key]
        try:
            connection.execute(sa.update(table).where(*same).values({column.name: value}))
        except IntegrityError:
            # The database itself does not let it happen.
            connection.rollback()
            is_changed = False
        else:
            is_changed = True
    engines.close()
    assume(is_changed)
    hq = Headquarters(path)
    assert report_of(hq).verdict == "broken", f"{table.name}.{column.name} {value!r}"
    hq.close()


def other(value: Any, data: st.DataObject) -> Any:
    """Return another value of the same kind; of bytes and text one that differs in one place."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + data.draw(st.sampled_from([-1, 1, 256]))
    if isinstance(value, datetime):
        return value + data.draw(st.sampled_from([timedelta(microseconds=1), timedelta(days=-1)]))
    if isinstance(value, bytes):
        at = data.draw(st.integers(0, max(0, len(value) - 1)))
        return value[:at] + bytes([value[at] ^ (1 << data.draw(st.integers(0, 7)))]) + value[at + 1 :]
    at = data.draw(st.integers(0, max(0, len(value) - 1)))
    return value[:at] + ("y" if value[at : at + 1] != "y" else "z") + value[at + 1 :]
