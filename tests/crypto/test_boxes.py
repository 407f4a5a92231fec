"""Boxes open for their receiver and for nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crypto.boxes import is_recipient, new_identity, open_box, recipient_of, seal_to
from core.kernel.errors import Trouble

OURS, THEIRS = new_identity(), new_identity()
BOX = seal_to(recipient_of(OURS), b"a page of a bundle")


@given(st.binary(max_size=2000))
def test_a_box_opens_for_its_receiver(content: bytes) -> None:
    box = seal_to(recipient_of(OURS), content)
    assert box != content
    assert open_box(OURS, box) == content


def test_a_box_opens_for_nobody_else() -> None:
    with pytest.raises(Trouble) as trouble:
        open_box(THEIRS, seal_to(recipient_of(OURS), b"ours"))
    assert trouble.value.code == "crypto.damaged"


@given(st.integers(0, len(BOX) - 1))
def test_a_changed_box_does_not_open(at: int) -> None:
    with pytest.raises(Trouble):
        open_box(OURS, BOX[:at] + bytes([BOX[at] ^ 1]) + BOX[at + 1 :])


@given(st.binary(max_size=200))
def test_bytes_that_are_no_box_do_not_open(content: bytes) -> None:
    with pytest.raises(Trouble):
        open_box(OURS, content)


def test_what_is_no_key_is_told() -> None:
    assert is_recipient(recipient_of(OURS))
    assert not is_recipient("age1nobody")
    with pytest.raises(Trouble):
        recipient_of("AGE-SECRET-KEY-1NONE")
    with pytest.raises(Trouble):
        seal_to("age1nobody", b"")
    with pytest.raises(Trouble):
        open_box("AGE-SECRET-KEY-1NONE", b"")
