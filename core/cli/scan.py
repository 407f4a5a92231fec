"""`scan decode IMAGE... | check TEXT`; decoding pictures needs no station."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.context import Context
from core.domain.codes import CodeKind, read_code


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
    lines: list[str] = []
    for answer in answers:
        found = [_code_line(context, one) for one in answer["texts"]]
        lines += [f"{answer['image']}: {line}" for line in found or [context.words("cli.nothing_found")]]
    context.show(answers, lines)


def _check(context: Context) -> None:
    from core.codes.prefixes import provincial_prefixes

    raw = context.args.text
    code = read_code(raw, provincial=provincial_prefixes())
    answer = code_plain(raw) | {"enterprise": None, "candidates": [], "document": None}
    lines = [_code_line(context, answer)]
    if code.kind is CodeKind.SIGNED:
        check = context.session.document_checks.check_text(raw)
        answer["document"] = check
        lines += [f"  {check.verdict.value}", *(f"  {name}: {value}" for name, value in check.facts.items())]
    else:
        found = context.session.enterprises.resolve(code)
        shown = [found.enterprise] if found.enterprise is not None else []
        answer["enterprise"] = {"id": shown[0].id, "name": shown[0].name} if shown else None
        answer["candidates"] = [{"id": hit.id, "name": hit.name} for hit in found.candidates]
        names = [one.name for one in shown] or [hit.name for hit in found.candidates]
        lines += [f"  {name}" for name in names or (context.words("cli.nothing_found"),)]
    context.show(answer, lines)


def _code_line(context: Context, plain: dict[str, Any]) -> str:
    kind = context.words(f"codes.kind.{plain['kind']}")
    wrong = "" if plain["valid"] or not plain["uscc"] else f"  {context.words('cli.check_digit_wrong')}"
    return f"{kind}  {plain['uscc'] or plain['raw']}{wrong}"
