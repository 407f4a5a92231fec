"""`scan decode IMAGE... | check TEXT`; decoding pictures needs no station."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.context import Context
from core.domain.codes import read_code


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    group = groups.add_parser("scan", help="read codes").add_subparsers(required=True)
    decode = group.add_parser("decode", parents=[common])
    decode.add_argument("images", nargs="+", type=Path)
    decode.set_defaults(run=_decode)
    check = group.add_parser("check", parents=[common], help="what a code means here")
    check.add_argument("text")
    check.set_defaults(run=_check)


def code_plain(raw: str) -> dict[str, Any]:
    """Return what a scanned text is, in the shape of the command line."""
    from core.codes.prefixes import provincial_prefixes

    code = read_code(raw, provincial=provincial_prefixes())
    return {"raw": raw, "kind": code.kind, "uscc": code.uscc, "valid": code.valid}


def _decode(context: Context) -> None:
    from core.codes.pictures import decode_file

    answers: list[dict[str, Any]] = [
        {"image": str(path), "texts": [code_plain(found.text) for found in decode_file(path)]}
        for path in context.args.images
    ]
    lines = [
        f"{answer['image']}: {found['kind']} {found['uscc'] or found['raw']}"
        for answer in answers
        for found in answer["texts"]
    ]
    context.show(answers, lines or [context.words("cli.nothing_found")])


def _check(context: Context) -> None:
    found = code_plain(context.args.text)
    hits = context.session.enterprises.search(found["uscc"], limit=1) if found["uscc"] else ()
    enterprise = {"id": hits[0].id, "name": hits[0].name} if hits else None
    name = hits[0].name if hits else context.words("cli.nothing_found")
    context.show(found | {"enterprise": enterprise}, [f"{found['kind']} {found['uscc'] or ''} {name}"])
