"""Checkpoints, the exported log, and the auditor's script that shares no code with the program."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from core.crypto import signing
from core.hq import tables as t
from core.hq.checkpoints import (
    Checkpoint,
    export_checkpoints,
    is_signed,
    make_checkpoint,
    merkle_root,
)
from core.hq.export import export_log
from core.hq.verify import verify
from tests.helpers.headquarters import HQ_KEY, STREAM, Headquarters
from tests.helpers.house import ROOT
from tests.hq.town import busy

SCRIPT = ROOT / "packaging" / "verify_log.py"


def checkpoint(hq: Headquarters) -> Checkpoint:
    """Make today's checkpoint."""
    return make_checkpoint(hq.store, sign=lambda message: signing.sign(HQ_KEY, message))


def audited(*arguments: Path) -> tuple[int, str]:
    """Run the auditor's script; return how it ended and what it said."""
    ran = subprocess.run(
        [sys.executable, "-I", SCRIPT, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    return ran.returncode, ran.stdout + ran.stderr


def exported(hq: Headquarters, path: Path) -> Path:
    """Export the log."""
    export_log(hq.store, path, watch=lambda entries: None)
    return path


def rewritten(path: Path, change: Any) -> Path:
    """Return an export whose items went through a function."""
    items = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().split("\n") if line]
    other = path.with_name("other.gz")
    text = "\n".join(json.dumps(item, ensure_ascii=False) for item in change(items))
    other.write_bytes(gzip.compress(f"{text}\n".encode()))
    return other


def test_a_checkpoint_is_made_once_a_day_and_signed(hq: Headquarters) -> None:
    busy(hq)
    first = checkpoint(hq)
    hq.clock.advance(hours=1)
    assert checkpoint(hq) == first
    hq.clock.advance(days=1)
    second = checkpoint(hq)
    assert (first.name, second.name) == ("2026-03-17", "2026-03-18")
    public = signing.public_key_of(HQ_KEY)
    assert is_signed(first.note, public=public, verify=signing.verify)
    assert not is_signed(first.note.replace("2026", "2025"), public=public, verify=signing.verify)


def test_checkpoints_are_filed_in_a_folder(hq: Headquarters, tmp_path: Path) -> None:
    busy(hq)
    made = checkpoint(hq)
    (path,) = export_checkpoints(hq.store, tmp_path / "filed")
    assert path.read_text("utf-8") == made.note
    assert export_checkpoints(hq.store, tmp_path / "filed") == ()


def test_inv12_a_log_written_anew_after_a_checkpoint_is_named(hq: Headquarters) -> None:
    busy(hq)
    checkpoint(hq)
    assert verify(hq.store, signing.verify, watch=lambda stream, entries: None).bad == ()
    with hq.store.engines.writer.begin() as connection:
        connection.execute(sa.update(t.checkpoint_leaf).where(t.checkpoint_leaf.c.stream_id == STREAM).values(seq=2))
    bad = verify(hq.store, signing.verify, watch=lambda stream, entries: None).bad
    assert {damage.what for damage in bad} == {"checkpoint 2026-03-17"}


@given(st.lists(st.binary(max_size=8), max_size=20))
def test_the_root_is_that_of_the_transparency_logs(leaves: list[bytes]) -> None:
    def slowly(part: list[bytes]) -> bytes:
        if not part:
            return hashlib.sha256(b"").digest()
        if len(part) == 1:
            return hashlib.sha256(b"\0" + part[0]).digest()
        half = max(1 << bit for bit in range(10) if 1 << bit < len(part))
        return hashlib.sha256(b"\1" + slowly(part[:half]) + slowly(part[half:])).digest()

    assert merkle_root(leaves) == slowly(leaves)


def test_the_auditors_script_finds_an_honest_log_intact(hq: Headquarters, tmp_path: Path) -> None:
    busy(hq)
    checkpoint(hq)
    (note,) = export_checkpoints(hq.store, tmp_path / "filed")
    code, said = audited(exported(hq, tmp_path / "log.gz"), note)
    assert (code, said) == (
        0,
        f"all holds: 2 streams, {len(hq.log()) + len(hq.log('org/430104'))} entries, 1 checkpoints\n",
    )


def test_the_auditors_script_is_short_and_shares_no_code() -> None:
    text = SCRIPT.read_text("utf-8")
    lines = text.count("\n")
    assert lines <= 200
    assert "from core" not in text
    assert "import core" not in text


@pytest.fixture(scope="module")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the export of a busy headquarters."""
    folder = tmp_path_factory.mktemp("export")
    hq = Headquarters(folder / "hq.db")
    busy(hq)
    checkpoint(hq)
    path = exported(hq, folder / "log.gz")
    hq.close()
    return path


def changed_line(items: list[Any]) -> list[Any]:
    place = [at for at, item in enumerate(items) if "line" in item][4]
    items[place]["line"] = items[place]["line"].replace("o-1", "o-2")
    return items


def dropped_line(items: list[Any]) -> list[Any]:
    del items[[at for at, item in enumerate(items) if "line" in item][4]]
    return items


def moved_date(items: list[Any]) -> list[Any]:
    run = [item for item in items if "run" in item][1]
    run["received_at"] = run["received_at"].replace("2026", "2025")
    return items


def dropped_run(items: list[Any]) -> list[Any]:
    last = max(at for at, item in enumerate(items) if "run" in item)
    return [item for at, item in enumerate(items) if at < last or not {"run", "line"} & item.keys()]


def forged_seal(items: list[Any]) -> list[Any]:
    run = [item for item in items if "run" in item][2]
    run["seal"] = "00" * 64
    return items


def changed_fork(items: list[Any]) -> list[Any]:
    fork = next(item for item in items if "fork" in item)
    fork["lines"] = [line.replace("clone", "cl0ne") for line in fork["lines"]]
    return items


def other_note(items: list[Any]) -> list[Any]:
    items[-1]["note"] = items[-1]["note"].replace("2026-03-17", "2026-03-16", 1)
    return items


@pytest.mark.parametrize(
    "change", [changed_line, dropped_line, moved_date, dropped_run, forged_seal, changed_fork, other_note]
)
def test_inv12_the_auditors_script_names_what_was_changed(log_file: Path, change: Any) -> None:
    code, said = audited(rewritten(log_file, change))
    assert code == 1
    assert said.startswith("BAD  ")


def test_a_filed_note_that_is_not_in_the_export_is_named(log_file: Path, tmp_path: Path) -> None:
    note = tmp_path / "old.note"
    note.write_text("mingjian/hq\n2026-01-01\n", "utf-8")
    assert audited(log_file, note) == (1, "BAD  checkpoint 2026-01-01: it is not in the export any more\n")


def test_what_is_no_export_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(b"nothing")
    assert audited(path)[0] == 2
