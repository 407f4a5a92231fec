"""`document numbers | void-number`: blocks of numbers, what is left of them, and what is not explained."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli.context import Context
from core.domain.numbers import BlockReport


def add_to(group: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands to the group `document`."""
    numbers = group.add_parser("numbers", parents=[common], help="blocks, what is left, void numbers, gaps")
    numbers.set_defaults(run=_numbers)
    void = group.add_parser("void-number", parents=[common], help="void the next number: a pre-numbered sheet was lost")
    void.add_argument("block")
    void.add_argument("--reason", required=True)
    void.set_defaults(run=_void)


def _numbers(context: Context) -> None:
    found = context.session.number_stock.reports()
    lines = [line for one in found for line in _said(context, one)]
    gaps = sum(len(one.gaps) for one in found)
    lines.append(context.words("cli.numbers.gaps", count=gaps) if gaps else context.words("cli.numbers.no_gaps"))
    context.show({"blocks": found, "gaps": gaps}, lines)


def _said(context: Context, one: BlockReport) -> list[str]:
    block = one.block
    head = context.words(
        "cli.numbers.block",
        body=block.body,
        kind=context.words(f"ui.term.kind.{block.kind.value}"),
        year=block.year,
        first=block.first,
        last=block.last,
        unused=one.unused,
        taken=one.taken,
        void=one.void,
    )
    notes = [context.words("cli.numbers.burnt", reason=block.burnt_reason)] if block.is_burnt else []
    if one.is_low and not block.is_burnt:
        notes.append(context.words("cli.numbers.low", count=one.unused))
    notes += [f"{use.text}  {context.words('numbers.state.void')}: {use.reason}" for use in one.voided]
    notes += [f"{gap.seq}  {context.words(f'numbers.gap.{gap.why}')}" for gap in one.gaps]
    return [f"{head}  {block.id}", *(f"    {note}" for note in notes)]


def _void(context: Context) -> None:
    use = context.session.number_stock.void_next(context.args.block, context.args.reason).value
    answer = {"number": use.text, "state": use.state, "reason": use.reason}
    context.show(answer, [f"{use.text}  {context.words('numbers.state.void')}: {use.reason}"])
