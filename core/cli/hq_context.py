"""What the commands of headquarters need: its folder, and the person whose act it is."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.context import Context
from core.kernel.errors import Refusal

if TYPE_CHECKING:
    from core.hq.headquarters import Headquarters
    from core.hq.people import HqRole, Person

DEFAULT_FOLDER = Path.home() / ".local" / "share" / "mingjian-hq"


def hq_command(
    commands: Any, common: argparse.ArgumentParser, name: str, run: Callable[[Context], None], *, help: str
) -> argparse.ArgumentParser:
    """Add one command with the options that say which headquarters is meant."""
    parser = commands.add_parser(name, parents=[common], help=help)
    parser.add_argument("--hq", type=Path, help="folder of headquarters, or MINGJIAN_HQ")
    parser.add_argument("--database-url", default=os.environ.get("MINGJIAN_HQ_DATABASE", ""))
    parser.add_argument("--blob-url", default=os.environ.get("MINGJIAN_HQ_BLOBS", ""))
    parser.set_defaults(run=run)
    return parser


def folder_of(context: Context) -> Path:
    """Return the folder of headquarters."""
    return Path(context.args.hq or os.environ.get("MINGJIAN_HQ") or DEFAULT_FOLDER)


@contextmanager
def opened(context: Context) -> Generator[Headquarters]:
    """Open headquarters for one command."""
    from core.hq.headquarters import Headquarters

    args = context.args
    headquarters = Headquarters(folder_of(context), database=args.database_url, blobs=args.blob_url)
    try:
        if not headquarters.store.is_begun():
            raise Refusal("hq.not_begun")
        yield headquarters
    finally:
        headquarters.close()


def person_of(context: Context, headquarters: Headquarters, role: HqRole) -> Person:
    """Return the person whose act a command is, after the password was checked.

    Raises:
        Refusal: "hq.login_wrong", "hq.login_locked"; "hq.role_missing", params role.
    """
    account = context.args.account or os.environ.get("MINGJIAN_ACCOUNT")
    if not account:
        open_ones = [one.name for one in headquarters.people.all() if one.closed_at is None]
        if len(open_ones) != 1:
            raise Refusal("cli.account_missing", accounts=", ".join(open_ones))
        account = open_ones[0]
    person = headquarters.people.check(account, context.password_for(account))
    if not person.may(role):
        raise Refusal("hq.role_missing", role=role.value)
    return person
