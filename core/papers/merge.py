"""Several papers as one file: pages in order, PDF/A-2b, with numbers over all pages where they are wanted.

A merged file is for the printer and the shelf. The signatures inside the single files end with them, so the merged
file says nothing of its own: each paper's code still stands on its pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

import pikepdf
import pikepdf.pdfa

from core.kernel.errors import Trouble

_METADATA_DATE = re.compile(rb"(<xmp:MetadataDate>|xmp:MetadataDate=\")[^<\"]*")


def page_count(pdf: bytes) -> int:
    """Return how many pages a file has.  Raises Trouble "papers.merge_failed"."""
    try:
        with pikepdf.open(BytesIO(pdf)) as opened:
            return len(opened.pages)
    except pikepdf.PdfError as error:
        raise Trouble("papers.merge_failed", reason=str(error)[:300]) from error


def merged(files: Sequence[bytes], *, title: str, at: datetime, overlay: bytes | None = None) -> bytes:
    """Return the files as one PDF/A-2b, in their order.

    Args:
        at: What the file says of its making; the same files and instant give the same bytes.
        overlay: A PDF with as many pages as all files together, laid over them page by page (case_pages.py).

    Raises:
        Trouble: "papers.merge_failed", params reason.
    """
    assert files, "nothing to merge"
    try:
        with pikepdf.new() as target:
            for content in files:
                with pikepdf.open(BytesIO(content)) as source:
                    _bare(source)
                    target.pages.extend(source.pages)
            if overlay is not None:
                _lay_over(target, overlay)
            return _archived(target, title=title, at=at)
    except pikepdf.PdfError as error:
        raise Trouble("papers.merge_failed", reason=str(error)[:300]) from error


def _bare(source: pikepdf.Pdf) -> None:
    """Take away what must not travel: a signature field belongs to the file it signed, PDF/A forbids transitions."""
    if "/AcroForm" in source.Root:
        del source.Root.AcroForm
    for page in source.pages:
        for key in ("/Annots", "/Trans"):
            if key in page:
                del page[key]


def _lay_over(target: pikepdf.Pdf, overlay: bytes) -> None:
    with pikepdf.open(BytesIO(overlay)) as numbers:
        assert len(numbers.pages) == len(target.pages), "one overlay a page"
        for page, number in zip(target.pages, numbers.pages, strict=True):
            drawn = target.copy_foreign(number.as_form_xobject())
            # The library's own overlay takes a random name, and no two files would be alike.
            page.add_resource(drawn, pikepdf.Name.XObject, pikepdf.Name.MingjianNumber)
            page.contents_add(b"q\n", prepend=True)
            page.contents_add(b"\nQ q /MingjianNumber Do Q\n")


def _archived(target: pikepdf.Pdf, *, title: str, at: datetime) -> bytes:
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    target.docinfo["/Title"] = title
    target.docinfo["/CreationDate"] = at.strftime("D:%Y%m%d%H%M%S+00'00'")
    target.docinfo["/ModDate"] = target.docinfo["/CreationDate"]
    pikepdf.pdfa.prepare(target, "2b")
    metadata = target.Root.Metadata.read_bytes()
    target.Root.Metadata.write(_METADATA_DATE.sub(rb"\g<1>" + stamp.encode(), metadata))
    out = BytesIO()
    target.save(out, **pikepdf.pdfa.resolve_save_kwargs("2b", deterministic_id=True))
    with pikepdf.open(BytesIO(out.getvalue())) as written:
        report = pikepdf.pdfa.check(written, "2b")
    if report.verdict != "pass":
        raise Trouble("papers.merge_failed", reason=str(report)[:300])
    return out.getvalue()
