"""The signature inside a paper's file (PAdES, RSA): made and checked with bytes that the caller brings.

The key and certificate come from core.crypto.certificates. The signature shows that the file is as the holder of
that certificate left it; who that is, the caller knows by the certificate's fingerprint.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import cms, keys, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from core.kernel.errors import Trouble
from core.kernel.records import Record

_FIELD = "MingjianSignature"


class SealCheck(Record):
    """What the signature inside a file says; `covers_all`: nothing was appended after it."""

    has_signature: bool
    is_intact: bool = False
    covers_all: bool = False
    certificate_sha256: str = ""
    signed_at: datetime | None = None


class _Signer(SimpleSigner):
    """Loads the private key once a file: loading checks its primes and takes a quarter of a second."""

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            # The dry run only asks how long a signature is.
            certificate = self.signing_cert
            assert certificate is not None, "the signer was made with its certificate"
            return bytes(certificate.public_key.bit_size // 8)
        return self.sign_raw(data, digest_algorithm)


class _PdfSignerAt(PdfSigner):
    """Signs as of a given instant: a paper that is drawn again after a crash keeps the time of its issue."""

    def __init__(self, metadata: PdfSignatureMetadata, signer: SimpleSigner, at: datetime) -> None:
        super().__init__(metadata, signer)
        self._at = at

    def init_signing_session(self, *args: Any, **options: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **options)
        session.system_time = self._at
        return session


def sign_pdf(pdf: bytes, *, private_der: bytes, certificate_der: bytes, at: datetime) -> bytes:
    """Return the file with a PAdES-B signature appended; the bytes before stay as they are.

    The signature says the given instant, not the moment of drawing. Two signings differ by a random file id.

    Raises:
        Trouble: "papers.signing_failed", params reason.
    """
    certificate = x509.Certificate.load(certificate_der)
    signer = _Signer(
        signing_cert=certificate,
        signing_key=keys.PrivateKeyInfo.load(private_der),
        cert_registry=SimpleCertificateStore(),
    )
    metadata = PdfSignatureMetadata(
        field_name=_FIELD, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256", embed_validation_info=False
    )
    out = BytesIO()
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        _PdfSignerAt(metadata, signer, at).sign_pdf(writer, output=out)
    except (SigningError, PdfError, ValueError) as error:
        raise Trouble("papers.signing_failed", reason=str(error)[:300]) from error
    return out.getvalue()


def verify_pdf(pdf: bytes) -> SealCheck:
    """Return whether the signature inside a file is intact and reaches to its last byte. A torn file has none."""
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=False)
        signatures = reader.embedded_signatures
        if len(signatures) != 1:
            return SealCheck(has_signature=bool(signatures))
        signature = signatures[0]
        certificate = signature.signer_cert
        # The signature cannot cover its own place; what that place holds beyond it must be empty.
        held = bytes(signature.pkcs7_content)
        is_padded_with_zeros = not any(held[len(cms.ContentInfo.load(held).dump()) :])
        # Self-signed: whether to trust it is asked by fingerprint, so no path is built to anywhere.
        context = ValidationContext(trust_roots=[certificate], allow_fetching=False)
        # Nothing may follow the signature, so what follows is not weighed, only found.
        status = validate_pdf_signature(signature, signer_validation_context=context, skip_diff=True)
    except Exception:  # noqa: BLE001  # a hostile file can break the library anywhere, with any error
        # To the person it is a file without a good signature.
        return SealCheck(has_signature=False)
    return SealCheck(
        has_signature=True,
        is_intact=bool(status.intact and status.valid and is_padded_with_zeros),
        covers_all=status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        certificate_sha256=hashlib.sha256(certificate.dump()).hexdigest(),
        signed_at=status.signer_reported_dt,
    )
