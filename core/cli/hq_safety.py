"""`hq checkpoint | backup | restore | export`: what keeps headquarters safe, and what is filed elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.context import Context
from core.cli.hq_context import folder_of, hq_command, opened
from core.kernel.errors import Refusal


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    note = hq_command(commands, common, "checkpoint", _checkpoint, help="today's signed note over everything")
    note.add_argument("--folder", type=Path, help="write every note there too, to be filed elsewhere")
    make = hq_command(commands, common, "backup", _backup, help="one file of database and media; moves `durable`")
    make.add_argument("file", type=Path)
    make.add_argument("--without-media", action="store_true", help="the media are safe elsewhere")
    restore = hq_command(commands, common, "restore", _restore, help="begin again from a backup, in an empty folder")
    restore.add_argument("file", type=Path)
    restore.add_argument(
        "--earlier-restores",
        type=int,
        help="how often this backup was restored before; where nothing can be noted beside it",
    )
    export = hq_command(commands, common, "export", _export, help="the whole log as lines, for an auditor")
    export.add_argument("file", type=Path)


def _checkpoint(context: Context) -> None:
    from core.hq.checkpoints import export_checkpoints, make_checkpoint

    with opened(context) as headquarters:
        made = make_checkpoint(headquarters.store, sign=headquarters.keys.signer().sign)
        files = export_checkpoints(headquarters.store, context.args.folder) if context.args.folder else ()
    context.show({"name": made.name, "note": made.note, "files": [str(path) for path in files]}, [made.note])


def _backup(context: Context) -> None:
    from core.hq.backup import make_backup

    with opened(context) as headquarters:
        report = make_backup(
            headquarters.store,
            headquarters.blobs,
            context.args.file,
            watch=lambda done, total: context.progress.step(done, total, "media"),
            with_media=not context.args.without_media,
            extra=headquarters.backup_members(),
        )
    # The service key is in it: nobody else reads it.
    context.args.file.chmod(0o600)
    context.show(report, [context.words("cli.hq_backed_up", file=report.path, media=report.media)])


def _restore(context: Context) -> None:
    from core.hq.backup import restore_backup
    from core.hq.blob_store import open_blobs
    from core.hq.headquarters import BLOB_FOLDER, SETTINGS_FILE
    from core.hq.keys import write_secret
    from core.kernel.clock import SystemClock

    folder = folder_of(context)
    if (folder / SETTINGS_FILE).exists():
        raise Refusal("hq.folder_taken", folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    blobs = open_blobs(context.args.blob_url or str(folder / BLOB_FOLDER))

    def keep(_: str, content: bytes) -> None:
        blobs.put_whole(content)

    report = restore_backup(
        context.args.file,
        folder,
        clock=SystemClock(),
        put_blob=keep,
        put_extra=lambda name, content: write_secret(folder / Path(name).name, content),
        earlier=context.args.earlier_restores,
    )
    context.show(report, [context.words("cli.hq_restored", epoch=report.epoch, entries=report.entries)])


def _export(context: Context) -> None:
    from core.hq.export import export_log

    with opened(context) as headquarters:
        count = export_log(
            headquarters.store, context.args.file, watch=lambda done: context.progress.step(done, None, "")
        )
    answer = {"file": str(context.args.file), "entries": count}
    context.show(answer, [context.words("cli.written", file=context.args.file)])
