"""Checking a paper without a network: its file, its code, or the short code typed from it.

A file is genuine if the code is signed by a trusted key, the facts inside have the digest that the code signs, and
the file is sealed, unchanged to its last byte, by the certificate that the code names. A file without a seal is
genuine only if drawing the facts again gives the same bytes. Source: design.md section 9.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.domain.documents import (
    CodeImage,
    Document,
    DocumentFacts,
    DocumentState,
    normal_short_code,
    photo_hashes,
    short_code,
)
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.kernel.records import Record, from_plain, parse_json
from core.services.document_codes import SignedFacts, read_payload
from core.services.paper_tools import Draw
from core.services.ports import Blobs, OpenWork, Work

CODE_MARK = "MJ1:"
"""How the text of a signed code of ours begins (core.codes)."""


class CheckVerdict(StrEnum):
    """Only GENUINE and CODE_GENUINE are good news; UNKNOWN is never shown green."""

    GENUINE = "genuine"
    CODE_GENUINE = "code_genuine"
    ALTERED = "altered"
    COPY = "copy"
    SPOILED = "spoiled"
    UNKNOWN = "unknown"


class DocumentCheck(Record):
    """The answer. `reasons` are keys of the message catalogue; `facts` are what was signed, for the eye."""

    verdict: CheckVerdict
    reasons: tuple[str, ...]
    facts: dict[str, str] = {}
    as_of: datetime | None = None
    """When this station's own register was asked; None: it does not know the paper."""


@dataclass(frozen=True)
class CodeReading:
    """What the check of a signed code said: verdict genuine, unknown_key, bad_signature, torn or foreign."""

    verdict: str
    payload: Mapping[str, Any]
    certificate_sha256: str = ""
    """Of the certificate that headquarters told for the key of the code, in hex; empty where nobody told one."""


@dataclass(frozen=True)
class SealReading:
    """What the file's own signature says."""

    has_signature: bool
    is_intact: bool
    covers_all: bool
    certificate_sha256: str


@dataclass(frozen=True)
class FileReading:
    """What a paper's file says about itself; nothing in it is believed before its digest was found signed."""

    facts: DocumentFacts
    sha256: str
    code_text: str


@dataclass(frozen=True)
class CheckTools:
    """The tools of a check; core.station brings them."""

    inside: Callable[[bytes], FileReading]
    """Raises Refusal "papers.not_ours"."""
    read_code: Callable[[str], CodeReading]
    read_seal: Callable[[bytes], SealReading]
    draw: Draw
    image_of: Callable[[str], CodeImage]


class DocumentChecks:
    """Checks papers of any station whose key is trusted here."""

    def __init__(self, open_work: OpenWork, blobs: Blobs, clock: Clock, tools: CheckTools) -> None:
        self._open_work = open_work
        self._blobs = blobs
        self._clock = clock
        self._tools = tools

    def check_file(self, pdf: bytes) -> DocumentCheck:
        """Return the verdict over a PDF file."""
        try:
            found = self._tools.inside(pdf)
        except Refusal:
            return _answer(CheckVerdict.UNKNOWN, "not_ours")
        if not found.code_text:
            return _answer(CheckVerdict.UNKNOWN, "no_code")
        reading = self._tools.read_code(found.code_text)
        signed, verdict = _signed(reading)
        if signed is None:
            return verdict
        shown = signed.shown()
        if found.sha256 != signed.sha256:
            return _answer(CheckVerdict.ALTERED, "facts_differ", facts=shown)
        reason = self._pages_altered(pdf, found, signed, told=reading.certificate_sha256)
        if reason:
            return _answer(CheckVerdict.ALTERED, reason, facts=shown)
        good = CheckVerdict.COPY if signed.is_copy else CheckVerdict.GENUINE
        return self._with_register(good, "copy" if signed.is_copy else "file_genuine", signed, found.facts.id)

    def check_text(self, text: str) -> DocumentCheck:
        """Return the verdict over a scanned code or a typed short code; at most code_genuine: the paper itself was
        not seen, so its facts have to be compared by eye."""
        if len(text.strip()) <= 16:
            return self._check_short(text)
        signed, verdict = _signed(self._tools.read_code(text.strip()))
        if signed is None:
            return verdict
        good = CheckVerdict.COPY if signed.is_copy else CheckVerdict.CODE_GENUINE
        return self._with_register(good, "copy" if signed.is_copy else "compare_by_eye", signed, "")

    def check_picture(self, texts: Sequence[str]) -> DocumentCheck:
        """Return the verdict over the codes that were read in a picture of a paper; at most code_genuine."""
        ours = next((text for text in texts if text.startswith(CODE_MARK)), "")
        if ours:
            return self.check_text(ours)
        return _answer(CheckVerdict.UNKNOWN, "other_code" if texts else "no_code_seen")

    def _pages_altered(self, pdf: bytes, found: FileReading, signed: SignedFacts, *, told: str) -> str:
        seal = self._tools.read_seal(pdf)
        if not seal.has_signature:
            # Same facts give the same bytes, so a file that was never sealed can still be compared; one with photos
            # cannot, for the photos lie at the station that took them.
            if photo_hashes(found.facts):
                return "pages_differ"
            drawn = self._tools.draw(found.facts, self._tools.image_of(found.code_text), {})
            return "" if drawn == pdf else "pages_differ"
        if not seal.is_intact:
            return "seal_broken"
        if not seal.covers_all:
            return "appended"
        if not signed.seal or not seal.certificate_sha256.startswith(signed.seal):
            return "other_seal"
        # The code has room for the beginning of the hash alone; headquarters told the whole certificate.
        if told and seal.certificate_sha256 != told:
            return "other_seal"
        return ""

    def _check_short(self, typed: str) -> DocumentCheck:
        code = normal_short_code(typed)
        with self._open_work() as work:
            found = _by_short_code(work, code)
        if found is None:
            return _answer(CheckVerdict.UNKNOWN, "short_code_unknown")
        document, facts_blob = found
        facts = from_plain(DocumentFacts, parse_json(self._blobs.get(facts_blob)))
        signed = SignedFacts(
            sha256=facts_blob,
            kind=facts.kind,
            number=facts.number,
            body=facts.body,
            party=facts.party,
            issued_on=facts.issued_on,
            amount_cents=facts.amount_cents,
        )
        return self._with_register(CheckVerdict.CODE_GENUINE, "found_by_short_code", signed, document.id)

    def _with_register(self, good: CheckVerdict, reason: str, signed: SignedFacts, document_id: str) -> DocumentCheck:
        """Add what this station's own register knows: spoiled, or replaced by a later edition."""
        with self._open_work() as work:
            table = work.table(Document)
            document = table.find(document_id) if document_id else None
            if document is None and signed.number:
                document = next(iter(table.where(number=signed.number)), None)
        if document is None:
            return _answer(good, reason, "state_not_known", facts=signed.shown())
        now = self._clock.now()
        if document.state is DocumentState.SPOILED:
            return _answer(CheckVerdict.SPOILED, "spoiled", facts=signed.shown(), as_of=now)
        if signed.sha256 in document.earlier_facts:
            return _answer(good, reason, "later_edition", facts=signed.shown(), as_of=now)
        return _answer(good, reason, facts=signed.shown(), as_of=now)


def _signed(reading: CodeReading) -> tuple[SignedFacts | None, DocumentCheck]:
    """Return what a code signs, or why it is not believed."""
    if reading.verdict == "genuine":
        return read_payload(reading.payload), _answer(CheckVerdict.UNKNOWN, "other_code")
    if reading.verdict == "unknown_key":
        return None, _answer(CheckVerdict.UNKNOWN, "unknown_key")
    if reading.verdict == "bad_signature":
        return None, _answer(CheckVerdict.ALTERED, "bad_code")
    return None, _answer(CheckVerdict.UNKNOWN, "torn_code")


def _by_short_code(work: Work, code: str) -> tuple[Document, str] | None:
    """Return the paper that bears a short code and the SHA-256 of the edition that bears it."""
    table = work.table(Document)
    found = next(iter(table.where(short_code=code)), None)
    if found is not None:
        return found, found.facts_blob
    # A sheet that was printed before a refusal was noted bears the code of that edition.
    for document in table.where():
        for earlier in document.earlier_facts:
            if short_code(earlier) == code:
                return document, earlier
    return None


def _answer(
    verdict: CheckVerdict, *reasons: str, facts: dict[str, str] | None = None, as_of: datetime | None = None
) -> DocumentCheck:
    keys = tuple(f"documents.check.{reason}" for reason in reasons)
    return DocumentCheck(verdict=verdict, reasons=keys, facts=facts or {}, as_of=as_of)
