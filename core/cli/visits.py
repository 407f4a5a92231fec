"""`visit …`: the moves of a visit, in the order in which officers make them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from core.cli.context import Context, read_file, write_file
from core.domain.visits import EntryPath, PersonMet, TriggerKind, Visit, VisitKind
from core.kernel.clock import BEIJING, local
from core.kernel.errors import Refusal

Run = Callable[[Context], None]
Arguments = tuple[tuple[tuple[str, ...], dict[str, Any]], ...]


def _arg(*names: str, **options: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    return names, options


def local_instant(text: str) -> datetime:
    """Return an instant typed as Beijing time, `2026-03-17T09:30`."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=BEIJING)


REASON = (_arg("--reason", required=True, help="reason code"), _arg("--note", default=""))

COMMANDS: dict[str, Arguments] = {
    "plan": (
        _arg("--kind", choices=[kind.value for kind in VisitKind], default="routine"),
        _arg("--enterprise", required=True, help="credit code, or words that find exactly one"),
        _arg("--item", action="append", required=True, help="id of an item; several times for several"),
        _arg("--officer", action="append", required=True, help="id of an officer; at least two"),
        _arg("--from", dest="planned_from", type=local_instant, required=True, help="Beijing time, 2026-03-17T09:30"),
        _arg("--to", dest="planned_to", type=local_instant, required=True),
        _arg("--plan", default="", help="id of the plan line"),
        _arg("--trigger", choices=[kind.value for kind in TriggerKind]),
        _arg("--trigger-no", default=""),
        _arg("--method", default=""),
        _arg("--assistants", type=int, default=0),
        _arg("--parent", default="", help="the visit that a follow-up re-checks"),
    ),
    "scheme": (_arg("file", type=Path, help="where to write what the head is asked to sign"),),
    "approve": (
        _arg("--package", type=Path, help="the signed approval file"),
        _arg("--oral", default="", metavar="LEADER", help="emergency: id of the leader who was told"),
        _arg("--reason", default=""),
        _arg("--note", default=""),
    ),
    "notify": (),
    "open": (_arg("--because", action="append", default=[], metavar="GATE=REASON"),),
    "arrive": (),
    "scan": (
        _arg("--text", default=""),
        _arg("--image", type=Path),
        _arg("--no-code", default="", metavar="REASON", help="the enterprise shows no code"),
        _arg("--later", default="", metavar="REASON", help="emergency: scan before leaving"),
        _arg("--network-down", default="", metavar="REASON"),
        _arg("--note", default=""),
    ),
    "late-scan": (_arg("--text", default=""), _arg("--image", type=Path)),
    "identify": (_arg("--name", required=True), _arg("--post", default=""), _arg("--phone", default="")),
    "begin": (_arg("--recusal-asked", action="store_true"),),
    "answer": (
        _arg("--item", required=True),
        _arg("--point", required=True),
        _arg("--value", required=True, help="pass, fail, not_applicable, not_checked, or the typed value"),
        _arg("--repeat", type=int, default=0),
        _arg("--note", default=""),
    ),
    "attach": (
        _arg("file", type=Path),
        _arg("--proves", default=""),
        _arg("--answer", default=""),
        _arg("--finding", default=""),
    ),
    "refuse": (*REASON, _arg("--justified", action="store_true", help="the ground of the refusal is lawful")),
    "conclude": (
        _arg("--conclusion", required=True),
        _arg("--measures", default=""),
        _arg("--opinion", default=""),
    ),
    "tell": (),
    "order": (_arg("--correct-by", type=date.fromisoformat, required=True),),
    "corrected": (_arg("--note", required=True),),
    "close": (),
    "archive": (),
    "abort": (_arg("--reason", required=True),),
    "show": (),
}


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    visit = groups.add_parser("visit", help="from plan to archive").add_subparsers(required=True)
    for name, arguments in COMMANDS.items():
        command = visit.add_parser(name, parents=[common])
        if name != "plan":
            command.add_argument("visit", help="id or number of the visit")
        for names, options in arguments:
            command.add_argument(*names, **options)
        command.set_defaults(run=RUNS.get(name, _simple), move=name.replace("-", "_"))
    listing = visit.add_parser("list", parents=[common])
    listing.add_argument("text", nargs="?", default="")
    listing.set_defaults(run=_list)


def visit_id(context: Context) -> str:
    """Return the id for an id or number that was typed.  Raises Refusal "cli.visit_unknown"."""
    typed = str(context.args.visit)
    found = [one.id for one in context.session.visits.list() if typed in (one.id, one.number)]
    if len(found) != 1:
        raise Refusal("cli.visit_unknown", visit=typed)
    return found[0]


def show_visit(context: Context, visit: Visit) -> None:
    """Print where the visit stands."""
    answer = {"visit": visit.id, "number": visit.number, "state": visit.state, "enterprise": visit.enterprise_name}
    state = context.words(f"ui.term.visit_state.{visit.state}")
    context.show(answer, [f"{visit.number}  {visit.enterprise_name}  {state}"])


def _simple(context: Context) -> None:
    move = getattr(context.session.visits, context.args.move)
    show_visit(context, move(visit_id(context)).value)


def _plan(context: Context) -> None:
    args = context.args
    enterprise = args.enterprise
    hits = context.session.enterprises.search(enterprise, limit=2)
    exact = [hit.id for hit in hits if enterprise.upper() in (hit.id, hit.uscc)] or [hit.id for hit in hits]
    if len(exact) != 1:
        raise Refusal("cli.enterprise_unclear", text=enterprise, count=len(exact))
    done = context.session.visits.plan(
        kind=VisitKind(args.kind),
        enterprise=exact[0],
        items=tuple(args.item),
        officers=tuple(args.officer),
        planned_from=args.planned_from,
        planned_to=args.planned_to,
        plan=args.plan,
        trigger_kind=TriggerKind(args.trigger) if args.trigger else None,
        trigger_no=args.trigger_no,
        method=args.method,
        assistants=args.assistants,
        parent=args.parent,
        is_demo=context.station.is_demo,
    )
    show_visit(context, done.value)


def _scheme(context: Context) -> None:
    write_file(context.args.file, context.session.approvals.export_scheme(visit_id(context)))
    context.show({"file": str(context.args.file)}, [context.words("cli.written", file=context.args.file)])


def _approve(context: Context) -> None:
    args = context.args
    if args.package is not None:
        done = context.session.approvals.import_package(read_file(args.package))
    elif args.oral:
        done = context.session.visits.approve_orally(
            visit_id(context), leader=args.oral, reason_code=args.reason, note=args.note
        )
    else:
        raise Refusal("cli.approval_missing")
    show_visit(context, done.value)


def _open(context: Context) -> None:
    reasons: dict[str, str] = dict(pair.split("=", 1) for pair in context.args.because if "=" in pair)
    opened = context.session.visits.open(visit_id(context), reasons).value
    lines = [context.words(f"gate.decision.{opened.decision}")]
    for line in opened.gates:
        name, verdict = context.words(f"gate.name.{line.gate}"), context.words(f"gate.verdict.{line.verdict}")
        why = context.words(f"gate.why.{line.why}") if line.why else ""
        lines.append(f"  {verdict}  {name}  {why}  {line.citation}")
    context.show(opened, lines)
    if opened.decision != "open":
        raise Refusal("cli.not_open", gates=", ".join(opened.need_reason) or _blocking(opened))


def _blocking(opened: Any) -> str:
    return ", ".join(line.gate for line in opened.gates if line.verdict == "block")


def _scanned_text(context: Context) -> tuple[str, str]:
    """Return the text and where it came from.  Raises Refusal "cli.code_missing"."""
    if context.args.image is not None:
        texts = context.session.decode_file(context.args.image)
        if not texts:
            raise Refusal("cli.code_missing")
        return texts[0], "image"
    if not context.args.text:
        raise Refusal("cli.code_missing")
    return context.args.text, "typed"


def _scan(context: Context) -> None:
    args, visits = context.args, context.session.visits
    if args.no_code:
        done = visits.no_code(visit_id(context), reason_code=args.no_code, note=args.note)
    elif args.later:
        done = visits.scan_later(
            visit_id(context), path=EntryPath.EMERGENCY, reason_code=args.later, note=args.note
        )
    elif args.network_down:
        done = visits.network_down(visit_id(context), reason_code=args.network_down, note=args.note)
    else:
        done = visits.scan(visit_id(context), *_scanned_text(context))
    show_visit(context, done.value)


def _late_scan(context: Context) -> None:
    show_visit(context, context.session.visits.late_scan(visit_id(context), *_scanned_text(context)).value)


def _identify(context: Context) -> None:
    args = context.args
    person = PersonMet(name=args.name, post=args.post, phone=args.phone)
    show_visit(context, context.session.visits.identify(visit_id(context), person).value)


def _begin(context: Context) -> None:
    found = visit_id(context)
    context.session.visits.tell_rights(found, recusal_asked=context.args.recusal_asked)
    show_visit(context, context.session.visits.begin(found).value)


def _refuse(context: Context) -> None:
    args = context.args
    done = context.session.visits.refuse(
        visit_id(context), reason_code=args.reason, is_justified=args.justified, note=args.note
    )
    show_visit(context, done.value)


def _conclude(context: Context) -> None:
    args = context.args
    done = context.session.visits.conclude(
        visit_id(context), conclusion=args.conclusion, measures=args.measures, party_opinion=args.opinion
    )
    show_visit(context, done.value)


def _order(context: Context) -> None:
    done = context.session.visits.order_correction(visit_id(context), correct_by=context.args.correct_by)
    show_visit(context, done.value)


def _corrected(context: Context) -> None:
    show_visit(context, context.session.visits.corrected(visit_id(context), note=context.args.note).value)


def _abort(context: Context) -> None:
    show_visit(context, context.session.visits.abort(visit_id(context), reason=context.args.reason).value)


def _answer(context: Context) -> None:
    args = context.args
    done = context.session.checklists.answer(
        visit_id(context), item=args.item, point=args.point, value=args.value, repeat=args.repeat, note=args.note
    )
    context.show(done.value, [f"{done.value.point}: {done.value.verdict or done.value.value}"])


def _attach(context: Context) -> None:
    args = context.args
    done = context.session.evidence.attach(
        visit_id(context),
        read_file(args.file),
        file_name=args.file.name,
        proves=args.proves,
        answer=args.answer,
        finding=args.finding,
    )
    context.show(done.value, [f"{done.value.file_name}: sha256 {done.value.blob}"])


def _show(context: Context) -> None:
    found = context.session.visits.show(visit_id(context))
    context.show(found, (f"{name}: {getattr(found, name)}" for name in found.__struct_fields__))


def _list(context: Context) -> None:
    found = context.session.visits.list(context.args.text)
    lines = [
        f"{one.number}  {local(one.planned_from):%Y-%m-%d %H:%M}  {one.enterprise_name}  "
        + context.words(f"ui.term.visit_state.{one.state}")
        for one in found
    ]
    context.show({"visits": found}, lines or [context.words("cli.nothing_found")])


RUNS: dict[str, Run] = {
    "plan": _plan,
    "scheme": _scheme,
    "approve": _approve,
    "open": _open,
    "scan": _scan,
    "late-scan": _late_scan,
    "identify": _identify,
    "begin": _begin,
    "answer": _answer,
    "attach": _attach,
    "refuse": _refuse,
    "conclude": _conclude,
    "order": _order,
    "corrected": _corrected,
    "abort": _abort,
    "show": _show,
}
