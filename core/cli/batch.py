"""`document batch | queue | prints`: many papers at once."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from core.cli.context import Context, write_file
from core.domain.documents import DocumentState
from core.kernel.errors import Refusal, Trouble
from core.kernel.words import catalogue, fault_words
from core.services.batch import BatchPaper, BatchReport, Outcome, PaperFile, Sort
from core.services.clerk_queue import QueueLine, Waiting


def add_to(group: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands to the group `document`."""
    batch = group.add_parser("batch", parents=[common], help="the notices of a week, in one go")
    batch.add_argument("--week", type=date.fromisoformat, required=True, help="any day of the week, YYYY-MM-DD")
    batch.add_argument("--sort", choices=[one.value for one in Sort], default=Sort.ROUTE.value)
    batch.add_argument("--hand-over", action="store_true", help="hand them to the clerk; no number is taken here")
    batch.add_argument("--out", type=Path, help="folder for the files; without it they are only issued")
    batch.add_argument("--one-file", action="store_true", help="one file for one run of the printer")
    batch.add_argument("--copies", type=int, default=1, help="how many of each go into the print log")
    batch.set_defaults(run=_batch)
    queue = group.add_parser("queue", parents=[common], help="papers that wait to be made, printed, signed or served")
    queue.add_argument("--state", choices=[one.value for one in DocumentState], default="")
    queue.add_argument("--waiting", choices=[one.value for one in Waiting], default="", help="only what waits for this")
    queue.set_defaults(run=_queue)
    group.add_parser("prints", parents=[common], help="the print log").set_defaults(run=_prints)


def _batch(context: Context) -> None:
    args, batch = context.args, context.session.batch
    run = batch.hand_over if args.hand_over else batch.notices
    report = run(args.week, Sort(args.sort), progress=context.progress).value
    files: tuple[PaperFile, ...] = ()
    paths: list[Path] = []
    if args.out is not None and report.documents() and not report.is_cancelled:
        files = batch.files(report.documents(), progress=context.progress)
        paths = _write(context, report, files)
        # Logged once they are out: a paper in the log that lies nowhere would make its first print a copy.
        batch.printed(files, copies=args.copies, week_of=report.week_of)
    answer = {
        "week": report.week_of,
        "total": report.total,
        "is_cancelled": report.is_cancelled,
        "papers": [plain(one) for one in report.papers],
        "files": [str(path) for path in paths],
        "copies_marked": sum(file.is_copy for file in files),
    }
    context.show(answer, [*(said(context, one) for one in report.papers), *_summary(context, report)])


def _write(context: Context, report: BatchReport, files: tuple[PaperFile, ...]) -> list[Path]:
    folder: Path = context.args.out
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble("cli.file_unwritable", path=str(folder), why=error.strerror or "") from error
    if context.args.one_file:
        week = str(report.week_of)
        path = folder / f"notices-{week}.pdf"
        write_file(path, context.session.batch.one_file(files, title=f"检查通知书 {week}"))
        return [path]
    for file in files:
        write_file(folder / file.name, file.content)
    return [folder / file.name for file in files]


def plain(paper: BatchPaper) -> dict[str, Any]:
    """Return one paper of a batch for the JSON answer."""
    return {
        "visit": paper.visit,
        "enterprise": paper.enterprise_name,
        "outcome": paper.outcome,
        "document": paper.document,
        "prepared": paper.prepared,
        "number": paper.number,
        "fault": paper.fault,
        "params": paper.params,
    }


def said(context: Context, paper: BatchPaper) -> str:
    """Return one paper of a batch as a line."""
    outcome = context.words(f"batch.outcome.{paper.outcome.value}")
    why = ""
    if paper.fault:
        is_text = isinstance(catalogue()[paper.fault]["zh"], str)
        fault = Refusal(paper.fault, **paper.params)
        why = context.words("batch.not_approved") if is_text else fault_words(fault, context.lang).what
    return f"{outcome}  {paper.number}  {paper.enterprise_name}  {why}".rstrip()


def _summary(context: Context, report: BatchReport) -> list[str]:
    skipped = sum(one.outcome is Outcome.SKIPPED for one in report.papers)
    done = len(report.documents())
    lines = [context.words("cli.batch.done", total=report.total, done=done, skipped=skipped)]
    return [*lines, context.words("cli.batch.stopped")] if report.is_cancelled else lines


def _queue(context: Context) -> None:
    args = context.args
    found = [
        one
        for one in context.session.batch.queue()
        if args.state in ("", one.state.value) and args.waiting in ("", one.waiting.value)
    ]
    lines = (
        "  ".join(filter(None, (_waits(context, one), one.title, one.number, one.enterprise_name, one.note, one.id)))
        for one in found
    )
    context.show({"queue": found}, lines)


def _waits(context: Context, line: QueueLine) -> str:
    return context.words(f"batch.waiting.{line.waiting.value}")


def _prints(context: Context) -> None:
    runs = context.session.batch.print_log()
    lines: list[str] = []
    for run in runs:
        lines.append(f"{run.at.isoformat()}  {run.by}")
        for paper in run.papers:
            mark = context.words("cli.batch.copy") if paper.is_copy else ""
            lines.append(f"    {paper.copies} x {paper.title}  {paper.number}  {mark}".rstrip())
    context.show({"runs": runs}, lines)
