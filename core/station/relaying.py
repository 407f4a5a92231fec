"""Carrying files for colleagues without a line: theirs to headquarters, headquarters' answers back for them.

The files are sealed: whoever carries them reads neither. Done twice, nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from core.kernel.errors import Refusal
from core.kernel.progress import Progress
from core.kernel.records import Record, changed
from core.storage.blobs import write_durably
from core.sync.bundle import BadMember, BundleReport

SUFFIX = ".mjbundle"
SENDER_SHOWN = 8


@runtime_checkable
class CarryingLine(Protocol):
    """What carrying needs of the line (core.remote.line.HttpLine)."""

    def carry(self, path: Path, *, progress: Progress) -> BundleReport:
        """Hand a file over and return what headquarters took in of it."""
        ...

    def answer_for(self, device: str) -> bytes:
        """Return headquarters' answer for a device, sealed to it."""
        ...


class Carried(Record):
    """What became of one file. `answer` is the file to bring back; a fault's code where there is none."""

    file: str
    sender: str = ""
    runs: int = 0
    blobs: int = 0
    bad: tuple[BadMember, ...] = ()
    answer: str = ""
    fault: str = ""


def carry_files(line: object, files: Sequence[Path], folder: Path, *, progress: Progress) -> tuple[Carried, ...]:
    """Hand files over one by one and write each answer into a folder; one that is refused does not stop the others.

    Raises:
        Refusal: "relay.file_missing", params file; "relay.no_line": this line carries nothing.
        Trouble: as core.sync.ports.Line; what was handed over before stays so.
        Cancelled: likewise.
    """
    if not isinstance(line, CarryingLine):
        raise Refusal("relay.no_line")
    for path in files:
        if not path.is_file():
            raise Refusal("relay.file_missing", file=path.name)
    return tuple(_carried(line, path, folder, progress) for path in files)


def _carried(line: CarryingLine, path: Path, folder: Path, progress: Progress) -> Carried:
    try:
        report = line.carry(path, progress=progress)
    except Refusal as refusal:
        return Carried(file=path.name, fault=refusal.code)
    done = Carried(file=path.name, sender=report.sender, runs=report.runs, blobs=report.blobs, bad=report.bad)
    return _answered(line, done, folder)


def _answered(line: CarryingLine, done: Carried, folder: Path) -> Carried:
    try:
        content = line.answer_for(done.sender)
    except Refusal as refusal:
        # What was brought is held; a retired station, for one, gets nothing back.
        return changed(done, fault=refusal.code)
    return changed(done, answer=str(_kept(content, done.sender, folder)))


def _kept(content: bytes, sender: str, folder: Path) -> Path:
    """Write an answer under a name that nobody has yet."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"answer-{sender[:SENDER_SHOWN]}"
    taken = {path.name for path in folder.iterdir()}
    name = next(one for number in range(1, len(taken) + 2) if (one := f"{stem}-{number}{SUFFIX}") not in taken)
    write_durably(folder / name, content)
    return folder / name
