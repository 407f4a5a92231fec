"""CSV files: encoding and separator are found by looking, rows stream by."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from core.kernel.errors import Trouble
from core.sheets.sheet import Sheet, SheetRow

_LOOK_BYTES = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encoding_of(head: bytes) -> str:
    """Return the encoding of text by its beginning: a byte order mark, else UTF-8 if it fits, else GB18030."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def csv_sheet(path: Path) -> Sheet:
    """Return the one sheet of a CSV file.

    Raises:
        Trouble: "sheets.unreadable", "sheets.encoding"; the latter may come late, from the rows.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_LOOK_BYTES)
        size = path.stat().st_size
    except OSError as error:
        raise Trouble("sheets.unreadable", file=path.name, why=error.strerror or str(error)) from error
    encoding = encoding_of(head)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    about = round(size / (len(head) / max(1, head.count(b"\n"))))
    return Sheet(name="(csv)", rows=_rows(path, encoding, _separator(text)), rows_about=about, knows_merges=False)


def _separator(text: str) -> str:
    lines = text.splitlines()[:50]
    counts = {mark: sum(line.count(mark) for line in lines) for mark in ",\t;"}
    return max(counts, key=lambda mark: counts[mark])


def _rows(path: Path, encoding: str, separator: str) -> Iterator[SheetRow]:
    try:
        with path.open(encoding=encoding, newline="") as file:
            for number, cells in enumerate(csv.reader(file, delimiter=separator), 1):
                yield SheetRow(number, tuple(map(_plain, cells)))
    except UnicodeDecodeError as error:
        raise Trouble("sheets.encoding", file=path.name, encoding=encoding) from error
    except csv.Error as error:
        raise Trouble("sheets.damaged", file=path.name) from error
    except OSError as error:
        raise Trouble("sheets.unreadable", file=path.name, why=error.strerror or str(error)) from error


def guarded(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula when it opens the CSV file."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r", "'") and len(text) > 1 else text


def _plain(cell: str) -> str:
    """Undo `guarded`."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@", "\t", "\r", "'") else cell
