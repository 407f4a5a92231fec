"""`hq status | verify | rebuild | loss | orphans | bundle-import | bundle-export`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.context import Context
from core.cli.hq_context import hq_command, opened
from core.kernel.errors import Refusal


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    hq_command(commands, common, "status", _status, help="stations, what waits for a person, forks, checkpoints")
    hq_command(commands, common, "verify", _verify, help="check every chain, seal, stream and checkpoint")
    again = hq_command(commands, common, "rebuild", _rebuild, help="write everything that follows from the log anew")
    again.add_argument("--compare", action="store_true", help="say what differs, change nothing")
    loss = hq_command(commands, common, "loss", _loss, help="what was on a missing laptop, and what of it is here")
    loss.add_argument("device")
    orphans = hq_command(commands, common, "orphans", _orphans, help="media that no entry names")
    orphans.add_argument("--remove", action="store_true", help="remove those older than 90 days")
    take = hq_command(commands, common, "bundle-import", _bundle_import, help="take a station's bundle in")
    take.add_argument("file", type=Path)
    take.add_argument("--answer", type=Path, help="write the answer for the sender there")
    give = hq_command(commands, common, "bundle-export", _bundle_export, help="write the answer for a station")
    give.add_argument("file", type=Path)
    give.add_argument("--to", required=True, help="device of the station")


def _status(context: Context) -> None:
    from core.hq.overview import overview

    with opened(context) as headquarters:
        now, days = headquarters.clock.now(), headquarters.settings.overdue_days
        found = overview(headquarters.store, now, overdue_days=days)
    overdue = sum(one.is_overdue for one in found.stations)
    said = context.words(
        "cli.hq_status",
        stations=len(found.stations),
        overdue=overdue,
        waiting=len(found.quarantined),
        forks=len(found.forks),
        epoch=found.epoch[:8],
    )
    context.show(found, [said])


def _verify(context: Context) -> None:
    from core.crypto import signing
    from core.hq.verify import verify

    with opened(context) as headquarters:
        report = verify(
            headquarters.store, signing.verify, watch=lambda stream, done: context.progress.step(done, None, stream)
        )
    lines = [context.words("cli.hq_verified", streams=report.streams, entries=report.entries, bad=len(report.bad))]
    lines += [f"  {one.stream} {one.at} {one.what}: {one.why}" for one in report.bad]
    context.show(report, lines)
    if report.bad:
        raise Refusal("hq.verify_failed", bad=len(report.bad))


def _rebuild(context: Context) -> None:
    from core.hq.rebuild import compare, rebuild

    with opened(context) as headquarters:
        if context.args.compare:
            report = compare(headquarters.store)
        else:
            report = rebuild(headquarters.store, watch=lambda stream: context.progress.step(0, None, stream))
    lines = [context.words("cli.hq_rebuilt", streams=report.streams, differing=len(report.differing))]
    context.show(report, [*lines, *(f"  {one}" for one in report.differing)])


def _loss(context: Context) -> None:
    from core.hq.loss import loss_report

    with opened(context) as headquarters:
        report = loss_report(headquarters.store, context.args.device)
    context.show(report, [f"{name}: {getattr(report, name)}" for name in report.__struct_fields__])


def _orphans(context: Context) -> None:
    from core.hq.overview import named_blobs

    with opened(context) as headquarters:
        found = headquarters.blobs.orphans(named_blobs(headquarters.store), headquarters.clock.now())
        due = [one for one in found if one.is_due]
        if context.args.remove:
            for one in due:
                headquarters.blobs.remove(one)
    said = context.words("cli.hq_orphans", count=len(found), due=len(due))
    context.show({"orphans": found, "removed": len(due) if context.args.remove else 0}, [said])


def _bundle_import(context: Context) -> None:
    with opened(context) as headquarters:
        report = headquarters.bundles.take(context.args.file, progress=context.progress)
        answer = context.args.answer
        if answer is not None:
            headquarters.bundles.answer(answer, report.sender, progress=context.progress)
    said = context.words("cli.hq_bundle_taken", sender=report.sender, runs=report.runs, bad=len(report.bad))
    context.show(report, [said, *(f"  {one.about}: {one.why}" for one in report.bad)])


def _bundle_export(context: Context) -> None:
    with opened(context) as headquarters:
        report = headquarters.bundles.answer(context.args.file, context.args.to, progress=context.progress)
    context.show(report, [context.words("cli.written", file=context.args.file)])
