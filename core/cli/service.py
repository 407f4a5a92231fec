"""`document serve | refused | prove | returned | deemed | receipts | ways`: service of papers (送达)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.commands import instant, visit_id
from core.cli.context import Context, read_file
from core.domain.service_receipts import ARTICLES, Receiver, ServiceAct, ServiceMethod, ServiceReceipt, wanted_fields


def add_to(group: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands to the group `document`."""
    receipt = group.add_parser("serve", parents=[common], help="note the service of a paper; proof starts its clocks")
    receipt.add_argument("document")
    receipt.add_argument("--method", choices=[one.value for one in ServiceMethod], required=True)
    _add_act(receipt)
    receipt.add_argument("--paper", action="store_true", help="issue the receipt (D21) too")
    receipt.set_defaults(run=_serve)
    refused = group.add_parser("refused", parents=[common], help="the paper was not taken; leave it next")
    refused.add_argument("document")
    refused.add_argument("--reason", required=True)
    refused.add_argument("--server", action="append", default=[])
    refused.set_defaults(run=_refused)
    prove = group.add_parser("prove", parents=[common], help="add the proof to a service under way")
    prove.add_argument("receipt")
    _add_act(prove)
    prove.set_defaults(run=_prove)
    returned = group.add_parser("returned", parents=[common], help="the letter came back")
    returned.add_argument("receipt")
    returned.add_argument("--reason", required=True)
    returned.set_defaults(run=_returned)
    deemed = group.add_parser("deemed", parents=[common], help="the days of an announcement are over")
    deemed.add_argument("receipt")
    deemed.set_defaults(run=_deemed)
    listing = group.add_parser("receipts", parents=[common], help="services of a visit, or all that wait for proof")
    listing.add_argument("--visit", default="")
    listing.set_defaults(run=_list)
    group.add_parser("ways", parents=[common], help="the ways of service and what each wants").set_defaults(run=_ways)


def _add_act(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--at", type=instant, help="when it was handed over, left, received or announced")
    parser.add_argument("--place", default="")
    parser.add_argument("--receiver", choices=[one.value for one in Receiver])
    parser.add_argument("--receiver-name", default="")
    parser.add_argument("--server", action="append", default=[], help="who served it; give it for each")
    parser.add_argument("--reason", default="", help="left: why it was refused; announcement: what was tried")
    parser.add_argument("--witness", default="")
    parser.add_argument("--witness-post", default="", help="the grassroots organisation or the employer")
    parser.add_argument("--media", type=Path, action="append", default=[], help="signed receipt, slip, photo, video")
    parser.add_argument("--tracking-no", default="")
    parser.add_argument("--body", default="", help="the body that serves for us")
    parser.add_argument("--address", default="", help="electronic address")
    parser.add_argument("--published-in", default="")


def _act(context: Context, method: ServiceMethod) -> ServiceAct:
    args = context.args
    return ServiceAct(
        method=method,
        at=args.at,
        place=args.place,
        receiver=Receiver(args.receiver) if args.receiver else None,
        receiver_name=args.receiver_name,
        servers=tuple(args.server),
        reason=args.reason,
        witness=args.witness,
        witness_post=args.witness_post,
        media=tuple(context.session.blobs.put(read_file(path)) for path in args.media),
        tracking_no=args.tracking_no,
        entrusted_body=args.body,
        address=args.address,
        published_in=args.published_in,
    )


def _serve(context: Context) -> None:
    service, args = context.session.service, context.args
    found = service.serve(args.document, _act(context, ServiceMethod(args.method))).value
    _show(context, service.paper(found.id).value if args.paper else found)


def _refused(context: Context) -> None:
    args = context.args
    done = context.session.service.refused(args.document, reason=args.reason, servers=tuple(args.server))
    _show(context, done.value)


def _prove(context: Context) -> None:
    service, args = context.session.service, context.args
    _show(context, service.prove(args.receipt, _act(context, service.get(args.receipt).method)).value)


def _returned(context: Context) -> None:
    _show(context, context.session.service.returned(context.args.receipt, reason=context.args.reason).value)


def _deemed(context: Context) -> None:
    _show(context, context.session.service.deem_served(context.args.receipt).value)


def _list(context: Context) -> None:
    service = context.session.service
    found = service.of_visit(visit_id(context)) if context.args.visit else service.under_way()
    context.show({"receipts": [_plain(one) for one in found]}, (_said(context, one) for one in found))


def _ways(context: Context) -> None:
    found = [
        {
            "method": method.value,
            "name": context.words(f"service.method.{method.value}"),
            "wants": [context.words(f"service.field.{name}") for name in wanted_fields(method)],
            "citation": ARTICLES[method],
        }
        for method in ServiceMethod
    ]
    receivers = {one.value: context.words(f"service.receiver.{one.value}") for one in Receiver}
    lines = [f"{one['method']}  {one['name']}: {'、'.join(one['wants'])}  {one['citation']}" for one in found]
    answer = {"ways": found, "receivers": receivers}
    context.show(answer, [*lines, *(f"--receiver {key}: {name}" for key, name in receivers.items())])


def _plain(receipt: ServiceReceipt) -> dict[str, Any]:
    return {
        "receipt": receipt.id,
        "document": receipt.document,
        "method": receipt.method,
        "state": receipt.state,
        "served_on": receipt.served_on,
        "deemed_on": receipt.deemed_on,
        "citation": receipt.citation,
        "is_verified": receipt.is_verified,
        "paper": receipt.paper,
    }


def _said(context: Context, receipt: ServiceReceipt) -> str:
    method = context.words(f"service.method.{receipt.method.value}")
    state = context.words(f"service.state.{receipt.state.value}")
    return f"{method}  {state}  {receipt.served_on or receipt.deemed_on or '-'}  {receipt.citation}  {receipt.id}"


def _show(context: Context, receipt: ServiceReceipt) -> None:
    context.show(_plain(receipt), [_said(context, receipt)])
