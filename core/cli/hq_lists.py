"""`hq publish | approvals | approve | reject | lists`."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from core.cli.context import Context
from core.cli.hq_context import hq_command, opened, person_of
from core.cli.lists import complaint_words
from core.domain.lists import ListKind
from core.domain.publications import Publication


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    publish = hq_command(commands, common, "publish", _publish, help="publish a list to all stations")
    publish.add_argument("kind", choices=[kind.value for kind in ListKind])
    publish.add_argument("file", type=Path)
    publish.add_argument("--effective-on", type=date.fromisoformat, help="first day of this version, YYYY-MM-DD")
    publish.add_argument("--replace", action="store_true", help="the file is the whole list, not an addition")
    publish.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
    hq_command(commands, common, "approvals", _approvals, help="versions that wait for a second person")
    approve = hq_command(commands, common, "approve", _approve, help="publish a version that waits")
    approve.add_argument("version", help="as hq approvals names it")
    reject = hq_command(commands, common, "reject", _reject, help="drop a version that waits")
    reject.add_argument("version")
    reject.add_argument("--reason", required=True)
    hq_command(commands, common, "lists", _lists, help="what is published")


def _publish(context: Context) -> None:
    from core.hq.people import HqRole

    args = context.args
    with opened(context) as headquarters:
        person = person_of(context, headquarters, HqRole.PUBLISHER)
        done = headquarters.publishing.publish(
            ListKind(args.kind),
            args.file,
            by=person.name,
            effective_on=args.effective_on,
            replace=args.replace,
            dry_run=args.dry_run,
            progress=context.progress,
        )
    report = done.report
    answer = {
        "kind": report.kind,
        "file": report.file,
        "state": done.state,
        "version": report.version,
        "accepted": report.accepted,
        "unchanged": report.unchanged,
        "removed": done.removed,
        "rejected_rows": report.rejected_rows,
        "approval": done.approval,
        "rows": done.publication.row_count if done.publication is not None else None,
        "parts": len(done.publication.whole.parts) if done.publication is not None else 0,
        "bytes": done.publication.whole.packed_size if done.publication is not None else 0,
        "changes_bytes": _changes_bytes(done.publication),
        "rejected": [
            {"sheet": one.sheet, "row": one.row, "column": one.column, "value": one.value, "code": one.code}
            | {"message": complaint_words(context, one)}
            for one in report.rejected
        ],
    }
    lines = [
        context.words(f"cli.hq_publish_{done.state}", version=report.version or 0, removed=done.removed),
        context.words(
            "cli.import_done",
            accepted=report.accepted,
            unchanged=report.unchanged,
            rejected=report.rejected_rows,
            warnings=report.warning_count,
        ),
        *(f"  {one.sheet} {one.row} {one.column}: {complaint_words(context, one)}" for one in report.rejected),
    ]
    context.show(answer, lines)


def _changes_bytes(published: Publication | None) -> int | None:
    """Return how much a station fetches that holds the version before; None where it fetches the whole."""
    return published.changes.packed_size if published is not None and published.changes is not None else None


def _approvals(context: Context) -> None:
    with opened(context) as headquarters:
        found = headquarters.publishing.waiting()
    lines = [f"{one.publication.id}  −{one.removed}  {one.asked_by}  {one.asked_at:%Y-%m-%d %H:%M}" for one in found]
    context.show({"approvals": found}, lines)


def _approve(context: Context) -> None:
    from core.hq.people import HqRole

    with opened(context) as headquarters:
        person = person_of(context, headquarters, HqRole.PUBLISHER)
        published = headquarters.publishing.approve(context.args.version, by=person.name)
    context.show(published, [context.words("cli.hq_publish_published", version=published.version, removed=0)])


def _reject(context: Context) -> None:
    from core.hq.people import HqRole

    with opened(context) as headquarters:
        person = person_of(context, headquarters, HqRole.PUBLISHER)
        headquarters.publishing.reject(context.args.version, by=person.name, reason=context.args.reason)
    context.show({"rejected": context.args.version}, [context.words("cli.hq_rejected", version=context.args.version)])


def _lists(context: Context) -> None:
    with opened(context) as headquarters:
        found = [one for kind in ListKind if (one := headquarters.publishing.newest(kind)) is not None]
    lines = [
        context.words(
            "cli.list_line", kind=one.kind.value, version=one.version, rows=one.row_count, on=one.effective_on
        )
        for one in found
    ]
    context.show({"lists": found}, lines)
