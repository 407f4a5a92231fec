"""`document prepare | withdraw | make | send-back | keep`: papers that officers hand to the clerk.

`document queue` shows what waits; `document batch --hand-over` hands over the notices of a week.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from core.cli.batch import plain, said
from core.cli.commands import visit_id
from core.cli.context import Context
from core.cli.fields import read_fields, wanted_kind
from core.domain.prepared_papers import PreparedPaper
from core.kernel.errors import Refusal
from core.services.batch import Outcome


def add_to(group: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands to the group `document`."""
    prepare = group.add_parser("prepare", parents=[common], help="hand a complete paper to the clerk, without a number")
    prepare.add_argument("kind", help="for example inspection_notice or D02")
    prepare.add_argument("--visit", required=True)
    prepare.add_argument("--fields", type=Path, help="YAML file with the fields that the visit does not know")
    prepare.add_argument("--amount-yuan", type=int, help="the fine, for penalties")
    prepare.add_argument("--due-on", type=date.fromisoformat, help="last day of what the paper orders, YYYY-MM-DD")
    prepare.add_argument("--note", default="", help="a word to the clerk")
    prepare.set_defaults(run=_prepare)
    listing = group.add_parser("prepared", parents=[common], help="what was handed over in a visit")
    listing.add_argument("--visit", required=True)
    listing.set_defaults(run=_list)
    withdraw = group.add_parser("withdraw", parents=[common], help="take a prepared paper back before it is final")
    withdraw.add_argument("prepared")
    withdraw.add_argument("--reason", default="")
    withdraw.set_defaults(run=_withdraw)
    back = group.add_parser("send-back", parents=[common], help="send a prepared paper back to its officer")
    back.add_argument("prepared")
    back.add_argument("--reason", required=True)
    back.set_defaults(run=_send_back)
    make = group.add_parser("make", parents=[common], help="make prepared papers final, with numbers of this station")
    make.add_argument("prepared", nargs="+")
    make.set_defaults(run=_make)
    keep = group.add_parser("keep", parents=[common], help="decide between papers made of one prepared paper")
    keep.add_argument("prepared")
    keep.add_argument("--document", default="", help="the paper that stays; without it none does")
    keep.add_argument("--reason", required=True, help="why the others are spoiled")
    keep.set_defaults(run=_keep)


def _prepare(context: Context) -> None:
    args = context.args
    done = context.session.prepared_papers.prepare(
        wanted_kind(args.kind),
        visit_id(context),
        entered=read_fields(args.fields) if args.fields else None,
        amount_cents=args.amount_yuan * 100 if args.amount_yuan is not None else None,
        due_on=args.due_on,
        note=args.note,
    )
    _show(context, done.value)


def _withdraw(context: Context) -> None:
    _show(context, context.session.prepared_papers.withdraw(context.args.prepared, context.args.reason).value)


def _send_back(context: Context) -> None:
    _show(context, context.session.prepared_papers.send_back(context.args.prepared, context.args.reason).value)


def _keep(context: Context) -> None:
    args = context.args
    _show(context, context.session.prepared_papers.keep(args.prepared, args.document, args.reason).value)


def _list(context: Context) -> None:
    found = context.session.prepared_papers.of_visit(visit_id(context))
    context.show({"prepared": [_plain(one) for one in found]}, [_line(context, one) for one in found])


def _make(context: Context) -> None:
    report = context.session.batch.make(context.args.prepared, progress=context.progress).value
    skipped = [one for one in report.papers if one.outcome is Outcome.SKIPPED]
    if skipped and len(skipped) == len(report.papers):
        raise Refusal(skipped[0].fault, **skipped[0].params)
    answer = {"papers": [plain(one) for one in report.papers], "is_cancelled": report.is_cancelled}
    context.show(answer, [said(context, one) for one in report.papers])


def _show(context: Context, paper: PreparedPaper) -> None:
    context.show(_plain(paper), [_line(context, paper)])


def _plain(paper: PreparedPaper) -> dict[str, Any]:
    return {
        "prepared": paper.id,
        "visit": paper.visit,
        "kind": paper.kind,
        "title": paper.title,
        "state": paper.state,
        "documents": paper.documents,
        "prepared_at": paper.prepared_at,
        "prepared_by": paper.prepared_by,
        "note": paper.note,
        "reason": paper.reason,
    }


def _line(context: Context, paper: PreparedPaper) -> str:
    state = context.words(f"prepared.state.{paper.state.value}")
    return "  ".join(filter(None, (state, paper.title, paper.party, paper.reason or paper.note, paper.id)))
