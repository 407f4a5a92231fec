"""The signature inside a paper's file."""

from datetime import UTC, datetime

import pytest

from core.crypto.certificates import new_certificate
from core.domain.documents import DocumentKind
from core.kernel.errors import Trouble
from core.papers.render import render
from core.papers.seals import sign_pdf, verify_pdf
from tests.papers.builders import AT, facts

KEY, CERTIFICATE = new_certificate("示例站", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def signed() -> bytes:
    pdf = render(facts(DocumentKind.INSPECTION_NOTICE))
    return sign_pdf(pdf, private_der=KEY, certificate_der=CERTIFICATE, at=AT)


def test_a_signed_file_is_intact_to_its_last_byte(signed: bytes) -> None:
    check = verify_pdf(signed)
    assert (check.has_signature, check.is_intact, check.covers_all) == (True, True, True)
    assert check.signed_at == AT


def test_signing_leaves_the_drawn_bytes_as_they_are(signed: bytes) -> None:
    assert signed.startswith(render(facts(DocumentKind.INSPECTION_NOTICE)))


def test_one_changed_byte_breaks_the_signature(signed: bytes) -> None:
    torn = bytearray(signed)
    torn[len(torn) // 3] ^= 1
    assert not verify_pdf(bytes(torn)).is_intact


def test_something_appended_shows(signed: bytes) -> None:
    assert not verify_pdf(signed + b"\n%more").covers_all


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_torn_file_has_no_good_signature(signed: bytes, share: float) -> None:
    check = verify_pdf(signed[: int(len(signed) * share)])
    assert not (check.is_intact and check.covers_all)


def test_signing_what_is_no_pdf_is_trouble() -> None:
    with pytest.raises(Trouble) as trouble:
        sign_pdf(b"nothing", private_der=KEY, certificate_der=CERTIFICATE, at=AT)
    assert trouble.value.code == "papers.signing_failed"


def test_something_hidden_in_the_room_of_the_signature_shows(signed: bytes) -> None:
    place = signed.rindex(b"0000000000>")
    hidden = signed[:place] + b"c0ffee" + signed[place + 6 :]
    assert not verify_pdf(hidden).is_intact
