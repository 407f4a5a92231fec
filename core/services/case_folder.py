"""An exported case file on disk: the PDF, the signed manifest, and the originals in a folder of their own."""

from __future__ import annotations

from pathlib import Path

from core.kernel.errors import Trouble
from core.services.case_files import MANIFEST_NAME, PDF_NAME, CaseExport

ORIGINALS = "originals"


def write_folder(export: CaseExport, folder: Path, *, with_originals: bool) -> None:
    """Write an export.  Raises Trouble "cli.file_unwritable", params path, why."""
    files = {PDF_NAME: export.pdf} | (export.originals if with_originals else {})
    # The manifest comes last: a folder without one was not finished.
    for name, content in (files | {MANIFEST_NAME: export.manifest_bytes}).items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise Trouble("cli.file_unwritable", path=str(path), why=error.strerror or "") from error


def read_folder(folder: Path) -> tuple[bytes, bytes | None, dict[str, bytes]]:
    """Return manifest, PDF (None: missing) and originals of an exported folder.

    Only what lies in the folder is read; where a manifest points is not followed.

    Raises:
        Trouble: "cli.file_unreadable", params path.
    """
    pdf = folder / PDF_NAME
    others = {f"{ORIGINALS}/{path.name}": _read(path) for path in sorted((folder / ORIGINALS).glob("*"))}
    return _read(folder / MANIFEST_NAME), _read(pdf) if pdf.is_file() else None, others


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Trouble("cli.file_unreadable", path=str(path)) from error
