"""Lists that headquarters publishes, taken in by a station: whole, checked, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.crypto.pages import PageCipher
from core.domain.catalog import Item
from core.domain.lists import ListKind
from core.domain.publications import HQ_VERSIONS_FROM, Publication
from core.kernel.clock import local_date
from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Unwatched
from core.kernel.records import to_plain
from core.station import Session
from core.storage.ref_snapshot import make_snapshot
from core.sync.hq_pen import Draft
from core.sync.streams import reference_stream
from tests.helpers.builders import item
from tests.helpers.station_town import Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.close()


def publish(town: Town, *items: Item, number: int = HQ_VERSIONS_FROM, spoil: bool = False) -> Publication:
    """Publish items as headquarters does."""
    parts: list[bytes] = []
    file = make_snapshot(
        town.folder / "published.db",
        ListKind.ITEMS,
        number,
        items,
        new_pages=PageCipher,
        put_part=parts.append,
        progress=Unwatched(),
    )
    published = Publication(
        id=f"items-{number}",
        kind=ListKind.ITEMS,
        version=number,
        effective_on=local_date(town.clock.now()),
        imported_at=town.clock.now(),
        imported_by="hq-1",
        file_name="items.csv",
        file_sha256="",
        row_count=file.row_count,
        rows_sha256="0" * 64 if spoil else file.rows_sha256,
        parts=file.parts,
        packed_size=sum(map(len, parts)),
        file_size=file.size,
        plain_sha256=file.sha256,
    )
    for part, name in zip(parts, file.parts, strict=True):
        town.hq.blobs.whole[name] = part
        town.store.note_blob(name, len(part), town.clock.now())
    draft = Draft(family="list_version", body=to_plain(published), blobs=file.parts)
    town.store.run(reference_stream("items"), lambda work: town.hq.pen().write(work, (draft,)))
    return published


def in_force(session: Session) -> int:
    found = session.reference.in_force(ListKind.ITEMS, on=local_date(session.clock.now()))
    return found.version if found is not None else 0


def test_a_published_list_is_taken_used_and_its_parts_are_dropped(town: Town) -> None:
    session = town.enrolled("one")
    published = publish(town, item(), item(id="i-2", name="特种设备检查"))
    assert session.sync.run().lists_taken == (published.id,)
    assert (in_force(session), session.reference.get(Item, "i-2").name) == (HQ_VERSIONS_FROM, "特种设备检查")
    assert [session.file_blobs.size(name) for name in published.parts] == [0] * len(published.parts)
    assert session.sync.run().lists_taken == ()
    assert session.sync.status().unconfirmed == 0
    assert session.differing_rows() == ()


def test_inv10_a_kind_that_headquarters_publishes_is_no_longer_imported_here(town: Town, tmp_path: Path) -> None:
    session = town.enrolled("one")
    publish(town, item())
    session.sync.run()
    path = tmp_path / "items.csv"
    path.write_text("事项\n", "utf-8")
    with pytest.raises(Refusal) as refusal:
        session.lists.import_file(ListKind.ITEMS, path)
    assert refusal.value.code == "lists.published_by_hq"


def test_f21_a_list_that_is_not_what_was_signed_leaves_the_old_one_in_use(town: Town) -> None:
    session = town.enrolled("one")
    publish(town, item())
    session.sync.run()
    publish(town, item(id="i-9"), number=HQ_VERSIONS_FROM + 1, spoil=True)
    with pytest.raises(Trouble) as trouble:
        session.sync.run()
    assert trouble.value.code == "lists.publication_damaged"
    assert in_force(session) == HQ_VERSIONS_FROM
    assert session.sync.status().last_error == "lists.publication_damaged"
    publish(town, item(id="i-9"), number=HQ_VERSIONS_FROM + 2)
    session.sync.run()
    assert in_force(session) == HQ_VERSIONS_FROM + 2


def test_f21_cut_before_its_record_is_written_the_new_list_is_not_used_and_taken_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = town.enrolled("one")
    published = publish(town, item())

    def cut(*_args: object, **_more: object) -> None:
        raise Trouble("storage.disk_full", path="main.db")

    with monkeypatch.context() as broken:
        broken.setattr(type(session.list_files), "take_in", cut)
        with pytest.raises(Trouble):
            session.sync.run()
    assert in_force(session) == 0
    assert session.sync.run().lists_taken == (published.id,)
