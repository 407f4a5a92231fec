"""`document fine-receipt | letter`: papers of others, registered and filed, never printed by us."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.commands import instant, visit_id
from core.cli.context import Context, read_file
from core.domain.documents import kind_of
from core.kernel.errors import Refusal
from core.services.document_filling import RECEIVED_TITLES


def add_to(group: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands to the group `document`."""
    receipt = group.add_parser(
        "fine-receipt", parents=[common], help="D26: the number of the finance department's receipt"
    )
    receipt.add_argument("number")
    receipt.add_argument("--visit", required=True)
    receipt.add_argument("--amount-yuan", type=int, required=True)
    receipt.set_defaults(run=_receipt)
    letter = group.add_parser("letter", parents=[common], help="file a received letter that D27 or D28 answers")
    letter.add_argument("kind", help="D27 or D28: the paper that will answer it")
    letter.add_argument("file", type=Path)
    letter.add_argument("--visit", required=True)
    letter.add_argument("--number", required=True, help="as the letter states it")
    letter.add_argument("--sender", required=True)
    letter.add_argument("--received-at", type=instant, help="by default now")
    letter.set_defaults(run=_letter)


def _receipt(context: Context) -> None:
    args = context.args
    done = context.session.received_papers.register_receipt(
        visit_id(context), args.number, amount_cents=args.amount_yuan * 100
    )
    document = done.value
    answer = {"document": document.id, "kind": document.kind, "number": document.number, "state": document.state}
    context.show(answer, [f"{document.title}  {document.number}"])


def _letter(context: Context) -> None:
    args = context.args
    kind = kind_of(args.kind)
    if kind is None or kind not in RECEIVED_TITLES:
        raise Refusal("cli.letter_kind_unknown", kind=args.kind)
    piece = context.session.received_papers.file_letter(
        kind,
        visit_id(context),
        read_file(args.file),
        number=args.number,
        sender=args.sender,
        received_at=args.received_at or context.session.clock.now(),
        file_name=args.file.name,
    ).value
    answer = {"evidence": piece.id, "answered_by": kind, "number": args.number, "sha256": piece.blob}
    context.show(answer, [f"{piece.proves}  {args.number}  {piece.id}"])
