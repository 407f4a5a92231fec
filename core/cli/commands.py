"""How a group of commands is written down: one line a command, in the order in which people need them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.cli.context import Context
from core.domain.visits import Visit
from core.kernel.clock import BEIJING
from core.kernel.errors import Refusal
from core.services.visit_words import visit_term

Argument = tuple[tuple[str, ...], dict[str, Any]]


def arg(*names: str, **options: Any) -> Argument:
    """Return one argument as argparse takes it."""
    return names, options


@dataclass(frozen=True)
class Command:
    """One command of a group. `takes` names what its first argument identifies, "visit" for most; empty: nothing."""

    name: str
    run: Callable[[Context], None]
    arguments: tuple[Argument, ...] = ()
    help: str = ""
    takes: str = "visit"


_TAKEN = {
    "visit": "id or number of the visit",
    "finding": "id of the finding",
    "evidence": "id of the piece of evidence",
    "": "",
}


def add_group(
    groups: Any, common: argparse.ArgumentParser, name: str, commands: Iterable[Command], *, help: str
) -> None:
    """Add a group with its commands."""
    group = groups.add_parser(name, help=help).add_subparsers(required=True, metavar="COMMAND")
    for command in commands:
        parser = group.add_parser(command.name, parents=[common], help=command.help)
        if command.takes:
            parser.add_argument(command.takes, help=_TAKEN[command.takes])
        for names, options in command.arguments:
            parser.add_argument(*names, **options)
        parser.set_defaults(run=command.run, move=command.name.replace("-", "_"))


def instant(text: str) -> datetime:
    """Return the UTC instant of a time typed as Beijing time, `2026-03-17T09:30`, or with a zone of its own."""
    typed = datetime.fromisoformat(text)
    return (typed if typed.tzinfo else typed.replace(tzinfo=BEIJING)).astimezone(UTC)


def visit_id(context: Context) -> str:
    """Return the id for an id or number that was typed.  Raises Refusal "cli.visit_unknown"."""
    typed = str(context.args.visit)
    with context.session.read_work() as work:
        if work.table(Visit).find(typed) is not None:
            return typed
    found = [one.id for one in context.session.visits.list(typed) if one.number.casefold() == typed.casefold()]
    if len(found) != 1:
        raise Refusal("cli.visit_unknown", visit=typed)
    return found[0]


def show_visit(context: Context, visit: Visit) -> None:
    """Print where the visit stands."""
    answer = {"visit": visit.id, "number": visit.number, "state": visit.state, "enterprise": visit.enterprise_name}
    context.show(answer, [f"{visit.number}  {visit.enterprise_name}  {visit_term('state', visit.state, context.lang)}"])


def simple_move(context: Context) -> None:
    """Make the move of the command's own name, which needs nothing but the visit."""
    show_visit(context, getattr(context.session.visits, context.args.move)(visit_id(context)).value)
