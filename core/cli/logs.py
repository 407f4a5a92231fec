"""`log verify [--head H]`."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli.context import Context
from core.kernel.errors import Trouble


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the command of this file."""
    group = groups.add_parser("log", help="the chain of entries").add_subparsers(required=True)
    verify = group.add_parser("verify", parents=[common])
    verify.add_argument("--head", default="", help="the head printed on a paper, or its first digits")
    verify.set_defaults(run=_verify)


def _verify(context: Context) -> None:
    report = context.session.verify_log(expected_head=context.args.head)
    differing = context.session.differing_rows()
    bad = [{"entry": one.entry, "n": one.n, "why": one.why} for one in report.bad]
    bad += [{"entry": row, "n": 0, "why": "row_differs"} for row in differing]
    verdict = "broken" if bad else report.verdict
    answer = {"verdict": verdict, "entries": report.entries, "head": report.head, "bad": bad}
    key = "cli.log_broken_line" if bad else "cli.log_intact"
    lines = [context.words(key, entries=report.entries, head=report.head[:16])]
    context.show(answer, [*lines, *(f"  {one['n']} {one['entry']} {one['why']}" for one in bad)])
    if bad:
        raise Trouble("cli.log_broken", count=len(bad))
