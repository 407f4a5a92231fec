"""`sync peer-wait | peer-call`: two laptops change what they have over a cable, after two people agreed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.cli.context import Context
from core.kernel.errors import Refusal

if TYPE_CHECKING:
    from core.station.peers import PeerMeeting, PeerReport

FIRST = 4
"""Characters of a fingerprint that are enough to tell one colleague from another."""


def add(sync: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file below `sync`."""
    wait = sync.add_parser("peer-wait", parents=[common], help="wait for the other laptop on one cable")
    wait.add_argument("--host", default="", help="one address of this laptop; all of them if not given")
    wait.add_argument("--port", type=int, default=47613)
    wait.set_defaults(run=_wait)
    call = sync.add_parser("peer-call", parents=[common], help="call the laptop that waits")
    call.add_argument("address", metavar="HOST[:PORT]", help="as the other laptop shows it")
    call.set_defaults(run=_call)
    for parser in (wait, call):
        parser.add_argument(
            "--confirm",
            metavar="FINGERPRINT",
            default="",
            help="what the other laptop shows as its own; its first four characters are enough; asked for if not given",
        )


def _wait(context: Context) -> None:
    def told(addresses: tuple[str, ...]) -> None:
        words = context.words("cli.peer.waits", addresses="  ".join(addresses) or str(context.args.port))
        print(words, file=sys.stderr, flush=True)

    args = context.args
    meeting = context.session.sync.wait_for_peer(host=args.host, port=args.port, told=told, progress=context.progress)
    _go_on(context, meeting)


def _call(context: Context) -> None:
    _go_on(context, context.session.sync.call_peer(context.args.address, progress=context.progress))


def _go_on(context: Context, meeting: PeerMeeting) -> None:
    if not _is_confirmed(context, meeting):
        meeting.decline()
        raise Refusal("peer.not_confirmed", officer=meeting.other.officer)
    report = meeting.exchange(progress=context.progress)
    context.show(report, _lines(context, report))


def _is_confirmed(context: Context, meeting: PeerMeeting) -> bool:
    """Ask the person, or compare with what was given. That the other side holds the key is proved already."""
    other = meeting.other
    if given := _plain(context.args.confirm):
        return len(given) >= FIRST and _plain(other.fingerprint).startswith(given)
    if not sys.stdin.isatty():
        return False
    print(context.words("cli.peer.own", fingerprint=context.session.sync.own_fingerprint()), file=sys.stderr)
    words = context.words("cli.peer.other", officer=other.officer, subject=other.subject, fingerprint=other.fingerprint)
    print(words, file=sys.stderr)
    return input(context.words("cli.peer.ask")).strip().lower() in ("y", "yes", "是")


def _plain(fingerprint: str) -> str:
    return "".join(fingerprint.upper().split())


def _lines(context: Context, report: PeerReport) -> Iterator[str]:
    yield context.words("cli.peer.sent", officer=report.other.officer, runs=report.sent.runs, media=report.sent.blobs)
    yield context.words("cli.peer.taken", entries=report.taken.pulled.entries, media=report.taken.blobs)
    for one in report.taken.bad:
        yield context.words("cli.sync.bad", about=one.about, why=one.why)
    yield context.words("cli.peer.equal" if report.equal else "cli.peer.unequal")
    for chain in report.chains:
        yield f"  {chain.device}  {chain.here} / {chain.there}"
