"""`case check | export | archive | verify`: the case file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.commands import show_visit, visit_id
from core.cli.context import Context
from core.domain.case_files import Mark
from core.kernel.errors import Refusal
from core.services.case_files import MANIFEST_NAME, PDF_NAME
from core.services.case_folder import read_folder, write_folder


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    group = groups.add_parser("case", help="case files: check, export, verify").add_subparsers(
        required=True, metavar="COMMAND"
    )
    check = group.add_parser("check", parents=[common], help="the points of a review, before filing")
    check.add_argument("visit", help="id or number of the visit")
    check.set_defaults(run=_check)
    export = group.add_parser("export", parents=[common], help="one PDF/A and a signed manifest")
    export.add_argument("visit", help="id or number of the visit")
    export.add_argument("--out", type=Path, required=True, help="a new or empty folder")
    export.add_argument("--originals", action="store_true", help="carry the signed papers and the evidence along")
    export.set_defaults(run=_export)
    archive = group.add_parser("archive", parents=[common], help="file the visit once its check is met")
    archive.add_argument("visit", help="id or number of the visit")
    archive.add_argument("--in-spite-of", default="", help="why it is filed though points are not met")
    archive.set_defaults(run=_archive)
    verify = group.add_parser("verify", parents=[common], help="whether an exported file is as it was")
    verify.add_argument("folder", type=Path)
    verify.set_defaults(run=_verify)


def _check(context: Context) -> None:
    lines = context.session.case_files.check(visit_id(context))
    counts = {mark: sum(line.mark is mark for line in lines) for mark in Mark}
    answer = {"is_complete": not counts[Mark.FAIL], "points": lines}
    said: list[str] = []
    for line in lines:
        mark, point = context.words(f"case.mark.{line.mark.value}"), context.words(f"case.point.{line.code}")
        category = context.words(f"case.category.{line.category}")
        said.append(f"{mark}  {category}  {point}  {'、'.join(line.about)}".rstrip())
    said.append(
        context.words("cli.case.points", met=counts[Mark.PASS], warn=counts[Mark.WARN], failed=counts[Mark.FAIL])
    )
    context.show(answer, said)


def _export(context: Context) -> None:
    folder: Path = context.args.out
    found = context.session.case_files.export(visit_id(context), progress=context.progress).value
    write_folder(found, folder, with_originals=context.args.originals)
    pages, failed = found.manifest.pages, found.manifest.failed_points
    answer = {
        "pdf": str(folder / PDF_NAME),
        "manifest": str(folder / MANIFEST_NAME),
        "pages": pages,
        "members": found.manifest.members,
        "failed_points": failed,
    }
    context.show(answer, [context.words("cli.case.exported", file=str(folder / PDF_NAME), pages=pages)])


def _archive(context: Context) -> None:
    case_files = context.session.case_files
    show_visit(context, case_files.archive(visit_id(context), in_spite_of=context.args.in_spite_of).value)


def _verify(context: Context) -> None:
    folder: Path = context.args.folder
    manifest, pdf, others = read_folder(folder)
    found = context.session.case_files.verify(manifest, pdf, others, with_originals=bool(others))
    said = [context.words(f"case.verdict.{found.verdict}")]
    for reason in found.reasons:
        code, _, about = reason.partition(" ")
        said.append(f"  {context.words(f'case.reason.{code}')} {about}".rstrip())
    context.show({"verdict": found.verdict, "reasons": found.reasons, "manifest": found.manifest}, said)
    if found.verdict != "genuine":
        raise Refusal("case.not_genuine", verdict=found.verdict)
