"""`hq enrol | stations | codes | retire | lost | reinstate`."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli.context import Context
from core.cli.hq_context import hq_command, opened, person_of
from core.domain.shared_state import DeviceStatus


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    enrol = hq_command(commands, common, "enrol", _enrol, help="a one-time code for one officer's station")
    enrol.add_argument("--subject", required=True, help="code of the body")
    enrol.add_argument("--officer", required=True, help="who will use the station")
    enrol.add_argument("--street", action="append", default=[], help="scope within the body; may be given again")
    hq_command(commands, common, "codes", _codes, help="codes that were given out")
    hq_command(commands, common, "stations", _stations, help="stations and when each was last heard of")
    for name, said in (
        ("retire", "a station hands over what it has and receives nothing any more"),
        ("lost", "as retire; the laptop erases its keys at the next contact"),
        ("reinstate", "a retired station is active again"),
    ):
        move = hq_command(commands, common, name, _move, help=said)
        move.add_argument("device")
        move.add_argument("--reason", required=True)
        move.set_defaults(move=name)


def _enrol(context: Context) -> None:
    from core.crypto.signing import fingerprint
    from core.hq.people import HqRole

    args = context.args
    with opened(context) as headquarters:
        person = person_of(context, headquarters, HqRole.ADMIN)
        issued = headquarters.enrolment.issue(
            subject=args.subject, officer=args.officer, streets=args.street, by=person.name
        )
        root = fingerprint(headquarters.keys.root_public)
    answer = {
        "code": issued.code,
        "subject": issued.subject,
        "officer": issued.officer,
        "streets": issued.streets,
        "expires_at": issued.expires_at,
        "root_fingerprint": root,
    }
    lines = [
        context.words("cli.hq_code", code=issued.code, officer=issued.officer, until=issued.expires_at),
        context.words("cli.hq_fingerprint", fingerprint=root),
    ]
    context.show(answer, lines)


def _codes(context: Context) -> None:
    with opened(context) as headquarters:
        found = headquarters.enrolment.codes()
    lines = [f"{one.officer}  {one.subject}  {one.expires_at:%Y-%m-%d %H:%M}  {one.device or '—'}" for one in found]
    context.show({"codes": found}, lines)


def _stations(context: Context) -> None:
    from core.hq.overview import stations

    with opened(context) as headquarters:
        found = stations(headquarters.store, headquarters.clock.now(), overdue_days=headquarters.settings.overdue_days)
    lines = [
        f"{one.subject}  {one.officer}  {one.status}  {one.seen_at or '—'}  {one.entries}  {one.fingerprint}"
        for one in found
    ]
    context.show({"stations": found}, lines)


_STATUS = {"retire": DeviceStatus.RETIRED, "lost": DeviceStatus.LOST, "reinstate": DeviceStatus.ACTIVE}


def _move(context: Context) -> None:
    from core.hq.people import HqRole

    args = context.args
    with opened(context) as headquarters:
        person = person_of(context, headquarters, HqRole.ADMIN)
        row = headquarters.enrolment.retire(args.device, _STATUS[args.move], reason=args.reason, by=person.name)
        chain = headquarters.desk.chain(args.device)
    answer = {"device": row.device, "status": row.status, "have": chain.have, "durable": chain.durable}
    context.show(answer, [context.words("cli.hq_station_moved", device=row.device, status=row.status.value)])
