"""`deadlines of RULE --from DATE | list | open | month`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from core.cli.commands import instant
from core.cli.context import Context
from core.domain.deadline_book import DeadlineLine, FixedDay, Rate, late_fee_cents, without_period
from core.domain.deadlines import DeadlineUnit
from core.kernel.clock import local_date
from core.kernel.errors import Refusal
from core.services.deadline_book import other_rules


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    group = groups.add_parser("deadlines", help="due dates with their article").add_subparsers(
        required=True, metavar="COMMAND"
    )
    of = group.add_parser("of", parents=[common], help="when a deadline ends")
    of.add_argument("rule", help="id or row, see `deadlines list`")
    of.add_argument("--from", dest="start", required=True, help="day of the event YYYY-MM-DD; hours: with a time")
    of.add_argument("--length", type=int, help="for rules without a published number")
    of.add_argument("--excluded", type=_days, help="days that do not count, FIRST..LAST (tests and appraisals)")
    of.add_argument("--fine-yuan", type=int, help="late fee: the fine")
    of.add_argument("--paid-on", type=date.fromisoformat, help="late fee: the day of payment")
    of.set_defaults(run=_of)
    group.add_parser("list", parents=[common], help="every rule with its article").set_defaults(run=_list)
    opened = group.add_parser("open", parents=[common], help="what runs, the most pressing first")
    opened.add_argument("--on", type=date.fromisoformat, help="as of a day, by default today")
    opened.add_argument("--visit", default="", help="only this visit, waiting and expired ones too")
    opened.set_defaults(run=_open)
    month = group.add_parser("month", parents=[common], help="what ends in a month")
    month.add_argument("month", type=_month, help="YYYY-MM")
    month.set_defaults(run=_in_month)


def _days(text: str) -> tuple[date, date]:
    first, _, last = text.partition("..")
    return date.fromisoformat(first), date.fromisoformat(last or first)


def _month(text: str) -> tuple[int, int]:
    found = date.fromisoformat(f"{text}-01")
    return found.year, found.month


def _start(text: str) -> date | datetime:
    return date.fromisoformat(text) if len(text) == len("2026-03-06") else instant(text)


def _of(context: Context) -> None:
    args = context.args
    try:
        start = _start(args.start)
    except ValueError as error:
        raise Refusal("cli.deadlines.day_unreadable", text=args.start) from error
    other = other_rules().find(args.rule)
    if other is not None:
        _of_other(context, other, start)
        return
    found = context.session.deadlines.due(args.rule, start, length=args.length)
    on = found.on
    if args.excluded:
        first, last = args.excluded
        on = without_period(on, first=first, last=last)
    mark = "" if found.is_verified else context.words("cli.deadlines.unverified")
    answer = {
        "rule": found.rule,
        "from": args.start,
        "on": on,
        "at": found.at,
        "citation": found.citation,
        "is_verified": found.is_verified,
        "rolled_from": found.rolled_from,
        "days_left": (on - local_date(context.session.clock.now())).days,
    }
    lines = [f"{found.at.isoformat() if found.at else on.isoformat()}  {found.citation}{mark}"]
    if found.rolled_from is not None:
        lines.append(context.words("cli.deadlines.rolled", day=found.rolled_from.isoformat()))
    context.show(answer, lines)


def _of_other(context: Context, other: Any, start: date | datetime) -> None:
    args = context.args
    day = start.date() if isinstance(start, datetime) else start
    if isinstance(other, FixedDay):
        on = other.of_year(day.year)
        answer = {"rule": other.id, "on": on, "citation": other.citation, "is_verified": other.confidence == "V"}
        mark = "" if other.confidence == "V" else context.words("cli.deadlines.unverified")
        context.show(answer, [f"{on.isoformat()}  {other.citation}{mark}"])
        return
    if not isinstance(other, Rate) or args.fine_yuan is None or args.paid_on is None:
        raise Refusal("deadlines.not_counted", rule=other.title)
    fee = late_fee_cents(other, args.fine_yuan * 100, due_on=day, paid_on=args.paid_on)
    answer = {"rule": other.id, "due_on": day, "fee_cents": fee, "citation": other.citation, "is_verified": True}
    context.show(answer, [context.words("cli.deadlines.fee", yuan=f"{fee / 100:.2f}", citation=other.citation)])


def _list(context: Context) -> None:
    counted = [
        {
            "rule": rule.id,
            "row": rule.row,
            "title": rule.title,
            "start": rule.start,
            "length": rule.length,
            "unit": rule.unit,
            "rolls": rule.rolls and rule.unit is not DeadlineUnit.WORKING_DAYS,
            "citation": rule.citation,
            "is_verified": rule.is_verified,
        }
        for rule in context.session.deadlines.rules()
    ]
    others = [
        {
            "rule": one.id,
            "row": one.row,
            "title": one.title,
            "unit": type(one).__name__,
            "citation": one.citation,
            "is_verified": one.confidence == "V",
        }
        for one in other_rules().all()
    ]
    found = sorted([*counted, *others], key=lambda one: int(str(one["row"])))
    context.show({"rules": found}, (_rule_line(context, one) for one in found))


def _rule_line(context: Context, rule: dict[str, Any]) -> str:
    title = context.words(f"ui.term.deadline_rule.{rule['rule']}")
    return f"{rule['row']:>2}  {rule['rule']}  {title}  {rule['citation']}"


def _open(context: Context) -> None:
    args, book = context.args, context.session.deadline_book
    found = book.of_visit(args.visit, args.on) if args.visit else book.open(args.on)
    context.show({"deadlines": found}, _said(context, found))


def _in_month(context: Context) -> None:
    year, month = context.args.month
    found = context.session.deadline_book.month(year, month)
    plain = {day.isoformat(): lines for day, lines in found.items()}
    context.show({"days": plain}, _said(context, [line for lines in found.values() for line in lines]))


def _said(context: Context, lines: Iterable[DeadlineLine]) -> Iterable[str]:
    said: list[str] = []
    for line in lines:
        on = line.due_on.isoformat() if line.due_on else "-"
        mark = "" if line.is_verified else context.words("cli.deadlines.unverified")
        said.append(
            context.words(
                "cli.deadlines.line",
                on=on,
                state=context.words(f"deadlines.state.{line.state.value}"),
                title=context.words(f"ui.term.deadline_rule.{line.rule}"),
                about=line.about,
                citation=line.citation,
                mark=mark,
            )
        )
        if line.printed_on is not None:
            printed = line.printed_on.isoformat()
            said.append(context.words("cli.deadlines.moved", printed=printed, now=line.calendar_now, on=on))
    return said or [context.words("cli.deadlines.none")]
