"""`sync run | enrol | status | statement | conflicts | resolve | settle | numbers`, `bundle export | import`."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli import sync_peer
from core.cli.context import Context
from core.cli.fields import wanted_kind
from core.kernel.clock import local, local_date
from core.kernel.errors import Fault, Refusal
from core.kernel.records import to_plain
from core.kernel.words import catalogue, fault_words

if TYPE_CHECKING:
    from core.station.sync_records import SyncReport
    from core.sync.bundle import BundleReport
    from core.sync.statement import Statement

VALUE_CHARS = 60
"""Characters of one value in a line of `sync conflicts`."""


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    sync = groups.add_parser("sync", help="bring this station and headquarters even").add_subparsers(required=True)
    run = sync.add_parser("run", parents=[common], help="sync now, or again and again")
    run.add_argument("--every", type=int, default=0, metavar="MIN", help="go on by itself until it is stopped")
    run.set_defaults(run=_run)
    enrol = sync.add_parser("enrol", parents=[common], help="belong to a headquarters")
    enrol.add_argument("url")
    enrol.add_argument("code", help="the one-time code")
    enrol.set_defaults(run=_enrol)
    for name, command in (("status", _status), ("statement", _statement), ("conflicts", _conflicts)):
        sync.add_parser(name, parents=[common]).set_defaults(run=command)
    resolve = sync.add_parser("resolve", parents=[common], help="decide between several values of one record")
    resolve.add_argument("family")
    resolve.add_argument("id")
    resolve.add_argument("choices", nargs="+", metavar="FIELD=ENTRY", help="the entry whose value is taken")
    resolve.add_argument("--note", default="")
    resolve.set_defaults(run=_resolve)
    settle = sync.add_parser("settle", parents=[common], help="say what was decided about a doubt")
    settle.add_argument("id")
    settle.add_argument("how")
    settle.set_defaults(run=_settle)
    numbers = sync.add_parser("numbers", parents=[common], help="ask headquarters for document numbers")
    numbers.add_argument("kind", help="for example inspection_notice or D02")
    numbers.add_argument("--body", default="", help="this account's body if not given")
    numbers.add_argument("--year", type=int, default=0)
    numbers.add_argument("--size", type=int, default=50)
    numbers.set_defaults(run=_numbers)
    sync_peer.add(sync, common)
    _add_bundle(groups.add_parser("bundle", help="sync by file: a stick, or a colleague's laptop"), common)


def _add_bundle(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    bundle = parser.add_subparsers(required=True)
    out = bundle.add_parser("export", parents=[common])
    out.add_argument("file", type=Path)
    out.add_argument("--to", default="hq", help="hq, or the device of a colleague")
    out.add_argument("--without-media", action="store_true")
    out.set_defaults(run=_export)
    relay = bundle.add_parser("relay", parents=[common], help="carry colleagues' files to headquarters over the line")
    relay.add_argument("files", nargs="+", type=Path)
    relay.add_argument("--answers", type=Path, required=True, metavar="DIR", help="where the answers are written")
    relay.set_defaults(run=_relay)
    bring = bundle.add_parser("import", parents=[common])
    bring.add_argument("file", type=Path)
    bring.set_defaults(run=_import)


def _run(context: Context) -> None:
    if context.args.every:
        _run_on(context, context.args.every)
        return
    _show_report(context, context.session.sync.run(progress=context.progress))


def _run_on(context: Context, every_min: int, *, wait: threading.Event | None = None) -> None:
    """Sync, wait, and sync again until the person stops it. A fault is told and the next attempt comes later."""
    from core.sync.schedule import next_attempt

    session, stopped = context.session, wait or threading.Event()
    while True:
        retry_after: int | None = None
        try:
            report = session.sync.run(progress=context.progress)
            _tell(_report_lines(context, report))
        except Refusal:
            # A rule says no, and will say so again: somebody has to look.
            raise
        except Fault as fault:
            asked = fault.params.get("retry_after_s")
            retry_after = asked if isinstance(asked, int) else None
            words = fault_words(fault, context.lang)
            _tell((words.what, words.todo))
        status = session.sync.status()
        now = session.clock.now()
        due = next_attempt(
            status.last_attempt_at,
            now=now,
            every_min=every_min,
            failures=status.failures,
            seed=status.device,
            retry_after_s=retry_after,
        )
        assert due is not None, "an interval was asked for"
        if stopped.wait(max(0.0, (due - now).total_seconds())):
            return


def _tell(lines: Iterable[str]) -> None:
    import sys

    for line in lines:
        print(line, file=sys.stderr)


def _show_report(context: Context, report: SyncReport) -> None:
    context.show(report, _report_lines(context, report))


def _report_lines(context: Context, report: SyncReport) -> Iterator[str]:
    yield context.words(
        "cli.sync.moved",
        pushed=report.pushed,
        pulled=report.pulled,
        confirmed=report.own_confirmed,
        media=report.blobs_sent,
    )
    for name in report.lists_taken:
        yield context.words("cli.sync.list", list=name)
    if report.outcomes:
        yield context.words("cli.sync.outcomes", count=len(report.outcomes))
    if report.clashes or report.conflicts:
        yield context.words("cli.sync.look", clashes=report.clashes, conflicts=report.conflicts)
    for entry, why in report.quarantined:
        yield context.words("cli.sync.quarantined", entry=entry, why=why)
    if report.state != "even":
        yield context.words(f"cli.sync.state.{report.state}")
    if report.statement is not None:
        yield from _statement_lines(context, report.statement)


def _statement_lines(context: Context, said: Statement) -> Iterator[str]:
    yield context.words("cli.sync.equal" if said.equal else "cli.sync.unequal", at=f"{local(said.at):%Y-%m-%d %H:%M}")
    yield context.words(
        "cli.sync.records", here=said.records.here, there=said.records.there, only=said.records.only_here
    )
    yield context.words("cli.sync.media", here=said.blobs.here, there=said.blobs.there, only=said.blobs.only_here)
    for one in said.differences:
        key = f"sync.differs.{one.what}"
        name = context.words(key) if key in catalogue() else one.what
        yield f"  {name}  {one.where}  {one.here} / {one.there}"
    yield f"  {said.root_here}"
    if said.root_there != said.root_here:
        yield f"  {said.root_there}"


def _enrol(context: Context) -> None:
    enrolled = context.session.sync.enrol(context.args.url, context.args.code, progress=context.progress)
    lines = [
        context.words("cli.sync.enrolled", subject=enrolled.subject, device=enrolled.device),
        context.words("cli.sync.hq_print", fingerprint=enrolled.hq_fingerprint),
        context.words("cli.sync.root_print", fingerprint=enrolled.root_fingerprint),
        context.words("cli.sync.own_print", fingerprint=enrolled.own_fingerprint),
    ]
    context.show(enrolled, lines)


def _status(context: Context) -> None:
    status = context.session.sync.status()
    context.show(status, _status_lines(context, status))


def _status_lines(context: Context, status: Any) -> Iterator[str]:
    if not status.is_enrolled:
        yield context.words("cli.sync.not_enrolled")
    else:
        yield f"{status.url}  {status.subject}  {status.device}"
    yield context.words("cli.sync.waiting", entries=status.unconfirmed, media=status.blobs_waiting)
    if status.oldest_unsynced_at is not None:
        yield context.words("cli.sync.oldest", at=f"{local(status.oldest_unsynced_at):%Y-%m-%d %H:%M}")
    if status.last_success_at is not None:
        yield context.words("cli.sync.last", at=f"{local(status.last_success_at):%Y-%m-%d %H:%M}")
    if status.last_error:
        yield context.words("cli.sync.failed", code=status.last_error)
    if status.lease_until is not None:
        yield context.words("cli.sync.lease", until=f"{local_date(status.lease_until):%Y-%m-%d}")
    if status.clash_count:
        yield context.words("cli.sync.clashes", count=status.clash_count)
    if status.is_forked:
        yield context.words("cli.sync.state.forked")


def _statement(context: Context) -> None:
    said = context.session.sync.last_statement()
    if said is None:
        raise Refusal("sync.no_statement")
    context.show(said, _statement_lines(context, said))


def _conflicts(context: Context) -> None:
    sync = context.session.sync
    clashes, doubts = sync.clashes(), sync.conflicts()
    lines: list[str] = []
    for view in clashes:
        lines.append(f"{view.family} {view.entity}  {view.title}")
        lines += [
            f"  {side.field} = {_short(side.value)}  {side.actor_name}  {local(side.at):%Y-%m-%d %H:%M}  {side.entry}"
            for side in view.sides
        ]
    lines += [
        f"{doubt.id}  {context.words(f'cli.sync.doubt.{doubt.kind.value}')}  {doubt.visit}  {', '.join(doubt.others)}"
        for doubt in doubts
    ]
    context.show({"clashes": clashes, "conflicts": doubts}, lines or [context.words("cli.sync.nothing_to_decide")])


def _short(value: object) -> str:
    """Return a value on one line, the long ones cut: the whole of it stands in --json and in the window."""
    text = value if isinstance(value, str) else json.dumps(to_plain(value), ensure_ascii=False)
    return text if len(text) <= VALUE_CHARS else text[: VALUE_CHARS - 1] + "…"


def _resolve(context: Context) -> None:
    args = context.args
    chosen = _choices(args.choices)
    context.session.sync.resolve(args.family, args.id, chosen, args.note)
    context.show({"family": args.family, "id": args.id, "chosen": chosen}, [context.words("cli.sync.decided")])


def _choices(pairs: Sequence[str]) -> dict[str, str]:
    """Return field to entry of `FIELD=ENTRY`.  Raises Refusal "cli.choice_unreadable"."""
    chosen: dict[str, str] = {}
    for pair in pairs:
        field, separator, entry = pair.partition("=")
        if not separator or not entry:
            raise Refusal("cli.choice_unreadable", choice=pair)
        chosen[field] = entry
    return chosen


def _settle(context: Context) -> None:
    settled = context.session.sync.settle(context.args.id, context.args.how).value
    context.show(settled, [context.words("cli.sync.decided")])


def _numbers(context: Context) -> None:
    args, session = context.args, context.session
    body = args.body or session.account.subject
    year = args.year or local_date(session.clock.now()).year
    command = session.sync.request_numbers(body, wanted_kind(args.kind), year, args.size).value
    context.show(command, [context.words("cli.sync.asked", size=args.size, body=body)])


def _export(context: Context) -> None:
    args = context.args
    report = context.session.sync.export_bundle(
        args.file, to=args.to, with_media=not args.without_media, progress=context.progress
    )
    words = context.words("cli.sync.written", file=args.file.name, runs=report.runs, media=report.blobs)
    context.show(report, [words])


def _relay(context: Context) -> None:
    carried = context.session.sync.carry(context.args.files, context.args.answers, progress=context.progress)
    lines: list[str] = []
    for one in carried:
        if one.sender:
            words = {"file": one.file, "sender": one.sender, "runs": one.runs, "media": one.blobs}
            lines.append(context.words("cli.relay.taken", **words))
        lines += [context.words("cli.sync.bad", about=bad.about, why=bad.why) for bad in one.bad]
        if one.answer:
            lines.append(context.words("cli.relay.answer", file=one.answer))
        if one.fault:
            lines.append(context.words("cli.relay.refused", file=one.file, code=one.fault))
    context.show({"carried": carried}, lines)
    if any(one.fault and not one.sender for one in carried):
        raise Refusal("relay.refused", count=sum(1 for one in carried if one.fault and not one.sender))


def _import(context: Context) -> None:
    report = context.session.sync.import_bundle(context.args.file, progress=context.progress)
    context.show(report, _taken_lines(context, report))


def _taken_lines(context: Context, report: BundleReport) -> Iterator[str]:
    if report.is_repeat:
        yield context.words("cli.sync.repeat", sender=report.sender, number=report.sequence)
    yield context.words(
        "cli.sync.taken",
        sender=report.sender,
        entries=report.pulled.entries,
        media=report.blobs,
        confirmed=report.confirmed,
    )
    for one in report.bad:
        yield context.words("cli.sync.bad", about=one.about, why=one.why)
    if report.statement is not None:
        yield from _statement_lines(context, report.statement)
