"""A desk with the papers of one station in memory: fake store and lists, real drawing, codes and seals."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.codes.make import qr_matrix
from core.codes.signed import sign_code, verify_signed
from core.crypto.certificates import new_certificate
from core.crypto.signing import Ed25519Signer, key_id_of, new_signing_key, public_key_of, verify
from core.domain.documents import CodeImage, Document, DocumentFacts, DocumentKind
from core.domain.lists import ListKind
from core.domain.visits import Visit
from core.kernel.clock import FixedClock
from core.kernel.errors import Trouble
from core.papers.archive import inside
from core.papers.photos import is_picture
from core.papers.render import check_text, render
from core.papers.seals import sign_pdf, verify_pdf
from core.services.document_checking import CheckTools, CodeReading, DocumentChecks, FileReading, SealReading
from core.services.document_wording import Forms
from core.services.documents import Documents
from core.services.numbers import Numbers
from core.services.paper_tools import PaperTools
from core.services.ports import OpenWork
from tests.helpers import builders as b
from tests.helpers.fakes import FakeBlobs, FakeReference, FakeStore
from tests.papers.builders import VALUES

KEY = new_signing_key()
OTHER_KEY = new_signing_key()
RSA, CERTIFICATE = new_certificate("示例站", datetime(2026, 1, 1, tzinfo=UTC))


def image_of(text: str) -> CodeImage:
    return CodeImage(text=text, matrix=qr_matrix(text))


def make_code(payload: dict[str, Any], key: bytes = KEY) -> str:
    return sign_code(payload, Ed25519Signer(key), key_id_of(public_key_of(key)))


def seal(pdf: bytes, at: datetime) -> bytes:
    return sign_pdf(pdf, private_der=RSA, certificate_der=CERTIFICATE, at=at)


def read_seal(pdf: bytes) -> SealReading:
    check = verify_pdf(pdf)
    return SealReading(check.has_signature, check.is_intact, check.covers_all, check.certificate_sha256)


def read_code(text: str, key: bytes = KEY, told: str = "") -> CodeReading:
    public = public_key_of(key)
    check = verify_signed(text, {key_id_of(public): public}, verify)
    return CodeReading(check.verdict.value, check.payload or {}, told)


def read_inside(pdf: bytes) -> FileReading:
    found = inside(pdf)
    return FileReading(found.facts, found.sha256, found.code_text)


def draw(of: DocumentFacts, code: CodeImage | None, photos: Mapping[str, bytes]) -> bytes:
    return render(of, code=code, photos=photos)


def certificate_sha256() -> str:
    return hashlib.sha256(CERTIFICATE).hexdigest()


class Desk:
    """One station's papers in memory."""

    def __init__(
        self, *, enrolled: bool = False, forms: Forms | None = None, open_work: OpenWork | None = None
    ) -> None:
        self.store = FakeStore()
        self.open_work = open_work or self.store
        self.blobs = FakeBlobs()
        self.clock = FixedClock(b.NOW)
        self.reference = reference = FakeReference()
        rows: dict[ListKind, list[Any]] = {
            ListKind.SUBJECTS: [b.subject(agency_abbr="湘新市监", complaint_phone="12345")],
            ListKind.ITEMS: [b.item()],
            ListKind.OFFICERS: [b.officer(1), b.officer(2)],
        }
        for kind, found in rows.items():
            reference.publish(b.list_version(kind), found)
        self.numbers = Numbers(self.open_work, self.clock, station="站", is_enrolled=enrolled)
        self.fails = False
        tools = PaperTools(
            draw=self._draw,
            check=check_text,
            is_picture=is_picture,
            make_code=make_code,
            image_of=image_of,
            sign_pdf=seal,
            certificate_sha256=certificate_sha256(),
        )
        self.documents = Documents(
            self.open_work,
            reference,
            self.blobs,
            self.clock,
            forms=forms or Forms(),
            numbers=self.numbers,
            tools=tools,
            station="站",
        )
        with self.open_work() as work:
            work.table(Visit).put(b.visit(address="岳麓区示例路1号", is_demo=True))
        self.checks = checks(self.open_work, self.blobs, self.clock)

    def _draw(self, of: DocumentFacts, code: CodeImage | None, photos: Mapping[str, bytes]) -> bytes:
        if self.fails:
            raise Trouble("papers.font_unreadable", path="x.ttf")
        return draw(of, code, photos)

    def issue(self, kind: DocumentKind = DocumentKind.INSPECTION_NOTICE, **options: Any) -> Document:
        return self.documents.issue(kind, "v-1", **options).value

    def penalty(self, **options: Any) -> Document:
        return self.issue(DocumentKind.SUMMARY_PENALTY, entered=VALUES, amount_cents=50000, **options)


def checks(store: OpenWork, blobs: FakeBlobs, clock: FixedClock, key: bytes = KEY, told: str = "") -> DocumentChecks:
    tools = CheckTools(
        inside=read_inside,
        read_code=lambda text: read_code(text, key, told),
        read_seal=read_seal,
        draw=draw,
        image_of=image_of,
    )
    return DocumentChecks(store, blobs, clock, tools)


def elsewhere(key: bytes = KEY, told: str = "") -> DocumentChecks:
    """Return the checks of another station's home, which holds nothing but the public key, and the hash of the
    certificate where headquarters told it."""
    return checks(FakeStore(), FakeBlobs(), FixedClock(b.NOW), key, told)
