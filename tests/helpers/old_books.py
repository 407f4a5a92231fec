"""Makes a minimal .xls (BIFF8 in an OLE container), because no kept library writes one.

Source of the layouts: [MS-XLS] and [MS-CFB].
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

GENERAL, PERCENT, DAY = 0, 1, 2
"""Indexes of the cell formats that the book knows."""
_NUMBER_FORMATS = (0, 9, 14)
_SECTOR, _END, _FREE, _FAT = 512, -2, -1, -3

Cell = str | tuple[float, int]
"""A text, or a number with its format."""


def old_book(
    path: Path,
    rows: Sequence[Sequence[Cell]],
    *,
    merges: Sequence[tuple[int, int, int, int]] = (),
    hidden: Sequence[int] = (),
) -> Path:
    """Save the rows as the only sheet of an .xls; merges are first row, last row, first column, last column from 0."""
    bound = _record(0x85, struct.pack("<IBBBB", 0, 0, 0, 2, 1) + "清单".encode("utf-16-le"))
    looks = b"".join(_record(0xE0, struct.pack("<HH", 0, number) + bytes(16)) for number in _NUMBER_FORMATS)
    fonts = _record(0x31, struct.pack("<HHHHHBBBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0, 1, 0) + b"A") * 5
    before = _bof(5) + _record(0x42, struct.pack("<H", 1200)) + fonts + looks
    end = _record(0x0A, b"")
    start = len(before) + len(bound) + len(end)
    bound = _record(0x85, struct.pack("<IBBBB", start, 0, 0, 2, 1) + "清单".encode("utf-16-le"))
    sheet = _bof(0x10)
    sheet += b"".join(_record(0x7D, struct.pack("<HHHHHH", at, at, 2000, 0, 1, 0)) for at in hidden)
    sheet += b"".join(_cell(row, at, cell) for row, cells in enumerate(rows) for at, cell in enumerate(cells) if cell)
    sheet += _record(0xE5, struct.pack("<H", len(merges)) + b"".join(struct.pack("<4H", *one) for one in merges))
    path.write_bytes(_container(before + bound + end + sheet + end))
    return path


def _record(code: int, body: bytes) -> bytes:
    return struct.pack("<HH", code, len(body)) + body


def _bof(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 1996, 0, 6))


def _cell(row: int, column: int, cell: Cell) -> bytes:
    if isinstance(cell, str):
        return _record(0x204, struct.pack("<HHHHB", row, column, 0, len(cell), 1) + cell.encode("utf-16-le"))
    number, look = cell
    return _record(0x203, struct.pack("<HHHd", row, column, look, number))


def _container(stream: bytes) -> bytes:
    # A stream below 4096 bytes would have to live in the small-block area.
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\x00")
    count = len(stream) // _SECTOR
    fat = [_FAT, _END, *range(3, count + 2), _END]
    fat += [_FREE] * (_SECTOR // 4 - len(fat))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIiIIiIiI", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<109i", 0, *[_FREE] * 108)
    folder = _entry("Root Entry", 5, child=1, start=_END, size=0)
    folder += _entry("Workbook", 2, child=-1, start=2, size=len(stream))
    return head + struct.pack(f"<{len(fat)}i", *fat) + folder.ljust(_SECTOR, b"\x00") + stream


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    coded = name.encode("utf-16-le")
    body = coded.ljust(64, b"\x00") + struct.pack("<HBBiii", len(coded) + 2, kind, 1, -1, -1, child)
    return body + bytes(36) + struct.pack("<iII", start, size, 0)
