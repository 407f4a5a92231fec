"""`bench delta`: few changes of a large list made and applied, beside pygeodiff on the same rows.

The peer is no part of the product: it is measured where it is installed, and missed in words where it is not. It
compares two whole plain files; here the changed rows are known, as a publisher knows them, and are looked up in the
file of the version before. What is applied here is an encrypted file with its search; there a plain table.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from core.cli.bench.figures import Result, at_least, machine, median, rounded, seconds, settle
from core.cli.bench.list_matter import KEY, ListMatter, ready_list
from core.cli.bench.setting import Setting
from core.domain.enterprises import Enterprise
from core.domain.list_files import ListFile
from core.domain.lists import ListKind
from core.kernel.progress import Unwatched
from core.kernel.records import changed
from core.storage.engine import driver
from core.storage.ref_delta import apply_delta, make_delta

FASTER = 25
CHANGES = 1_000
NEW_PART, GONE_PART = 10, 10
"""One change in ten is a new row, one a row that goes; the others rename a row and move it."""
ROUNDS = 5
PEER = "pygeodiff"
FIELDS = Enterprise.__struct_fields__

_rows = msgspec.json.Decoder(Enterprise)


@dataclass(frozen=True)
class Changes:
    """What happens to the list."""

    rows: tuple[Enterprise, ...]
    removed: tuple[str, ...]


def run(setting: Setting) -> Result:
    """Make and apply the changes several times, each time on a fresh copy of the base."""
    matter = ready_list(setting.base, setting.rows, setting.progress)
    changes = changes_of(matter, min(CHANGES, matter.rows // 2))
    rounds = 1 if setting.is_quick else ROUNDS
    with TemporaryDirectory(dir=matter.folder) as name:
        folder = Path(name)
        settle()
        own = [_own(matter, changes, folder) for _ in range(rounds)]
        peer = _Peer(matter, changes, folder).measured(rounds) if find_spec(PEER) else []
    taken = [make + apply for make, apply, _ in own]
    theirs = [make + apply for make, apply, _ in peer]
    ratio = median(theirs) / median(taken) if theirs else None
    details: dict[str, float | str] = {
        "make s": rounded(median([one[0] for one in own])),
        "apply s": rounded(median([one[1] for one in own])),
        "bytes on the line": own[0][2],
    }
    if peer:
        details[f"{PEER} make s"] = rounded(median([one[0] for one in peer]))
        details[f"{PEER} apply s"] = rounded(median([one[1] for one in peer]))
        details[f"{PEER} bytes"] = peer[0][2]
    else:
        details["peer"] = f"{PEER} is not installed here: there is nothing to compare with"
    return Result(
        bench="delta",
        rows=matter.rows,
        figure=rounded(median(taken)),
        unit="s",
        baseline=rounded(median(theirs)) if theirs else None,
        ratio=rounded(ratio) if ratio else None,
        runs=len(taken),
        machine=machine(),
        what=f"{len(changes.rows) + len(changes.removed):,} changes made, and applied to an encrypted searchable file",
        baseline_what=f"{PEER}: changeset of two plain files made, and applied to a plain file" if theirs else "",
        ratio_means="times faster" if theirs else "",
        lowest=rounded(min(taken)),
        highest=rounded(max(taken)),
        aims=(at_least("times faster", ratio, FASTER),) if ratio else (),
        details=details,
    )


def changes_of(matter: ListMatter, count: int) -> Changes:
    """Return changes spread over the whole list."""
    step = max(1, matter.rows // count)
    rows = [_rows.decode(body) for at, body in enumerate(matter.bodies()) if at % step == 0][:count]
    new, gone = rows[: count // NEW_PART], rows[count // NEW_PART : count // NEW_PART + count // GONE_PART]
    kept = rows[len(new) + len(gone) :]
    moved = [changed(row, name=row.name + "(新址)", address=row.address + "三楼", phone="0731") for row in kept]
    added = [changed(row, id=f"x-{row.id}", uscc="") for row in new]
    return Changes((*moved, *added), tuple(row.id for row in gone))


def _own(matter: ListMatter, changes: Changes, folder: Path) -> tuple[float, float, int]:
    target = folder / matter.reference.name
    _copied(matter.reference, target)
    parts: list[bytes] = []
    made: list[ListFile] = []

    def make() -> None:
        file = make_delta(
            matter.reference,
            KEY,
            ListKind.ENTERPRISES,
            2,
            changes.rows,
            removed=changes.removed,
            put_part=parts.append,
            progress=Unwatched(),
        )
        made.append(file)

    making = seconds(make)
    applying = seconds(lambda: apply_delta(target, KEY, made[0], parts, progress=Unwatched()))
    target.unlink()
    return making, applying, sum(map(len, parts))


class _Peer:
    """The same rows in plain tables of one column a field, and the peer over them."""

    def __init__(self, matter: ListMatter, changes: Changes, folder: Path) -> None:
        self._base, self._changed = folder / "base.gpkg", folder / "changed.gpkg"
        self._target, self._set = folder / "target.gpkg", folder / "changes"
        connection = _plain(self._base)
        _insert(connection, (_rows.decode(body) for body in matter.bodies()))
        connection.close()
        shutil.copyfile(self._base, self._changed)
        connection = _plain(self._changed)
        connection.execute("BEGIN")
        old = [(identifier,) for identifier in (*(row.id for row in changes.rows), *changes.removed)]
        connection.executemany("DELETE FROM enterprise WHERE id = ?", old)
        _insert(connection, changes.rows)
        connection.execute("COMMIT")
        connection.close()

    def measured(self, rounds: int) -> list[tuple[float, float, int]]:
        """Return seconds to make and to apply and the size, a round each."""
        peer: Any = import_module(PEER).GeoDiff()
        found: list[tuple[float, float, int]] = []
        for _ in range(rounds):
            _copied(self._base, self._target)
            self._set.unlink(missing_ok=True)
            paths = [str(path) for path in (self._base, self._changed, self._target, self._set)]
            making = seconds(partial(peer.create_changeset, paths[0], paths[1], paths[3]))
            applying = seconds(partial(peer.apply_changeset, paths[2], paths[3]))
            found.append((making, applying, self._set.stat().st_size))
        return found


def _copied(source: Path, target: Path) -> None:
    """Copy a file and wait until the disk has it: a measured commit would otherwise write the whole copy too."""
    shutil.copyfile(source, target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _plain(path: Path) -> Any:
    connection = driver.connect(str(path), isolation_level=None)
    columns = ", ".join(f"{name} TEXT" for name in FIELDS if name != "id")
    connection.execute(f"CREATE TABLE IF NOT EXISTS enterprise(id TEXT PRIMARY KEY NOT NULL, {columns})")
    return connection


def _insert(connection: Any, rows: Iterable[Enterprise]) -> None:
    marks = ", ".join(f":{name}" for name in FIELDS)
    is_own = not connection.in_transaction
    if is_own:
        connection.execute("BEGIN")
    batch: Iterable[dict[str, Any]] = ({name: _text(getattr(row, name)) for name in FIELDS} for row in rows)
    connection.executemany(f"INSERT INTO enterprise({', '.join(FIELDS)}) VALUES ({marks})", batch)
    if is_own:
        connection.execute("COMMIT")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
