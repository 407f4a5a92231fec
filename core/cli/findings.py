"""`finding list | add | set | fact | void | violations`: problems found, and the facts the rules are told of them."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from core.cli.commands import Command, add_group, arg, visit_id
from core.cli.context import Context
from core.domain.findings import Finding
from core.kernel.errors import Refusal


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    add_group(groups, common, "finding", COMMANDS, help="problems found in a visit")


def _show(context: Context, finding: Finding) -> None:
    context.show(finding, [_line(context, finding)])


def _line(context: Context, finding: Finding) -> str:
    void = f"  ({context.words('cli.void', reason=finding.void_reason)})" if finding.is_void else ""
    facts = "".join(f"  {name}={value}" for name, value in sorted(finding.facts.items()))
    return f"{finding.id}  {finding.violation or '—'}  {finding.text}{facts}{void}"


def _list(context: Context) -> None:
    found = context.session.findings.of_visit(visit_id(context), with_void=context.args.all)
    lines = [_line(context, one) for one in found]
    context.show({"findings": found}, lines or [context.words("cli.nothing_found")])


def _add(context: Context) -> None:
    args = context.args
    done = context.session.findings.add(
        visit_id(context),
        item=args.item,
        text=args.text,
        violation=_violation(context, args.violation),
        breached=args.breached,
        answer=args.answer,
    )
    _show(context, done.value)


def _violation(context: Context, key: str) -> str:
    """Return the key of a violation that the rules know, or an empty one.  Raises Refusal "cli.violation_unknown"."""
    if key and key not in {one.id for one in context.session.determinations.violations()}:
        raise Refusal("cli.violation_unknown", violation=key)
    return key


def _set(context: Context) -> None:
    args = context.args
    given: dict[str, Any] = {
        "text": args.text,
        "breached": args.breached,
        "violation": None if args.violation is None else _violation(context, args.violation),
        "requirement": args.requirement,
        "correct_by": args.correct_by,
        "corrected_on_spot": args.corrected_on_spot,
    }
    fields = {name: value for name, value in given.items() if value is not None}
    if not fields:
        raise Refusal("cli.nothing_to_set")
    _show(context, context.session.findings.edit(args.finding, **fields).value)


def _fact(context: Context) -> None:
    args = context.args
    value = None if args.value is None else plain_value(args.value)
    _show(context, context.session.findings.set_fact(args.finding, args.var, value).value)


def plain_value(text: str) -> bool | int | str:
    """Return what was typed as the rules take it: true, false, a whole number, or text."""
    if text in ("true", "false"):
        return text == "true"
    sign_free = text.removeprefix("-")
    return int(text) if sign_free.isascii() and sign_free.isdigit() else text


def _void(context: Context) -> None:
    _show(context, context.session.findings.void(context.args.finding, reason=context.args.reason).value)


def _violations(context: Context) -> None:
    found = context.session.determinations.violations()
    context.show(
        {"violations": found}, [f"{one.id}  {one.title.zh if context.lang == 'zh' else one.title.en}" for one in found]
    )


COMMANDS = (
    Command("list", _list, (arg("--all", action="store_true", help="voided ones too"),), help="findings of a visit"),
    Command(
        "add",
        _add,
        (
            arg("--item", required=True),
            arg("--text", required=True),
            arg("--violation", default="", help="key of `finding violations`"),
            arg("--breached", default="", help="the provision"),
            arg("--answer", default=""),
        ),
        help="write down a problem that no question asked for",
    ),
    Command(
        "set",
        _set,
        (
            arg("--text"),
            arg("--violation", help="key of `finding violations`"),
            arg("--breached", help="the provision"),
            arg("--requirement", help="what is to be corrected"),
            arg("--correct-by", type=date.fromisoformat, help="local day, YYYY-MM-DD"),
            arg("--corrected-on-spot", action=argparse.BooleanOptionalAction),
        ),
        help="change a finding",
        takes="finding",
    ),
    Command(
        "fact",
        _fact,
        (
            arg("var", help="variable of the rules"),
            arg("value", nargs="?", help="true, false, number or text; none: take it back"),
        ),
        help="keep what was said about one variable of the rules",
        takes="finding",
    ),
    Command(
        "void", _void, (arg("--reason", required=True),), help="take a finding out, with a reason", takes="finding"
    ),
    Command("violations", _violations, help="what a finding may be classified as", takes=""),
)
