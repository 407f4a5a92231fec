"""`lists import | export | template | status`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from core.cli.context import Context, read_file
from core.domain.lists import Complaint, ImportReport, ListKind, SheetMapping
from core.kernel.errors import Trouble
from core.kernel.words import catalogue


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    lists = groups.add_parser("lists", help="published lists in and out").add_subparsers(required=True)
    kinds = [kind.value for kind in ListKind]
    bring = lists.add_parser("import", parents=[common])
    bring.add_argument("kind", choices=kinds)
    bring.add_argument("file", type=Path)
    bring.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
    bring.add_argument("--replace", action="store_true", help="the file is the whole list, not an addition")
    bring.add_argument("--mapping", type=Path, help='corrections to how columns are read: JSON as under "sheets"')
    bring.add_argument("--effective-on", type=date.fromisoformat, help="first day of this version, YYYY-MM-DD")
    bring.set_defaults(run=_import)
    for name, run in (("export", _export), ("template", _template)):
        out = lists.add_parser(name, parents=[common])
        out.add_argument("kind", choices=kinds)
        out.add_argument("file", type=Path)
        out.set_defaults(run=run)
    recognise = lists.add_parser("recognise", parents=[common], help="how a file would be read; nothing is imported")
    recognise.add_argument("file", type=Path)
    recognise.set_defaults(run=_recognise)
    confirm = lists.add_parser("confirm", parents=[common], help="the newest version still holds")
    confirm.add_argument("kind", choices=kinds)
    confirm.set_defaults(run=_confirm)
    lists.add_parser("status", parents=[common]).set_defaults(run=_status)


def _import(context: Context) -> None:
    args = context.args
    done = context.session.lists.import_file(
        ListKind(args.kind),
        args.file,
        dry_run=args.dry_run,
        mapping=_mapping(args.mapping) if args.mapping else (),
        replace=args.replace,
        effective_on=args.effective_on,
        progress=context.progress,
    )
    report = done.value
    answer = {
        "kind": report.kind,
        "file": report.file,
        "dry_run": report.dry_run,
        "accepted": report.accepted,
        "unchanged": report.unchanged,
        "rejected": [_complaint(context, one) for one in report.rejected],
        "warnings": [_complaint(context, one) for one in report.warnings],
        "version": report.version,
        "rejected_rows": report.rejected_rows,
        "warning_count": report.warning_count,
        "further": [_complaint(context, one) for one in report.further],
        "sheets": report.sheets,
    }
    context.show(answer, _report_lines(context, report))


def _mapping(path: Path) -> tuple[SheetMapping, ...]:
    """Return corrections from a file.  Raises Trouble "cli.file_unreadable", "cli.mapping_unreadable"."""
    try:
        return msgspec.json.decode(read_file(path), type=tuple[SheetMapping, ...])
    except msgspec.DecodeError as error:
        raise Trouble("cli.mapping_unreadable", path=str(path), why=str(error)) from error


def _complaint(context: Context, one: Complaint) -> dict[str, Any]:
    found = {"sheet": one.sheet, "row": one.row, "column": one.column, "value": one.value, "code": one.code}
    return found | {"message": complaint_words(context, one)}


def complaint_words(context: Context, one: Complaint) -> str:
    """Return what is wrong with a cell and what to do."""
    for key in (one.code, f"lists.row.{one.code}", f"lists.row.{one.code.lower()}"):
        if key in catalogue():
            words = catalogue()[key][context.lang]
            return (words if isinstance(words, str) else "".join(words)).format(**one.params)
    raise AssertionError(f"no words for the complaint {one.code}")


def _report_lines(context: Context, report: ImportReport) -> Iterator[str]:
    yield context.words(
        "cli.import_done",
        accepted=report.accepted,
        unchanged=report.unchanged,
        rejected=report.rejected_rows,
        warnings=report.warning_count,
    )
    yield from _sheet_lines(report.sheets)
    for one in (*report.rejected, *report.warnings):
        yield f"  {one.sheet} {one.row} {one.column}: {one.value[:40]!r} {complaint_words(context, one)}"


def _export(context: Context) -> None:
    context.session.lists.export(ListKind(context.args.kind), context.args.file)
    context.show({"file": str(context.args.file)}, [context.words("cli.written", file=context.args.file)])


def _template(context: Context) -> None:
    context.session.lists.template(ListKind(context.args.kind), context.args.file)
    context.show({"file": str(context.args.file)}, [context.words("cli.written", file=context.args.file)])


def _sheet_lines(sheets: Iterable[SheetMapping]) -> Iterator[str]:
    """Give how each sheet is read: its kind, the row of its headings, and column by column the field."""
    for sheet in sheets:
        columns = (f"{one.letter} {one.heading!r} → {one.field or '—'}" for one in sheet.columns)
        kind = sheet.kind.value if sheet.kind is not None else "?"
        yield f"  {sheet.sheet}  {kind}  {sheet.header_row}: {', '.join(columns)}"


def _recognise(context: Context) -> None:
    found = context.session.lists.recognise(context.args.file)
    context.show({"sheets": found}, _sheet_lines(found))


def _confirm(context: Context) -> None:
    version = context.session.lists.confirm(ListKind(context.args.kind)).value
    on = version.effective_on
    words = context.words(
        "cli.list_line", kind=version.kind.value, version=version.version, rows=version.row_count, on=on
    )
    context.show(version, [words])


def _status(context: Context) -> None:
    found = context.session.lists.status()
    lines: list[str] = []
    for one in found:
        on = one.effective_on or "—"
        lines.append(context.words("cli.list_line", kind=one.kind.value, version=one.version, rows=one.rows, on=on))
    context.show({"lists": found}, lines)
