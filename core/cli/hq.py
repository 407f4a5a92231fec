"""`hq init | serve | status | enrol | stations | retire | lost | publish | approve …`: the commands of headquarters.

Each file beside this one adds the commands of one subject: hq_stations, hq_lists, hq_people, hq_care, hq_safety.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from core.cli import hq_care, hq_lists, hq_people, hq_safety, hq_stations
from core.cli.context import Context
from core.cli.hq_context import folder_of, hq_command
from core.kernel.errors import Trouble

PORT = 8640


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    commands = groups.add_parser("hq", help="headquarters").add_subparsers(required=True, metavar="COMMAND")
    init = commands.add_parser("init", parents=[common], help="make a headquarters in a folder")
    init.add_argument("folder", type=Path)
    init.add_argument("--name", default="总部", help="shown on its pages")
    init.add_argument("--admin", default="admin", help="name of the first account")
    init.add_argument("--database-url", default="", help="postgresql+psycopg://…; without: a file in the folder")
    init.add_argument("--blob-url", default="", help="s3://bucket?endpoint=…; without: a folder in the folder")
    init.set_defaults(run=_init)
    serve = hq_command(commands, common, "serve", _serve, help="serve stations; makes a headquarters if there is none")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=PORT, help="0 takes a free one")
    serve.add_argument("--workers", type=int, default=1)
    serve.add_argument(
        "--without-schedule", action="store_true", help="do nothing by itself: no checkpoints, no backups"
    )
    serve.add_argument("--certificate", type=Path, help="PEM, for TLS without a gateway")
    serve.add_argument("--certificate-key", type=Path)
    hq_stations.add(commands, common)
    hq_lists.add(commands, common)
    hq_people.add(commands, common)
    hq_care.add(commands, common)
    hq_safety.add(commands, common)


def _init(context: Context) -> None:
    from core.hq.headquarters import HqSettings

    args = context.args
    settings = HqSettings(name=args.name, database=args.database_url, blobs=args.blob_url)
    _begin(context, args.folder, settings, args.admin)


def _begin(context: Context, folder: Path, settings: Any, admin: str) -> None:
    from core.crypto.signing import fingerprint
    from core.hq.headquarters import begin
    from core.hq.keys import ROOT_FILE

    headquarters, password = begin(folder, settings=settings, admin=admin, password=context.given_password())
    try:
        root = fingerprint(headquarters.keys.root_public)
        answer = {
            "folder": str(folder),
            "root_key_file": str(folder / ROOT_FILE),
            "root_fingerprint": root,
            "account": admin,
            "epoch": headquarters.store.epoch(),
        } | ({} if context.given_password() else {"password": password})
        lines = [
            context.words("cli.hq_made", folder=folder),
            context.words("cli.hq_root_key", file=folder / ROOT_FILE, fingerprint=root),
            context.words("cli.account_line", name=admin, role="admin", password=answer.get("password", "—")),
        ]
        context.show(answer, lines)
    finally:
        headquarters.close()


def _serve(context: Context) -> None:
    from core.hq.headquarters import SETTINGS_FILE, HqSettings
    from core.hq.serving import BLOBS, OFF, SCHEDULE, serve
    from core.hq.serving import DATABASE as DATABASE_NAME
    from core.hq.serving import FOLDER as FOLDER_NAME

    args = context.args
    folder = folder_of(context)
    if not (folder / SETTINGS_FILE).exists():
        _begin(context, folder, HqSettings(database=args.database_url, blobs=args.blob_url), "admin")
        context.has_answered = False
    _check_before_serving(context, folder)
    os.environ |= {FOLDER_NAME: str(folder), DATABASE_NAME: args.database_url, BLOBS: args.blob_url}
    os.environ |= {SCHEDULE: OFF} if args.without_schedule else {}
    scheme = "https" if args.certificate else "http"

    def announce(host: str, port: int) -> None:
        url = f"{scheme}://{host}:{port}"
        context.show({"url": url}, [context.words("cli.hq_serves", url=url)])
        print("", end="", flush=True)

    serve(
        args.host,
        args.port,
        workers=max(1, args.workers),
        certificate=args.certificate,
        key=args.certificate_key,
        announce=announce,
    )


def _check_before_serving(context: Context, folder: Path) -> None:
    """Say before the workers start what is missing, in words and once; a database that may still come is waited for."""
    from core.hq.headquarters import Headquarters
    from core.hq.opening import PASSES

    args = context.args
    try:
        opened = Headquarters(folder, database=args.database_url, blobs=args.blob_url)
    except Trouble as trouble:
        if trouble.code not in PASSES:
            raise
        print(context.words("cli.hq_waits"), file=sys.stderr, flush=True)
        return
    try:
        opened.blobs.check()
    finally:
        opened.close()
