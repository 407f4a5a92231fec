"""A run is taken whole or not at all: what an honest pen never writes is refused before anything is stored."""

from __future__ import annotations

import pytest
import zstandard

from core.crypto import signing
from core.kernel.errors import Refusal
from core.kernel.records import changed
from core.sync import wire
from core.sync.entries import decode, encode, next_chain, seal_text
from core.sync.runs import NAME_CHARACTERS_MAX, Run, check_run, decode_run
from tests.sync.chains import Author


def resealed(author: Author, line: bytes) -> Run:
    """Return the author's first run with another line in it, sealed by the same key."""
    run = author.run(1, 1)
    head = next_chain(run.header.prev, line)
    seal = signing.sign(author.private, seal_text(author.device, 1, head))
    return Run(header=changed(run.header, head=head, seal=seal), lines=(line,))


@pytest.mark.parametrize("field", ["id", "fam", "ent", "visit"])
@pytest.mark.parametrize("name", ["x" * (NAME_CHARACTERS_MAX + 1), "a\0b"])
def test_a_name_that_no_database_keeps_is_refused(field: str, name: str) -> None:
    author = Author()
    author.write(1)
    entry = changed(decode(author.lines[0]), **{field: name})
    with pytest.raises(Refusal) as refused:
        check_run(resealed(author, encode(entry)), author.public, signing.verify)
    assert refused.value.params["why"] == "envelope"


def test_a_line_that_is_no_text_is_refused() -> None:
    author = Author()
    author.write(1)
    line = author.lines[0][:-1] + b',"more":"\xff"}'
    with pytest.raises(Refusal) as refused:
        check_run(resealed(author, line), author.public, signing.verify)
    assert refused.value.params["why"] == "line"


def test_a_header_that_is_no_text_is_refused() -> None:
    body = zstandard.compress(b'{"device":"\xff"}')
    with pytest.raises(Refusal) as refused:
        decode_run(body)
    assert refused.value.code == "sync.body_damaged"


def test_a_message_that_is_no_text_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        wire.decode(wire.EnrolRequest, b'{"code":"\xff"}')
    assert refused.value.code == "sync.body_damaged"
