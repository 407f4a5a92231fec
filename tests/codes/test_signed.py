"""Signed codes: genuine or refused, never anything between."""

from __future__ import annotations

from typing import Any

import base45
import cbor2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.codes.decode import decode_pixels
from core.codes.signed import PREFIX, CodeVerdict, read_signed, sign_code, verify_signed
from core.crypto.signing import Ed25519Signer, key_id_of, public_key_of, sign, verify
from core.kernel.errors import Refusal
from tests.helpers.scans import frame, noisy

PRIVATE = bytes(range(32))
PUBLIC = public_key_of(PRIVATE)
KEY_ID = key_id_of(PUBLIC)
TRUSTED = {KEY_ID: PUBLIC}
FACTS: dict[str, Any] = {"n": "湘新检〔2026〕3号", "h": bytes(32), "fine": 20000, "d": "2026-03-06"}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=12) | st.binary(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
payloads = st.dictionaries(st.text(max_size=8), plain, max_size=5)


def signed(payload: dict[str, Any] = FACTS, private: bytes = PRIVATE) -> str:
    return sign_code(payload, Ed25519Signer(private), key_id_of(public_key_of(private)))


def forged(whole: object) -> str:
    return PREFIX + base45.b45encode(cbor2.dumps(whole)).decode()


def verdict_of(text: str) -> CodeVerdict:
    return verify_signed(text, TRUSTED, verify).verdict


@given(payloads)
def test_a_code_of_a_trusted_key_gives_its_payload(payload: dict[str, Any]) -> None:
    check = verify_signed(signed(payload), TRUSTED, verify)
    assert (check.verdict, check.payload, check.key_id) == (CodeVerdict.GENUINE, payload, KEY_ID)


@given(payloads)
def test_a_code_is_written_in_the_alphabet_of_qr_and_always_alike(payload: dict[str, Any]) -> None:
    text = signed(payload)
    assert set(text) <= set(ALPHABET)
    assert text == signed(dict(reversed(payload.items())))
    assert text == text.strip()


@given(st.data())
def test_a_flipped_character_anywhere_is_refused(data: st.DataObject) -> None:
    text = signed()
    at = data.draw(st.integers(0, len(text) - 1))
    char = data.draw(st.sampled_from(ALPHABET).filter(lambda one: one != text[at]) | st.characters())
    flipped = text[:at] + char + text[at + 1 :]
    check = verify_signed(flipped, TRUSTED, verify)
    assert (check.verdict is CodeVerdict.GENUINE) == (flipped == text)
    assert (check.payload is None) == (flipped != text)


@given(st.integers(0, 400))
def test_a_code_cut_short_is_torn(length: int) -> None:
    text = signed()
    cut = text[: min(length, len(text) - 1)]
    assert verdict_of(cut) is (CodeVerdict.TORN if cut.startswith(PREFIX) else CodeVerdict.FOREIGN)


def test_line_ends_of_a_scanner_do_no_harm() -> None:
    assert verdict_of(f" {signed()}\r\n") is CodeVerdict.GENUINE


def test_a_key_that_is_not_trusted_is_unknown_and_gives_nothing_out() -> None:
    check = verify_signed(signed(private=bytes(32)), TRUSTED, verify)
    assert (check.verdict, check.payload) == (CodeVerdict.UNKNOWN_KEY, None)


def test_a_foreign_signature_under_our_key_id_is_bad() -> None:
    text = sign_code(FACTS, Ed25519Signer(bytes(32)), KEY_ID)
    assert verdict_of(text) is CodeVerdict.BAD_SIGNATURE


@pytest.mark.parametrize("text", ["", "MJ1", "MJ2:ABC", "mj1:ABC", "http://www.gsxt.gov.cn/", "HC1:6BF"])
def test_other_texts_are_foreign(text: str) -> None:
    assert verdict_of(text) is CodeVerdict.FOREIGN
    with pytest.raises(Refusal) as refusal:
        read_signed(text)
    assert refusal.value.code == "codes.signed_foreign"


def parts(payload: object = FACTS, header: object = None) -> tuple[bytes, bytes, bytes]:
    protected = cbor2.dumps(header if header is not None else {1: -8, 4: KEY_ID}, canonical=True)
    content = cbor2.dumps(payload, canonical=True)
    return protected, content, sign(PRIVATE, cbor2.dumps(["Signature1", protected, b"", content], canonical=True))


def test_the_form_is_the_one_of_the_standard() -> None:
    protected, content, signature = parts()
    assert forged(cbor2.CBORTag(18, [protected, {}, content, signature])) == signed()


def odd_codes() -> dict[str, str]:
    """Return codes with a signature that fits, in a form we never write."""
    protected, content, signature = parts()
    es256 = parts(header={1: -7, 4: KEY_ID})
    extra = parts(header={1: -8, 4: KEY_ID, 9: 1})
    listed = parts(payload=[1, 2])
    dated = parts(payload={"d": cbor2.CBORTag(0, "2026-03-06T00:00:00Z")})
    real = parts(payload={"x": 1.5})
    numbered = parts(payload={1: "x"})
    return {
        "no tag": forged([protected, {}, content, signature]),
        "another tag": forged(cbor2.CBORTag(98, [protected, {}, content, signature])),
        "unprotected header": forged(cbor2.CBORTag(18, [protected, {4: b"x"}, content, signature])),
        "five parts": forged(cbor2.CBORTag(18, [protected, {}, content, signature, 1])),
        "bytes after the end": PREFIX
        + base45.b45encode(cbor2.dumps(cbor2.CBORTag(18, [protected, {}, content, signature])) + b"\0").decode(),
        "another algorithm": forged(cbor2.CBORTag(18, [es256[0], {}, *es256[1:]])),
        "a header more": forged(cbor2.CBORTag(18, [extra[0], {}, *extra[1:]])),
        "a list for a payload": forged(cbor2.CBORTag(18, [listed[0], {}, *listed[1:]])),
        "a tagged value": forged(cbor2.CBORTag(18, [dated[0], {}, *dated[1:]])),
        "a float": forged(cbor2.CBORTag(18, [real[0], {}, *real[1:]])),
        "a number for a key": forged(cbor2.CBORTag(18, [numbered[0], {}, *numbered[1:]])),
        "too long": PREFIX + "0" * 4296,
    }


@pytest.mark.parametrize("form", sorted(odd_codes()))
def test_a_form_we_never_write_is_torn(form: str) -> None:
    assert verdict_of(odd_codes()[form]) is CodeVerdict.TORN


@given(st.binary(max_size=200))
def test_any_bytes_behind_the_prefix_are_torn_and_never_a_crash(raw: bytes) -> None:
    assert verdict_of(PREFIX + base45.b45encode(raw).decode()) is CodeVerdict.TORN


@given(st.text())
def test_any_text_has_a_verdict_and_is_not_genuine(text: str) -> None:
    assert verdict_of(text) is not CodeVerdict.GENUINE
    assert verdict_of(PREFIX + text) is not CodeVerdict.GENUINE


@pytest.mark.parametrize("facts", [FACTS, {**FACTS, "text": "岳麓区" * 60}])
def test_a_code_survives_paper_camera_and_wedge(facts: dict[str, Any]) -> None:
    picture = np.asarray(frame(signed(facts), side_px=520, turned_degrees=4))
    (code,) = decode_pixels(noisy(picture, 15, np.random.default_rng(5)))
    check = verify_signed(code.text, TRUSTED, verify)
    assert (check.verdict, check.payload) == (CodeVerdict.GENUINE, facts)


def test_a_code_printed_by_the_first_release_is_still_genuine() -> None:
    printed = (
        "MJ1:RRQT 9P60GO0$+AWKB3UAR098CKWM4CEC47F$KNZ6TGGM6UKAYS3XI846B.6MBGAP6Q7I7VCZED6ZCK*927B*VUCK2D+PDQC/CFY58*4EK"
        "5W-.CD3EO63WR6N99HQQXDGSDH7 1P7PF%BUMLDVS-IUM52UI2DEWSJBTHDI6FF/S4O9:SUCKH"
    )
    facts = {"n": "湘新检〔2026〕3号", "fine": 20000}
    assert verify_signed(printed, TRUSTED, verify).payload == facts
    assert signed(facts) == printed
