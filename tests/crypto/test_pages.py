"""Pages sealed one after the other are what SQLCipher reads, and what it wrote is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.crypto.pages import PAGE_BYTES, PageCipher
from core.domain.lists import ListKind
from core.kernel.errors import Trouble
from core.kernel.progress import Unwatched
from core.services.demo.enterprises import generate
from core.storage.engine import reader_engine
from core.storage.ref_writer import write_file
from tests.helpers.stores import KEY

OTHER = bytes(range(1, 33))


@pytest.fixture
def sealed(tmp_path: Path) -> bytes:
    path = tmp_path / "made.db"
    write_file(path, KEY, ListKind.ENTERPRISES, generate(200), over=None, progress=Unwatched(), version=1)
    return path.read_bytes()


def in_runs(content: bytes, pages: int) -> list[bytes]:
    step = pages * PAGE_BYTES
    return [content[at : at + step] for at in range(0, len(content), step)]


def test_what_sqlcipher_wrote_is_opened_whatever_the_run(sealed: bytes) -> None:
    one, many = PageCipher(KEY), PageCipher(KEY)
    plain = b"".join(one.opened(run) for run in in_runs(sealed, 1))
    assert plain == b"".join(many.opened(run) for run in in_runs(sealed, 7))
    assert plain[:16] == b"SQLite format 3\x00"
    assert "长沙".encode() in plain


@pytest.mark.parametrize("pages", [1, 7, 1000])
def test_what_is_sealed_is_read_by_sqlcipher_which_finds_every_tag_right(
    sealed: bytes, pages: int, tmp_path: Path
) -> None:
    plain = PageCipher(KEY).opened(sealed)
    cipher = PageCipher(OTHER)
    path = tmp_path / "sealed.db"
    path.write_bytes(b"".join(cipher.sealed(run) for run in in_runs(plain, pages)))
    engine = reader_engine(path, OTHER)
    with engine.begin() as connection:
        bad = connection.exec_driver_sql("PRAGMA cipher_integrity_check").all()
        count = connection.exec_driver_sql("SELECT count(*) FROM row").scalar_one()
    engine.dispose()
    assert (bad, count) == ([], 200)
    assert "长沙".encode() not in path.read_bytes()


def test_two_files_of_equal_pages_share_no_page(sealed: bytes) -> None:
    plain = PageCipher(KEY).opened(sealed)
    first, second = (in_runs(PageCipher(KEY).sealed(plain), 1) for _ in range(2))
    assert len(set(first) | set(second)) == 2 * len(first)


@pytest.mark.parametrize("at", [0, 20, 4015, 4016, 4032, 4095, 4096, 8191])
def test_one_changed_byte_is_found(sealed: bytes, at: int) -> None:
    wrong = bytearray(sealed)
    wrong[at] ^= 1
    with pytest.raises(Trouble) as trouble:
        PageCipher(KEY).opened(bytes(wrong))
    assert trouble.value.code == "crypto.damaged"


def test_pages_in_another_order_are_found(sealed: bytes) -> None:
    pages = in_runs(sealed, 1)
    pages[1], pages[2] = pages[2], pages[1]
    with pytest.raises(Trouble):
        PageCipher(KEY).opened(b"".join(pages))
