"""The station's certificate for signatures inside PDF files.

RSA, because an Ed25519 signature raises the file to PDF 2.0 and PDF/A-2b would be lost (platform.md section 7).
It is self-signed: it shows that a file was not altered since this station signed it, not who the station is.
Whoever wants more compares the fingerprint, or the office puts its own certificate here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

# 3072 bits stand for 128 bits of strength. Source: NIST SP 800-57 part 1 rev. 5, table 2.
_RSA_BITS = 3072
# X.520 says 64 characters; the library counts UTF-8 bytes, which fits about 21 Chinese characters.
_COMMON_NAME_BYTES_MAX = 64
_VALID_YEARS = 10


def new_certificate(name: str, clock_now: datetime) -> tuple[bytes, bytes]:
    """Return (private key, certificate), both DER: PKCS #8 without a password, and X.509.

    The private key must be sealed before it is stored. Making it takes a large part of a second.

    Args:
        name: Who signs, as readers of the PDF show it; cut to what a common name may hold, 64 bytes of UTF-8.
        clock_now: Aware instant. The certificate holds from one day before (a clock may be put right) for ten years.
    """
    assert clock_now.tzinfo is not None, "a certificate needs an aware instant"
    private = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    shown = name.encode()[:_COMMON_NAME_BYTES_MAX].decode(errors="ignore")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, shown)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    public = private.public_key()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock_now - timedelta(days=1))
        .not_valid_after(clock_now + timedelta(days=round(_VALID_YEARS * 365.25)))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(private, SHA256())
    )
    private_der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return private_der, certificate.public_bytes(Encoding.DER)
