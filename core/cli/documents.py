"""`document kinds | issue | render | sign | spoil | list | verify`; the rest of the group is in files of its own."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from core.cli import batch, numbers, prepared, received, service
from core.cli.context import Context, read_file, write_file
from core.cli.fields import read_fields, wanted_kind
from core.cli.visits import visit_id
from core.domain.documents import Signature, SignMethod
from core.kernel.errors import Refusal


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    group = groups.add_parser("document", help="papers: issue, draw, sign, check").add_subparsers(required=True)
    group.add_parser("kinds", parents=[common]).set_defaults(run=_kinds)
    issue = group.add_parser("issue", parents=[common])
    issue.add_argument("kind", help="for example scene_record or D03")
    issue.add_argument("--visit", required=True)
    issue.add_argument("--fields", type=Path, help="YAML file with the fields that the visit does not know")
    issue.add_argument("--amount-yuan", type=int, help="the fine, for penalties")
    issue.add_argument("--due-on", type=date.fromisoformat, help="last day of what the paper orders, YYYY-MM-DD")
    issue.set_defaults(run=_issue)
    render = group.add_parser("render", parents=[common], help="write the PDF")
    render.add_argument("document")
    render.add_argument("--out", type=Path, required=True)
    render.add_argument("--copy", action="store_true", help="a reprint that says it is a copy")
    render.set_defaults(run=_render)
    sign = group.add_parser("sign", parents=[common])
    sign.add_argument("document")
    sign.add_argument("--role", required=True)
    sign.add_argument("--method", choices=[method.value for method in SignMethod], default="ink")
    sign.add_argument("--name", default="")
    sign.add_argument("--reason", default="", help="for refused, unable, absent")
    sign.add_argument("--witness", default="")
    sign.add_argument("--media", type=Path, action="append", default=[], help="scan of the signed sheet, photo, video")
    sign.set_defaults(run=_sign)
    spoil = group.add_parser("spoil", parents=[common])
    spoil.add_argument("document")
    spoil.add_argument("--reason", required=True)
    spoil.set_defaults(run=_spoil)
    listing = group.add_parser("list", parents=[common])
    listing.add_argument("--visit", required=True)
    listing.set_defaults(run=_list)
    verify = group.add_parser("verify", parents=[common])
    verify.add_argument("what", help="a PDF, a picture of the paper, the text of its code, or its short code")
    verify.set_defaults(run=_verify)
    for more in (service, received, numbers, batch, prepared):
        more.add_to(group, common)


def _kinds(context: Context) -> None:
    found = [{"kind": kind.value, "code": kind.code} for kind in context.session.documents.kinds()]
    lines = [f"{one['code']} {one['kind']}" for one in found]
    context.show({"kinds": found}, lines)


def _issue(context: Context) -> None:
    args = context.args
    done = context.session.documents.issue(
        wanted_kind(args.kind),
        visit_id(context),
        entered=read_fields(args.fields) if args.fields else None,
        amount_cents=args.amount_yuan * 100 if args.amount_yuan is not None else None,
        due_on=args.due_on,
    )
    _show(context, done.value)


def _show(context: Context, document: Any) -> None:
    answer = {
        "document": document.id,
        "kind": document.kind,
        "number": document.number,
        "state": document.state,
        "short_code": document.short_code,
        "missing_signatures": [block.role for block in document.signatures if not block.is_complete()],
    }
    context.show(answer, [f"{document.title}  {document.number}  {document.state}  {document.id}"])


def _render(context: Context) -> None:
    args, documents = context.args, context.session.documents
    content = documents.copy(args.document) if args.copy else documents.pdf(args.document)
    write_file(args.out, content)
    answer = {"document": args.document, "file": str(args.out), "bytes": len(content)}
    context.show(answer, [context.words("cli.written", file=args.out)])


def _sign(context: Context) -> None:
    args = context.args
    signature = Signature(
        role=args.role,
        name=args.name,
        method=SignMethod(args.method),
        reason=args.reason,
        witness=args.witness,
        media=tuple(context.session.blobs.put(read_file(path)) for path in args.media),
        signed_at=context.session.clock.now(),
    )
    _show(context, context.session.documents.sign(args.document, args.role, signature).value)


def _spoil(context: Context) -> None:
    _show(context, context.session.documents.spoil(context.args.document, context.args.reason).value)


def _list(context: Context) -> None:
    found = context.session.documents.of_visit(visit_id(context))
    plain = [
        {"document": one.id, "kind": one.kind, "number": one.number, "state": one.state, "title": one.title}
        for one in found
    ]
    context.show({"documents": plain}, [f"{one.title}  {one.number}  {one.state}  {one.id}" for one in found])


def _verify(context: Context) -> None:
    what, checks = context.args.what, context.session.document_checks
    path = Path(what)
    if len(what) < 1000 and path.is_file():
        content = read_file(path)
        is_pdf = content.startswith(b"%PDF-")
        found = checks.check_file(content) if is_pdf else checks.check_picture(context.session.decode_file(path))
    else:
        found = checks.check_text(what)
    verdict = context.words(f"cli.verdict.{found.verdict}")
    reasons = [context.words(reason) for reason in found.reasons]
    facts = [f"  {name}: {value}" for name, value in found.facts.items() if value]
    context.show(found, [verdict, *(f"  {reason}" for reason in reasons), *facts])
    if found.verdict not in ("genuine", "code_genuine", "copy"):
        raise Refusal("cli.paper_not_genuine", verdict=verdict)
