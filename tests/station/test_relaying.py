"""Carrying colleagues' files: each is handed over for itself, and each answer gets a name that nobody has."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.kernel.errors import Refusal
from core.kernel.progress import Progress, Unwatched
from core.station.relaying import carry_files
from core.sync.bundle import BundleReport


class Carrier:
    """A line to a headquarters that knows the senders named in the files."""

    def carry(self, path: Path, *, progress: Progress) -> BundleReport:
        sender = path.read_text("utf-8")
        if sender == "forged":
            raise Refusal("bundle.forged", sender=sender)
        return BundleReport(id="b", sender=sender, recipient="hq", sequence=1, runs=2)

    def answer_for(self, device: str) -> bytes:
        if device == "retired":
            raise Refusal("sync.device_retired", device=device)
        return f"for {device}".encode()


def file(folder: Path, name: str, sender: str) -> Path:
    path = folder / name
    path.write_text(sender, "utf-8")
    return path


def test_a_file_that_is_refused_does_not_stop_the_others(tmp_path: Path) -> None:
    files = [file(tmp_path, f"{sender}.isb", sender) for sender in ("forged", "retired", "d-1")]
    forged, retired, good = carry_files(Carrier(), files, tmp_path / "out", progress=Unwatched())
    assert (forged.sender, forged.fault) == ("", "bundle.forged")
    assert (retired.sender, retired.runs, retired.answer, retired.fault) == ("retired", 2, "", "sync.device_retired")
    assert Path(good.answer).read_bytes() == b"for d-1"


def test_an_answer_never_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    path = file(tmp_path, "a.isb", "d-1")
    names = [carry_files(Carrier(), [path], tmp_path / "out", progress=Unwatched())[0].answer for _ in range(2)]
    assert [Path(name).name for name in names] == ["answer-d-1-1.mjbundle", "answer-d-1-2.mjbundle"]


def test_a_missing_file_is_told_before_anything_goes_out(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        carry_files(Carrier(), [tmp_path / "gone.isb"], tmp_path, progress=Unwatched())
    assert refused.value.code == "relay.file_missing"


def test_a_line_that_carries_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        carry_files(object(), [], tmp_path, progress=Unwatched())
    assert refused.value.code == "relay.no_line"
