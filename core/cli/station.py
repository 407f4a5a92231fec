"""`station new | info | doctor`, `backup make | restore`, `key export | trust`."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from core.cli import doctor
from core.cli.context import Context, read_file, write_file
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import canonical_bytes


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    station = groups.add_parser("station", help="create, describe, check").add_subparsers(required=True)
    new = station.add_parser("new", parents=[common])
    new.add_argument("--demo", action="store_true", help="with lists, people and visits to try everything on")
    new.add_argument("--name", help="your name, for a station without demo data")
    new.add_argument("--subject", default="", help="the body that you act for")
    new.set_defaults(run=_new)
    station.add_parser("info", parents=[common]).set_defaults(run=_info)
    station.add_parser("doctor", parents=[common]).set_defaults(run=_doctor)

    password = station.add_parser("password", parents=[common], help="change the password of an account")
    password.add_argument("--new-password-file", type=Path, help="by default it is asked for, twice")
    password.set_defaults(run=_password)

    backup = groups.add_parser("backup", help="make or restore a backup").add_subparsers(required=True)
    make = backup.add_parser("make", parents=[common])
    make.add_argument("file", type=Path)
    make.set_defaults(run=_backup)
    restore = backup.add_parser("restore", parents=[common])
    restore.add_argument("file", type=Path)
    restore.set_defaults(run=_restore)

    key = groups.add_parser("key", help="public keys for checking papers").add_subparsers(required=True)
    export = key.add_parser("export", parents=[common])
    export.add_argument("file", type=Path)
    export.set_defaults(run=_export_key)
    trust = key.add_parser("trust", parents=[common])
    trust.add_argument("file", type=Path)
    trust.set_defaults(run=_trust_key)


def _new(context: Context) -> None:
    from core.station import demo_station, new_station
    from core.station.home import new_password

    if context.args.demo:
        with _all_or_nothing(context.home):
            station, accounts = demo_station(context.home, progress=context.progress)
        shown = [{"name": one.name, "role": one.role, "password": one.password} for one in accounts]
    else:
        from core.domain.accounts import Account
        from core.domain.officers import Role

        if not context.args.name:
            raise Refusal("cli.name_missing")
        roles = (Role.OFFICER, Role.LIST_ADMIN)
        name = str(context.args.name)
        account = Account(name=name, officer=name, shown_name=name, subject=context.args.subject, roles=roles)
        given = context.given_password()
        password = given or new_password()
        station = new_station(context.home, [(account, password)])
        shown = [{"name": name, "role": roles[0].value} | ({} if given else {"password": password})]
    answer = {"station": station.home.read().station, "home": str(context.home), "accounts": shown}
    lines = [context.words("cli.station_made", home=context.home)]
    lines += [context.words("cli.account_line", **({"password": "—"} | one)) for one in shown]
    context.show(answer, lines)


@contextmanager
def _all_or_nothing(folder: Path) -> Generator[None]:
    """Sweep a folder that was empty when the making of a station in it fails or is stopped.

    Nobody has seen the passwords of such a station, so nothing in it could ever be opened.
    """
    was_there = folder.is_dir()
    was_empty = not folder.exists() or (was_there and not any(folder.iterdir()))
    try:
        yield
    except BaseException:
        if was_empty:
            shutil.rmtree(folder, ignore_errors=True)
            if was_there:
                folder.mkdir(exist_ok=True)
        raise


def _info(context: Context) -> None:
    info = context.session.station_info()
    context.show(info, (f"{name}: {getattr(info, name)}" for name in info.__struct_fields__))


def _password(context: Context) -> None:
    account, old = context.credentials()
    context.station.change_password(account, old, context.new_password(context.args.new_password_file))
    context.show({"account": account}, [context.words("cli.password_changed", account=account)])


def _doctor(context: Context) -> None:
    checks, missing = doctor.examine(context.home)
    lines = [f"{name}: {value}" for name, value in checks.items()]
    lines += [context.words(f"cli.doctor.{one.what}", name=one.name) for one in missing]
    if not missing:
        lines.append(context.words("cli.doctor.nothing_missing"))
    context.show(checks | {"missing": [{"what": one.what, "name": one.name} for one in missing]}, lines)


def _backup(context: Context) -> None:
    manifest = context.session.backup(context.args.file, progress=context.progress)
    answer = {"file": str(context.args.file), "entries": manifest.entries, "head": manifest.head}
    context.show(answer, [context.words("cli.backup_made", file=context.args.file, entries=manifest.entries)])


def _restore(context: Context) -> None:
    from core.station.backup import unpack_backup

    manifest = unpack_backup(context.args.file, context.home, progress=context.progress)
    try:
        context.session.begin_after_restore()
    except BaseException:
        # Without the new chain the copy must not stay: written to, it would fork the chain of the old station.
        context.close()
        shutil.rmtree(context.home)
        raise
    info = context.session.station_info()
    answer = {"home": str(context.home), "old_device": manifest.device, "device": info.device, "head": info.head}
    context.show(answer, [context.words("cli.restored", device=info.device, old=manifest.device)])


def _export_key(context: Context) -> None:
    key = context.session.own_key(context.session.account.subject or context.session.account.shown_name)
    write_file(context.args.file, canonical_bytes(key))
    context.show({"file": str(context.args.file), "key": key.id}, [context.words("cli.key_exported", key=key.id)])


def _trust_key(context: Context) -> None:
    from core.domain.station_events import TrustedKey

    try:
        key = msgspec.json.decode(read_file(context.args.file), type=TrustedKey)
    except msgspec.DecodeError as error:
        raise Trouble("cli.key_unreadable", path=str(context.args.file)) from error
    context.session.trust(key)
    context.show({"key": key.id, "name": key.name}, [context.words("cli.key_trusted", key=key.id, name=key.name)])
