"""Whatever is changed in what headquarters holds, verify names it; what is untouched is intact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, reject
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from core.crypto import signing
from core.hq import tables as t
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
def busy_hq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Headquarters]:
    """Give a busy headquarters; whoever changes something puts it back."""
    hq = Headquarters(tmp_path_factory.mktemp("busy") / "hq.db")
    busy(hq)
    assert report_of(hq).bad == ()
    yield hq
    hq.close()


@given(data=st.data())
def test_inv12_whatever_value_is_changed_verify_names_it(busy_hq: Headquarters, data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(WATCHED))
    with busy_hq.store.engines.writer.begin() as connection:
        rows = connection.execute(sa.select(table)).all()
    row = data.draw(st.sampled_from(rows))
    column = data.draw(st.sampled_from([one for one in table.c if one.name not in MOVING]))
    before, value = getattr(row, column.name), other(getattr(row, column.name), data)
    key = {one.name: getattr(row, one.name) for one in table.primary_key}
    try:
        change(busy_hq, table, key, column.name, value)
    except IntegrityError:
        # The database itself does not let it happen.
        reject()
    found = report_of(busy_hq)
    change(
        busy_hq, table, {name: value if name == column.name else one for name, one in key.items()}, column.name, before
    )
    assert found.verdict == "broken", f"{table.name}.{column.name} {value!r}"


def change(hq: Headquarters, table: sa.Table, key: dict[str, Any], column: str, value: Any) -> None:
    """Change one value of a row behind headquarters' back."""
    with hq.store.engines.writer.begin() as connection:
        same = [table.c[name] == one for name, one in key.items()]
        connection.execute(sa.update(table).where(*same).values({column: value}))


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
