"""The duties of a headquarters and when each is due: checkpoints, backups, shown records, orphans, what expires."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa

from core.hq import tables as t
from core.hq.backup import make_backup
from core.hq.blob_store import ObjectBlobs
from core.hq.checkpoints import Sign, export_checkpoints, make_checkpoint
from core.hq.duties import Duty
from core.hq.engine import again
from core.hq.overview import named_blobs
from core.hq.projections import Projections
from core.hq.rebuild import compare
from core.hq.store import HqStore
from core.kernel.clock import local
from core.kernel.errors import Cancelled, Refusal
from core.kernel.records import Record

BACKUP_PREFIX, BACKUP_SUFFIX = "hq-", ".mjbackup"
LONG = timedelta(hours=6)
"""The lease of what reads everything."""
CODES_KEPT = timedelta(days=30)
"""How long a code that nobody used is still listed after it ran out."""


class Schedule(Record):
    """What the settings say of it. Hours are local, 0 to 23."""

    checkpoint_hour: int = 23
    """Late, so that the note of a day covers what came in on it."""
    checkpoint_folder: str = ""
    """Notes are written there too, to be filed elsewhere."""
    backup_folder: str = ""
    """Empty: no backups by itself. PostgreSQL is backed up by its own tools."""
    backup_hour: int = 2
    backups_kept: int = 14
    backup_with_media: bool = True
    compare_hour: int = 4
    """When shown records are compared with the log."""
    removes_orphans: bool = False
    """Media that no entry named for 90 days are removed; otherwise they are counted only."""


def duties_of(
    schedule: Schedule,
    store: HqStore,
    blobs: ObjectBlobs,
    *,
    sign: Sign,
    extra: Callable[[], dict[str, bytes]],
    is_stopped: Callable[[], bool],
) -> tuple[Duty, ...]:
    """Return the duties.

    Args:
        extra: Gives the further members of a backup.
        is_stopped: Tells whether the worker ends, so that long work stops between two steps.
    """

    def watch(*_: object) -> None:
        if is_stopped():
            raise Cancelled

    found = [
        _nightly("checkpoint", schedule.checkpoint_hour, lambda: _checkpoint(schedule, store, sign)),
        Duty(name="projections", run=lambda: _projections(store), next_after=_every(timedelta(minutes=1))),
        Duty(name="expiry", run=lambda: _expiry(store), next_after=_every(timedelta(hours=1))),
        _nightly("orphans", schedule.compare_hour, lambda: _orphans(schedule, store, blobs)),
        _nightly("compare", schedule.compare_hour, lambda: _compare(store)),
    ]
    if schedule.backup_folder:
        found.append(
            Duty(
                name="backup",
                run=lambda: _backup(schedule, store, blobs, extra(), watch),
                next_after=_daily(schedule.backup_hour),
                lease=LONG,
            )
        )
    return tuple(found)


def _nightly(name: str, hour: int, run: Callable[[], str]) -> Duty:
    """Return a duty that is done at an hour of every day, for the first time when it comes."""
    return Duty(name=name, run=run, next_after=_daily(hour), starts_at_once=False, lease=LONG)


def _every(length: timedelta) -> Callable[[datetime], datetime]:
    return lambda now: now + length


def _daily(hour: int) -> Callable[[datetime], datetime]:
    """Return what gives the next time that it is this hour here."""

    def after(now: datetime) -> datetime:
        here = local(now)
        due = datetime.combine(here.date(), time(hour % 24), tzinfo=here.tzinfo)
        return due if due > now else due + timedelta(days=1)

    return after


def _checkpoint(schedule: Schedule, store: HqStore, sign: Sign) -> str:
    made = make_checkpoint(store, sign=sign)
    if schedule.checkpoint_folder:
        folder = Path(schedule.checkpoint_folder)
        folder.mkdir(parents=True, exist_ok=True)
        export_checkpoints(store, folder)
    return made.name


def _projections(store: HqStore) -> str:
    return str(Projections(store).catch_up())


def _expiry(store: HqStore) -> str:
    """Sweep proofs whose time is over, and codes that ran out long ago without being used."""
    now = store.clock.now()
    code = t.one_time_code
    proofs = sa.delete(t.seen_proof).where(t.seen_proof.c.expires_at < now)
    codes = sa.delete(code).where(code.c.device_id == "", code.c.expires_at < now - CODES_KEPT)

    def sweep() -> str:
        with store.engines.writer.begin() as connection:
            return f"{connection.execute(proofs).rowcount} + {connection.execute(codes).rowcount}"

    return again(store.engines.where, sweep)


def _orphans(schedule: Schedule, store: HqStore, blobs: ObjectBlobs) -> str:
    found = blobs.orphans(named_blobs(store), store.clock.now())
    due = [one for one in found if one.is_due]
    if schedule.removes_orphans:
        for one in due:
            blobs.remove(one)
    return f"{len(found)} / {len(due)}"


def _compare(store: HqStore) -> str:
    report = compare(store)
    if report.differing:
        raise Refusal("hq.shown_differs", count=len(report.differing), first=report.differing[0])
    return str(report.streams)


def _backup(
    schedule: Schedule,
    store: HqStore,
    blobs: ObjectBlobs,
    extra: dict[str, bytes],
    watch: Callable[..., None],
) -> str:
    folder = Path(schedule.backup_folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{BACKUP_PREFIX}{local(store.clock.now()):%Y%m%d-%H%M}{BACKUP_SUFFIX}"
    make_backup(store, blobs, path, watch=watch, with_media=schedule.backup_with_media, extra=extra)
    # The service key is in it: nobody else reads it.
    path.chmod(0o600)
    for old in _superfluous(sorted(folder.glob(f"{BACKUP_PREFIX}*{BACKUP_SUFFIX}")), schedule.backups_kept):
        old.unlink(missing_ok=True)
    return path.name


def _superfluous(paths: Sequence[Path], kept: int) -> Sequence[Path]:
    """Return all but the newest; one always stays."""
    return paths[: -max(1, kept)]
