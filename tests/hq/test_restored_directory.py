"""After a restore from an older backup the directory comes back from what stations had read."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from core.domain.shared_state import DeviceStatus
from core.hq import tables as t
from core.hq.directory import set_status
from core.kernel.errors import Refusal
from core.sync.runs import Run
from core.sync.streams import hq_device
from tests.helpers.headquarters import STREAM, Author, Headquarters


def told_by(hq: Headquarters) -> list[Run]:
    """Return headquarters' own runs as a station that pulled the stream holds them."""
    runs: list[Run] = []
    headers, lines = hq.store.read.page(STREAM, 0, limit=500)
    at = 0
    for header in headers:
        if header.device == hq_device(STREAM):
            runs.append(Run(header=header, lines=lines[at : at + header.count]))
        at += header.count
    return runs


@pytest.fixture
def restored(tmp_path: Path) -> Headquarters:
    """Give a headquarters that was restored from a backup of before anybody had enrolled."""
    hq = Headquarters(tmp_path / "restored.db")
    hq.store.begin_new_lineage()
    return hq


def test_inv17_a_device_that_enrolled_after_the_backup_is_known_again(tmp_path: Path, restored: Headquarters) -> None:
    author = Author("d-1")
    before = Headquarters(tmp_path / "before.db")
    before.admit(author)
    author.answers(3)
    before.push(author)
    with pytest.raises(Refusal) as refusal:
        restored.push(author)
    assert refusal.value.code == "sync.device_unknown"
    for run in told_by(before):
        restored.desk.push(run)
    assert restored.push(author).have == 3
    assert restored.desk.chain(author.device).status == DeviceStatus.ACTIVE
    assert restored.store.directory.find(author.device) is not None


def test_inv17_a_device_that_was_retired_after_the_backup_stays_retired(tmp_path: Path, restored: Headquarters) -> None:
    author = Author("d-1")
    before = Headquarters(tmp_path / "before.db")
    before.admit(author)
    before.store.run(
        STREAM, lambda work: set_status(work, before.pen(), author.device, DeviceStatus.RETIRED, reason="left")
    )
    author.answers(1)
    before.push(author)
    for run in told_by(before):
        restored.desk.push(run)
    assert restored.desk.chain(author.device).status == DeviceStatus.RETIRED
    restored.push(author)
    with restored.store.engines.reader.begin() as connection:
        found = connection.execute(
            sa.select(t.push_run.c.device_status).where(t.push_run.c.device_id == author.device)
        ).scalar_one()
    # What it hands over is flagged as handed over after it was retired.
    assert found == DeviceStatus.RETIRED
