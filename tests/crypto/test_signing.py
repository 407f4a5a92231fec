"""Signatures hold for one key and one message."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from core.crypto.signing import Ed25519Signer, Signer, fingerprint, new_signing_key, public_key_of, sign, verify

# The first test vector of RFC 8032 section 7.1.
RFC_PRIVATE = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
RFC_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
RFC_SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)
keys = st.binary(min_size=32, max_size=32)


def test_the_vector_of_the_standard_is_met() -> None:
    assert public_key_of(RFC_PRIVATE) == RFC_PUBLIC
    assert sign(RFC_PRIVATE, b"") == RFC_SIGNATURE
    assert verify(RFC_PUBLIC, b"", RFC_SIGNATURE)


@given(keys, st.binary(max_size=100))
def test_a_signature_is_good_for_its_own_message(private: bytes, message: bytes) -> None:
    assert verify(public_key_of(private), message, sign(private, message))


@given(keys, st.binary(max_size=50), st.data())
def test_a_changed_bit_in_signature_or_message_is_found(private: bytes, message: bytes, data: st.DataObject) -> None:
    whole = bytearray(sign(private, message) + message)
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert not verify(public_key_of(private), bytes(whole[64:]), bytes(whole[:64]))


@given(keys, keys)
def test_another_key_does_not_verify(one: bytes, two: bytes) -> None:
    assert verify(public_key_of(two), b"m", sign(one, b"m")) == (one == two)


@given(st.binary(max_size=70), st.binary(max_size=70))
def test_rubbish_from_a_foreign_code_is_not_good_and_does_not_crash(public: bytes, signature: bytes) -> None:
    assert not verify(public, b"m", signature)


def test_the_signer_port_is_met_by_a_key_in_memory() -> None:
    signer: Signer = Ed25519Signer(RFC_PRIVATE)
    assert signer.alg == "Ed25519"
    assert verify(signer.public, b"m", signer.sign(b"m"))


def test_new_keys_are_new() -> None:
    assert new_signing_key() != new_signing_key()
    assert len(new_signing_key()) == 32


def test_a_fingerprint_can_be_read_aloud() -> None:
    text = fingerprint(RFC_PUBLIC)
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", text)
    assert text != fingerprint(RFC_PRIVATE)
