"""A file to its sheets. What a file is, its bytes say: offices rename .xls to .xlsx and save web pages as .xls."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from core.kernel.errors import Refusal, Trouble
from core.sheets.csv_files import csv_sheet
from core.sheets.sheet import Sheet
from core.sheets.workbooks import is_locked, xls_sheets, xlsx_sheets

# A workbook of this house never comes near; a small file that unpacks to more is an attack or a mistake.
UNPACKED_BYTES_MAX = 4 << 30
_OTHER_KINDS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"{\\rtf": "RTF",
    b"<?xml": "XML",
    b"MZ": "EXE",
}
_WEB_PAGE = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<head")


def read_sheets(path: Path) -> Iterator[Sheet]:
    """Give the visible sheets of a workbook or the one sheet of a CSV file, rows streaming.

    Raises:
        Trouble: "sheets.unreadable", "sheets.damaged", "sheets.encoding".
        Refusal: "sheets.password", "sheets.not_a_table", "sheets.empty", "sheets.too_big".
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise Trouble("sheets.unreadable", file=path.name, why=error.strerror or str(error)) from error
    if not head.strip():
        raise Refusal("sheets.empty", file=path.name)
    if head.startswith(b"PK"):
        _check_package(path)
        yield from xlsx_sheets(path)
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        if is_locked(path):
            raise Refusal("sheets.password", file=path.name)
        yield from xls_sheets(path)
    else:
        _refuse_other_kinds(path, head)
        yield csv_sheet(path)


def _check_package(path: Path) -> None:
    """Tell a workbook from other zipped files, and a damaged one from a sound one."""
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
            unpacked = sum(entry.file_size for entry in package.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Trouble("sheets.damaged", file=path.name) from error
    if "xl/workbook.xml" not in names:
        if "[Content_Types].xml" in names and not names & {"word/document.xml", "ppt/presentation.xml"}:
            raise Trouble("sheets.damaged", file=path.name)
        kind = "ODS" if "content.xml" in names else "DOCX" if "word/document.xml" in names else "ZIP"
        raise Refusal("sheets.not_a_table", file=path.name, kind=kind)
    if unpacked > UNPACKED_BYTES_MAX:
        raise Refusal("sheets.too_big", file=path.name)


def _refuse_other_kinds(path: Path, head: bytes) -> None:
    for magic, kind in _OTHER_KINDS.items():
        if head.startswith(magic):
            raise Refusal("sheets.not_a_table", file=path.name, kind=kind)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_WEB_PAGE):
        raise Refusal("sheets.not_a_table", file=path.name, kind="HTML")
    has_utf16_mark = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\x00" in head and not has_utf16_mark:
        if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
            raise Trouble("sheets.damaged", file=path.name)
        raise Refusal("sheets.not_a_table", file=path.name, kind="?")
