"""The file around the pages: PDF/A-2b, and the facts and the code's text inside it for whoever checks the paper.

The facts travel in the XMP property xmp:Identifier, because PDF/A-2b admits no foreign attachment.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from io import BytesIO

import msgspec
import pikepdf
import pikepdf.pdfa

from core.domain.documents import DocumentFacts
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record, canonical_bytes, from_plain, parse_json

_FACTS, _CODE = "mingjian-facts:", "mingjian-code:"
_FACTS_INSIDE = re.compile(rb"mingjian-facts:([A-Za-z0-9+/=]+)<")
# The alphabet of base45 (RFC 9285), in which signed codes travel.
_CODE_INSIDE = re.compile(rb"mingjian-code:([0-9A-Z $%*+\-./:]+)<")
_FACTS_BYTES_MAX = 4_000_000
_METADATA_DATE = re.compile(rb"(<xmp:MetadataDate>|xmp:MetadataDate=\")[^<\"]*")


class Inside(Record):
    """What a paper's file says about itself. Nothing in it is to be believed before it was checked."""

    facts: DocumentFacts
    sha256: str
    """Of the facts as they stand in the file: a later version of the program may know more fields than they have."""
    code_text: str


def archived(raw: bytes, facts: DocumentFacts, code_text: str, *, is_checked: bool = False) -> bytes:
    """Return the drawn pages as PDF/A-2b.

    Args:
        is_checked: Look through the written file too; a fifth of a second, needed with a body's own fonts only:
            the tests check every form with the shipped ones.

    Raises:
        Trouble: "papers.archive_failed", params reason.
    """
    packed = base64.b64encode(zlib.compress(canonical_bytes(facts), 9)).decode()
    with pikepdf.open(BytesIO(raw)) as pdf:
        for page in pdf.pages:
            # reportlab gives every page a transition, which PDF/A forbids.
            if "/Trans" in page:
                del page["/Trans"]
        stamp = facts.issued_at.strftime("%Y-%m-%dT%H:%M:%S+00:00")
        with pdf.open_metadata(set_pikepdf_as_editor=False) as meta:
            meta["xmp:Identifier"] = [_FACTS + packed, _CODE + code_text]
        pdf.docinfo["/CreationDate"] = facts.issued_at.strftime("D:%Y%m%d%H%M%S+00'00'")
        pdf.docinfo["/ModDate"] = pdf.docinfo["/CreationDate"]
        pikepdf.pdfa.prepare(pdf, "2b")
        # The moment of writing would make two files of the same facts differ.
        metadata = pdf.Root.Metadata.read_bytes()
        pdf.Root.Metadata.write(_METADATA_DATE.sub(rb"\g<1>" + stamp.encode(), metadata))
        out = BytesIO()
        # Not pdfa.save, which writes through a temporary file: nothing of a paper may lie readable on the disk.
        pdf.save(out, **pikepdf.pdfa.resolve_save_kwargs("2b", deterministic_id=True))
    if is_checked:
        _check(out)
    return out.getvalue()


def _check(written: BytesIO) -> None:
    with pikepdf.open(written) as pdf:
        report = pikepdf.pdfa.check(pdf, "2b")
    if report.verdict != "pass":
        raise Trouble("papers.archive_failed", reason=str(report)[:300])


def inside(pdf_bytes: bytes) -> Inside:
    """Return the facts and the code's text that a paper's file carries.

    Raises:
        Refusal: "papers.not_ours" if it is no PDF or carries no facts.
    """
    try:
        with pikepdf.open(BytesIO(pdf_bytes)) as pdf:
            metadata = pdf.Root.Metadata.read_bytes()
        # Read as text: an XML reader would repair, complain about or choke on a hostile file.
        found, code = _FACTS_INSIDE.search(metadata), _CODE_INSIDE.search(metadata)
        if found is None:
            raise Refusal("papers.not_ours")
        packed = found[1]
        code_text = code[1].decode("ascii") if code else ""
        # A hostile file may unpack to gigabytes.
        plain = zlib.decompressobj().decompress(base64.b64decode(packed), _FACTS_BYTES_MAX)
        facts = from_plain(DocumentFacts, parse_json(plain))
        return Inside(facts=facts, sha256=hashlib.sha256(plain).hexdigest(), code_text=code_text)
    except (
        pikepdf.PdfError,
        AttributeError,
        TypeError,
        ValueError,
        RecursionError,
        zlib.error,
        msgspec.DecodeError,
        msgspec.ValidationError,
    ) as error:
        raise Refusal("papers.not_ours") from error
