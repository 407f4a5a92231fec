"""`enterprises search | generate`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.context import Context


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    group = groups.add_parser("enterprises", help="search, make sample rows").add_subparsers(required=True)
    search = group.add_parser("search", parents=[common])
    search.add_argument("text", nargs="+", help="name parts, pinyin initials, code or address")
    search.add_argument("--limit", type=int, default=20)
    search.set_defaults(run=_search)
    generate = group.add_parser("generate", parents=[common], help="sample enterprises, the same every time")
    generate.add_argument("count", type=int)
    generate.add_argument("file", type=Path)
    generate.set_defaults(run=_generate)


def _search(context: Context) -> None:
    hits = context.session.enterprises.search(" ".join(context.args.text), limit=context.args.limit)
    found = [
        {"id": h.id, "name": h.name, "uscc": h.uscc, "street": h.street, "grade": h.grade, "score": h.score}
        for h in hits
    ]
    lines = [f"{h.uscc or h.id}  {h.name}  {h.street}  {h.grade}" for h in hits]
    context.show(found, lines or [context.words("cli.nothing_found")])


def _generate(context: Context) -> None:
    from core.services.demo.enterprises import write_csv

    write_csv(context.args.count, context.args.file, progress=context.progress)
    answer = {"file": str(context.args.file), "rows": context.args.count}
    context.show(answer, [context.words("cli.written", file=context.args.file)])
