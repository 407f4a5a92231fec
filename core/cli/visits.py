"""`visit …`: the moves of a visit in the order in which officers make them; before entry here, then visit_site.py.

What is written during and after the inspection is in visit_case.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from core.cli.commands import Command, add_group, arg, instant, show_visit, simple_move, visit_id
from core.cli.context import Context, read_file, write_file
from core.domain.gate_lines import GateLine
from core.domain.visits import TriggerKind, VisitKind, VisitState
from core.kernel.clock import local
from core.kernel.errors import Refusal
from core.kernel.records import parse_json
from core.services.closing import Blocker
from core.services.visit_views import VisitView
from core.services.visit_words import decision_words, gate_words, visit_term


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of a visit."""
    from core.cli import visit_case, visit_site

    commands = (*COMMANDS, *visit_site.COMMANDS, *visit_case.COMMANDS)
    add_group(groups, common, "visit", commands, help="from plan to archive")


def _plan(context: Context) -> None:
    args = context.args
    done = context.session.visits.plan(
        kind=VisitKind(args.kind),
        enterprise=_enterprise(context, args.enterprise),
        items=tuple(args.item),
        officers=tuple(args.officer),
        planned_from=args.planned_from,
        planned_to=args.planned_to,
        plan=args.plan,
        trigger_kind=TriggerKind(args.trigger) if args.trigger else None,
        trigger_no=args.trigger_no,
        method=args.method,
        place=args.place,
        assistants=args.assistants,
        parent=args.parent,
        is_demo=context.station.is_demo,
    )
    show_visit(context, done.value)


def _enterprise(context: Context, text: str) -> str:
    """Return the id of the one enterprise that the text names.  Raises Refusal "cli.enterprise_unclear"."""
    hits = context.session.enterprises.search(text, limit=2)
    exact = [hit.id for hit in hits if text.upper() in (hit.id.upper(), hit.uscc)] or [hit.id for hit in hits]
    if len(exact) == 1:
        return exact[0]
    if exact:
        raise Refusal("cli.enterprise_unclear", text=text)
    raise Refusal("cli.enterprise_unknown", text=text)


def _revise(context: Context) -> None:
    args = context.args
    given: dict[str, Any] = {
        "items": tuple(args.item or ()),
        "officers": tuple(args.officer or ()),
        "planned_from": args.planned_from,
        "planned_to": args.planned_to,
        "plan": args.plan,
        "trigger_kind": TriggerKind(args.trigger) if args.trigger else None,
        "trigger_no": args.trigger_no,
        "scheme_method": args.method,
        "place": args.place,
        "assistants": args.assistants,
    }
    fields = {name: value for name, value in given.items() if value not in (None, ())}
    show_visit(context, context.session.visits.revise(visit_id(context), **fields).value)


def _scheme(context: Context) -> None:
    write_file(context.args.file, context.session.approvals.export_scheme(visit_id(context)))
    context.show({"file": str(context.args.file)}, [context.words("cli.written", file=context.args.file)])


def _sign_off(context: Context) -> None:
    args = context.args
    signed = context.session.approvals.approve(read_file(args.scheme), expires_at=args.expires)
    write_file(args.file, signed)
    context.show({"file": str(args.file)}, [context.words("cli.written", file=args.file)])


def _approve(context: Context) -> None:
    args = context.args
    if args.package is not None:
        # The package names its visit itself; that it is the one on the command line is checked before it is taken.
        wanted = visit_id(context)
        done = context.session.approvals.import_package(_package_for(args.package, wanted))
    elif args.oral:
        done = context.session.visits.approve_orally(
            visit_id(context), leader=args.oral, reason_code=args.reason, told_at=args.told_at, note=args.note
        )
    else:
        raise Refusal("cli.approval_missing")
    show_visit(context, done.value)


def _package_for(path: Path, visit: str) -> bytes:
    """Return the approval file.  Raises Refusal "approval.other_visit" where it plainly names another visit."""
    raw = read_file(path)
    if _visit_named_in(raw) not in ("", visit):
        raise Refusal("approval.other_visit", visit=visit)
    return raw


def _visit_named_in(raw: bytes) -> str:
    """Return the visit that an approval file names; empty for anything that is no approval file."""
    try:
        plain: Any = parse_json(raw)
        return str(plain["approval"]["scheme"]["visit"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return ""


def _open(context: Context) -> None:
    found, reasons = visit_id(context), _reasons(context.args.because)
    if reasons:
        _refuse_unknown_gates(context, found, reasons)
    opened = context.session.visits.open(found, reasons).value
    context.show(opened, [decision_words(opened.decision, context.lang), *gate_lines(context, opened.gates)])
    if opened.decision != "open":
        blocking = [line.gate for line in opened.gates if line.verdict == "block"]
        raise Refusal("cli.not_open", gates=", ".join(blocking or opened.need_reason))


def _reasons(pairs: list[str]) -> dict[str, str]:
    """Return the reasons by gate.  Raises Refusal "cli.reason_unclear"."""
    reasons: dict[str, str] = {}
    for pair in pairs:
        gate, equals, reason = pair.partition("=")
        if not (gate and equals and reason.strip()):
            raise Refusal("cli.reason_unclear", text=pair)
        reasons[gate] = reason
    return reasons


def _refuse_unknown_gates(context: Context, visit: str, reasons: dict[str, str]) -> None:
    known = [line.gate for line in context.session.visits.gates(visit)]
    unknown = sorted(set(reasons) - set(known))
    if unknown:
        raise Refusal("cli.gate_unknown", gate=", ".join(unknown), known=", ".join(known))


def _gates(context: Context) -> None:
    found = context.session.visits.gates(visit_id(context))
    context.show({"gates": found}, gate_lines(context, found))


def gate_lines(context: Context, gates: tuple[GateLine, ...]) -> Iterator[str]:
    """Give every verdict line in words: verdict, gate, ground, what would change it, citation."""
    for line in gates:
        words = gate_words(line, context.lang)
        parts = (words.verdict, words.name, words.why, words.change, line.citation)
        yield "  " + "  ".join(part for part in parts if part)


def _show(context: Context) -> None:
    found = context.session.visits.show(visit_id(context))
    context.show(found, _in_words(context, found))


def _in_words(context: Context, found: VisitView) -> Iterator[str]:
    """Give a visit as a person reads it: what and where, how far, every gate, and what still blocks closing."""
    visit, lang = found.visit, context.lang
    names = {"number": visit.number, "kind": visit_term("kind", visit.kind, lang)}
    state = visit_term("state", visit.state, lang)
    yield context.words("cli.show.visit", **names, state=state, subject=visit.subject)
    where = visit.place or visit.address
    yield context.words("cli.show.enterprise", name=visit.enterprise_name, uscc=visit.uscc, address=where)
    begin, end = (f"{local(at):%Y-%m-%d %H:%M}" for at in (visit.planned_from, visit.planned_to))
    yield context.words("cli.show.window", planned_from=begin, planned_to=end)
    yield context.words("cli.show.people", officers=", ".join(visit.officers))
    yield context.words("cli.show.items", items=", ".join(one.item_name for one in found.checklists))
    yield context.words(
        "cli.show.counts",
        answered=sum(one.progress.answered for one in found.checklists),
        asked=sum(one.progress.asked for one in found.checklists),
        evidence=sum(not piece.is_void for piece in found.evidence),
        findings=sum(not finding.is_void for finding in found.findings),
    )
    yield decision_words(found.decision, lang)
    yield from gate_lines(context, found.gates)
    yield from _blocker_lines(context, found.blockers)


def _blocker_lines(context: Context, blockers: tuple[Blocker, ...]) -> list[str]:
    return [context.words(f"blocker.{one.code}", **_readable(context, one.params)) for one in blockers]


def _blockers(context: Context) -> None:
    found = context.session.visits.blockers(visit_id(context))
    context.show({"blockers": found}, _blocker_lines(context, found) or [context.words("cli.nothing_blocks")])


def _close(context: Context) -> None:
    """Close a visit; where something blocks that, a person reads what it is, line by line."""
    found = visit_id(context)
    if not context.is_json:
        for line in _blocker_lines(context, context.session.visits.blockers(found)):
            print(f"  {line}", file=sys.stderr)
    show_visit(context, context.session.visits.close(found).value)


def _readable(context: Context, params: dict[str, str]) -> dict[str, str]:
    """Return parameters of a blocker with coded values in words."""
    families = {"duty", "urgency"}
    return {
        name: visit_term(name, value, context.lang) if name in families else value for name, value in params.items()
    }


def _list(context: Context) -> None:
    state = VisitState(context.args.state) if context.args.state else None
    found = context.session.visits.list(context.args.text, state=state)
    lines = [
        f"{one.number}  {local(one.planned_from):%Y-%m-%d %H:%M}  {one.enterprise_name}  "
        + visit_term("state", one.state, context.lang)
        for one in found
    ]
    context.show({"visits": found}, lines or [context.words("cli.nothing_found")])


def _today(context: Context) -> None:
    found = context.session.visits.today()
    lines = [
        f"{one.visit.number}  {one.visit.enterprise_name}  {decision_words(one.decision, context.lang)}"
        for one in found.due
    ]
    lines += [f"{name}: {count}" for name, count in found.counts.items()]
    context.show(found, lines)


def _clocks(context: Context) -> None:
    found = context.session.visits.clocks()
    lines: list[str] = []
    for one in found:
        due = f"{local(one.due_at):%Y-%m-%d %H:%M}" if one.due_at else "—"
        duty, urgency = (visit_term(*pair, context.lang) for pair in (("duty", one.duty), ("urgency", one.urgency)))
        lines.append(f"{one.visit}  {duty}  {due}  {urgency}")
    context.show({"clocks": found}, lines or [context.words("cli.nothing_found")])


def _planned(*, required: bool) -> tuple[Any, ...]:
    default = "" if required else None
    return (
        arg("--item", action="append", required=required, help="id of an item; several times for several"),
        arg("--officer", action="append", required=required, help="id of an officer; at least two"),
        arg("--from", dest="planned_from", type=instant, required=required, help="Beijing time, 2026-03-17T09:30"),
        arg("--to", dest="planned_to", type=instant, required=required),
        arg("--plan", default=default, help="id of the plan line"),
        arg("--trigger", choices=[kind.value for kind in TriggerKind]),
        arg("--trigger-no", default=default),
        arg("--method", default=default),
        arg("--place", default=default, help="by default the enterprise's address"),
        arg("--assistants", type=int, default=0 if required else None),
    )


COMMANDS = (
    Command(
        "plan",
        _plan,
        (
            arg("--kind", choices=[kind.value for kind in VisitKind], default="routine"),
            arg("--enterprise", required=True, help="credit code, or words that find exactly one"),
            arg("--parent", default="", help="id of the visit that a follow-up re-checks"),
            *_planned(required=True),
        ),
        help="make a draft",
        takes="",
    ),
    Command("revise", _revise, _planned(required=False), help="change what is planned; an approval falls away"),
    Command("scheme", _scheme, (arg("file", type=Path),), help="write the file that asks the head for approval"),
    Command(
        "sign-off",
        _sign_off,
        (
            arg("scheme", type=Path, help="the scheme file"),
            arg("file", type=Path, help="where to write the signed approval"),
            arg("--expires", type=instant, help="Beijing time; by default a day after the planned end"),
        ),
        help="the head signs a scheme with the key of his account",
        takes="",
    ),
    Command(
        "approve",
        _approve,
        (
            arg("--package", type=Path, help="the signed approval file"),
            arg("--oral", default="", metavar="LEADER", help="emergency: id of the leader who was told"),
            arg("--reason", default=""),
            arg("--note", default=""),
            arg("--told-at", type=instant, help="Beijing time; by default now"),
        ),
        help="take a signed approval, or note an oral report",
    ),
    Command("notify", simple_move, help="the notice is ready"),
    Command("gates", _gates, help="judge every gate, change nothing"),
    Command(
        "open",
        _open,
        (arg("--because", action="append", default=[], metavar="GATE=REASON"),),
        help="judge every gate and let the visit in",
    ),
    Command("show", _show, help="everything about one visit"),
    Command("blockers", _blockers, help="what still blocks closing"),
    Command("close", _close, help="close the visit"),
    Command(
        "list",
        _list,
        (arg("text", nargs="?", default=""), arg("--state", choices=[state.value for state in VisitState])),
        help="visits, the latest plan first",
        takes="",
    ),
    Command("today", _today, help="the work of today", takes=""),
    Command("clocks", _clocks, help="what any visit owes, the most pressing first", takes=""),
)
