"""Sealed blobs come back whole or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crypto.sealing import OVERHEAD_BYTES, derive, seal, unseal
from core.kernel.errors import Trouble

KEY = bytes(range(32))


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_a_sealed_blob_comes_back_equal(plain: bytes, bound_to: bytes) -> None:
    sealed = seal(KEY, plain, bound_to=bound_to)
    assert unseal(KEY, sealed, bound_to=bound_to) == plain
    assert len(sealed) == len(plain) + OVERHEAD_BYTES


@given(st.binary(max_size=60), st.data())
def test_a_changed_byte_anywhere_is_found(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, plain, bound_to=b"photo"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Trouble) as trouble:
        unseal(KEY, bytes(sealed), bound_to=b"photo")
    assert trouble.value.code == "crypto.damaged"


@given(st.binary(max_size=60), st.data())
def test_a_blob_cut_short_is_found(plain: bytes, data: st.DataObject) -> None:
    sealed = seal(KEY, plain, bound_to=b"photo")
    with pytest.raises(Trouble):
        unseal(KEY, sealed[: data.draw(st.integers(0, len(sealed) - 1))], bound_to=b"photo")


def test_a_blob_in_the_place_of_another_is_found() -> None:
    with pytest.raises(Trouble):
        unseal(KEY, seal(KEY, b"x", bound_to=b"photo 1"), bound_to=b"photo 2")


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Trouble):
        unseal(bytes(32), seal(KEY, b"x", bound_to=b""), bound_to=b"")


def test_sealing_twice_never_gives_equal_bytes() -> None:
    assert seal(KEY, b"x", bound_to=b"") != seal(KEY, b"x", bound_to=b"")


@given(st.text(min_size=1), st.text(min_size=1))
def test_subkeys_are_stable_and_differ_by_purpose(one: str, two: str) -> None:
    assert (derive(KEY, one) == derive(KEY, two)) == (one == two)
    assert derive(KEY, one) == derive(KEY, one)


def test_a_subkey_never_changes_between_releases() -> None:
    assert derive(KEY, "database").hex() == "3e7ccc119b709385b5ebdc051085cb89647611242a33a8676e88f22ea8a36a30"


def test_a_blob_sealed_by_the_first_release_still_opens() -> None:
    sealed = bytes.fromhex("013966079e3964658bb3e85781bfd2443174f8cc2fe2cbc9e627a8d291e13c715625")
    assert unseal(KEY, sealed, bound_to=b"p1") == b"photo"
