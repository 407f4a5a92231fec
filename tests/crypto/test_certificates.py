"""The station certificate fits its key, its purpose and its time."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from core.crypto.certificates import new_certificate

NOW = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)


def test_the_certificate_is_self_signed_for_documents_only_and_holds_ten_years() -> None:
    private_der, certificate_der = new_certificate("湘江新区示例站", NOW)
    private = load_der_private_key(private_der, password=None)
    certificate = x509.load_der_x509_certificate(certificate_der)
    public = certificate.public_key()
    assert isinstance(private, RSAPrivateKey)
    assert isinstance(public, RSAPublicKey)
    assert public.public_numbers() == private.public_key().public_numbers()
    assert public.key_size == 3072
    certificate.verify_directly_issued_by(certificate)
    assert certificate.subject.rfc4514_string() == "CN=湘江新区示例站"
    assert certificate.not_valid_before_utc < NOW < certificate.not_valid_after_utc
    assert certificate.not_valid_after_utc.year == 2036
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment
    assert not usage.key_cert_sign


def test_a_long_name_is_cut_between_two_characters() -> None:
    _, certificate_der = new_certificate("站" * 80, NOW)
    assert x509.load_der_x509_certificate(certificate_der).subject.rfc4514_string() == "CN=" + "站" * 21
