"""`hq people`, `hq person-add | person-close | person-password`, `hq keys`, `hq rotate-key`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.context import Context
from core.cli.hq_context import hq_command, opened, person_of

ROLES = ("viewer", "publisher", "admin")


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    hq_command(commands, common, "people", _people, help="accounts at headquarters")
    new = hq_command(commands, common, "person-add", _add, help="a new account")
    new.add_argument("name")
    new.add_argument("--role", choices=ROLES, default="viewer")
    new.add_argument("--shown-name", default="")
    new.add_argument("--new-password-file", type=Path, help="by default it is asked for, twice")
    close = hq_command(commands, common, "person-close", _close, help="close an account for good")
    close.add_argument("name")
    password = hq_command(commands, common, "person-password", _password, help="a new password for an account")
    password.add_argument("name")
    password.add_argument("--new-password-file", type=Path)
    hq_command(commands, common, "keys", _keys, help="fingerprints that people compare")
    rotate = hq_command(commands, common, "rotate-key", _rotate, help="a new service key, certified by the root key")
    rotate.add_argument("root_key", type=Path, help="the file that was taken away at init")


def _people(context: Context) -> None:
    with opened(context) as headquarters:
        found = headquarters.people.all()
    lines = [f"{one.name}  {one.role.value}  {'—' if one.closed_at is None else one.closed_at}" for one in found]
    context.show({"people": found}, lines)


def _add(context: Context) -> None:
    from core.hq.people import HqRole

    args = context.args
    with opened(context) as headquarters:
        person_of(context, headquarters, HqRole.ADMIN)
        password = context.new_password(args.new_password_file)
        made = headquarters.people.add(args.name, password, HqRole(args.role), display_name=args.shown_name)
    context.show(made, [context.words("cli.hq_person_added", name=made.name, role=made.role.value)])


def _close(context: Context) -> None:
    from core.hq.people import HqRole

    with opened(context) as headquarters:
        person_of(context, headquarters, HqRole.ADMIN)
        headquarters.people.close(context.args.name)
    context.show({"closed": context.args.name}, [context.words("cli.hq_person_closed", name=context.args.name)])


def _password(context: Context) -> None:
    from core.hq.people import HqRole

    with opened(context) as headquarters:
        person_of(context, headquarters, HqRole.ADMIN)
        headquarters.people.set_password(context.args.name, context.new_password(context.args.new_password_file))
    context.show({"account": context.args.name}, [context.words("cli.password_changed", account=context.args.name)])


def _keys(context: Context) -> None:
    from core.crypto.signing import fingerprint

    with opened(context) as headquarters:
        keys = headquarters.keys
    answer = {
        "root_fingerprint": fingerprint(keys.root_public),
        "service_fingerprint": fingerprint(keys.public),
        "recipient": keys.recipient,
    }
    context.show(answer, [f"{name}: {value}" for name, value in answer.items()])


def _rotate(context: Context) -> None:
    from core.crypto.signing import fingerprint
    from core.hq.people import HqRole
    from core.hq.rotation import rotate

    with opened(context) as headquarters:
        person = person_of(context, headquarters, HqRole.ADMIN)
        keys = rotate(headquarters.store, headquarters.folder, headquarters.keys, context.args.root_key, by=person.name)
    shown = fingerprint(keys.public)
    context.show({"service_fingerprint": shown}, [context.words("cli.hq_key_rotated", fingerprint=shown)])
