"""What every command needs: the home, the language, the unlocked session, and one way to answer."""

from __future__ import annotations

import getpass
import io
import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress
from core.kernel.records import to_plain
from core.kernel.words import Lang, text

if TYPE_CHECKING:
    from core.station import Session, Station

DEFAULT_HOME = Path.home() / ".local" / "share" / "mingjian"


class Context:
    """One run of one command."""

    def __init__(self, args: Namespace) -> None:
        self.args = args
        self.home = Path(args.home or os.environ.get("MINGJIAN_HOME") or DEFAULT_HOME)
        self.is_json = bool(args.json)
        self.lang: Lang = "en" if args.lang == "en" else "zh"
        self.has_answered = False
        """Whether the one JSON document stands on stdout already."""
        self._session: Session | None = None
        _never_fail_on_a_letter()

    @cached_property
    def station(self) -> Station:
        """The station of the home.  Raises Refusal "station.missing"."""
        from core.station import Station

        return Station.open(self.home)

    @property
    def session(self) -> Session:
        """The unlocked session; asks for account and password where nothing else tells them."""
        if self._session is None:
            self._session = self.station.unlock(*self.credentials())
        return self._session

    def credentials(self) -> tuple[str, str]:
        """Return account and password; asks for what nothing else tells."""
        account = self._account()
        return account, self.password_for(account)

    @cached_property
    def progress(self) -> Progress:
        """A bar on stderr for work of more than a second; none when stderr is no terminal."""
        from core.cli.bars import Bar

        return Bar()

    def show(self, answer: Any, lines: Iterable[str] = ()) -> None:
        """Print one JSON document, or the lines for a person."""
        if self.is_json:
            assert not self.has_answered, "one document on stdout"
            self.has_answered = True
            print(json.dumps(to_plain(answer), ensure_ascii=False, indent=2, sort_keys=False))
            return
        for line in lines:
            print(line)

    def words(self, key: str, /, **params: object) -> str:
        """Return a text of the catalogue in the chosen language."""
        return text(key, self.lang, **params)

    def close(self) -> None:
        """Lock the station if this run unlocked it."""
        if self._session is not None:
            self._session.close()

    def _account(self) -> str:
        account = self.args.account or os.environ.get("MINGJIAN_ACCOUNT")
        if account:
            return str(account)
        accounts = self.station.accounts()
        if len(accounts) == 1:
            return accounts[0]
        if not sys.stdin.isatty():
            raise Refusal("cli.account_missing", accounts=", ".join(accounts))
        print(self.words("cli.accounts", accounts=", ".join(accounts)), file=sys.stderr)
        return input(self.words("cli.account_prompt"))

    def given_password(self) -> str:
        """Return the password of the file or the environment, or an empty string; never asks."""
        file = self.args.password_file
        return _line_in(Path(file)) if file else os.environ.get("MINGJIAN_PASSWORD", "")

    def new_password(self, file: Path | None) -> str:
        """Return the new password of a file, or ask for it twice.

        Raises Refusal "cli.new_password_missing", "cli.passwords_differ".
        """
        if file is not None:
            return _line_in(file)
        if not sys.stdin.isatty():
            raise Refusal("cli.new_password_missing")
        first, second = (getpass.getpass(self.words(key)) for key in ("cli.new_password", "cli.new_password_again"))
        if first != second:
            raise Refusal("cli.passwords_differ")
        return first

    def password_for(self, account: str) -> str:
        """Return the password of an account; asks where nothing else tells it."""
        given = self.given_password()
        if given:
            return given
        if not sys.stdin.isatty():
            raise Refusal("cli.password_missing", account=account)
        return getpass.getpass(self.words("cli.password_prompt", account=account))


def _never_fail_on_a_letter() -> None:
    """Write letters that the terminal's encoding lacks as escapes; a name must never end a command half way."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _line_in(path: Path) -> str:
    try:
        return path.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble("cli.file_unreadable", path=str(path)) from error


def read_file(path: Path) -> bytes:
    """Return the bytes of a file that a person named.  Raises Trouble "cli.file_unreadable"."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Trouble("cli.file_unreadable", path=str(path)) from error


def write_file(path: Path, content: bytes) -> None:
    """Write a file that a person named.  Raises Trouble "cli.file_unwritable"."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Trouble("cli.file_unwritable", path=str(path), why=error.strerror or "") from error
