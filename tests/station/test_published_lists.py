"""Lists that headquarters publishes, taken in by a station: whole, checked, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from core.crypto import signing
from core.crypto.pages import PageCipher
from core.domain import list_files
from core.domain.catalog import Item
from core.domain.list_files import ListFile
from core.domain.lists import ListKind
from core.domain.publications import HQ_VERSIONS_FROM, Publication
from core.kernel.clock import local_date
from core.kernel.errors import Refusal, Trouble
from core.kernel.ids import new_id
from core.kernel.progress import Unwatched
from core.kernel.records import changed, to_plain
from core.station import Session
from core.station.bundles import lists_held
from core.station.publishing_in import PublishedLists, distrust, distrusted
from core.storage import ref_snapshot
from core.storage.ref_delta import make_delta
from core.storage.ref_snapshot import make_snapshot
from core.storage.reference import FileReference
from core.sync.hq_pen import Draft
from core.sync.pull import checked_runs
from core.sync.streams import Page, cut_page, reference_stream
from core.sync.wire import PullRequest
from tests.helpers.builders import item
from tests.helpers.station_town import Town


def publish(
    town: Town,
    *items: Item,
    number: int = HQ_VERSIONS_FROM,
    spoil: bool = False,
    over: Publication | None = None,
    spoil_changes: bool = False,
    is_told: bool = True,
    days: int = 0,
) -> Publication:
    """Publish items as headquarters does; with `over`, also as what changed since that version."""
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
    changes = None
    if over is not None:
        changes, more = changes_of(town, over, items, number)
        changes = changed(changes, rows_sha256="0" * 64) if spoil_changes else changes
        parts += more
    published = Publication(
        id=f"items-{number}",
        kind=ListKind.ITEMS,
        version=number,
        effective_on=local_date(town.clock.now()) + timedelta(days=days),
        imported_at=town.clock.now(),
        imported_by="hq-1",
        file_name="items.csv",
        file_sha256="",
        row_count=file.row_count,
        rows_sha256=file.rows_sha256,
        whole=changed(file, rows_sha256="0" * 64) if spoil else file,
        changes=changes,
    )
    for part in parts:
        name = sha256(part).hexdigest()
        town.hq.blobs.whole[name] = part
        town.store.note_blob(name, len(part), town.clock.now())
    draft = Draft(family="list_version", body=to_plain(published), blobs=published.parts)
    if is_told:
        town.store.run(reference_stream("items"), lambda work: town.hq.pen().write(work, (draft,)))
    return published


def changes_of(town: Town, over: Publication, items: Sequence[Item], number: int) -> tuple[ListFile, list[bytes]]:
    """Return what changed since a version, made as headquarters makes it: on that version's file."""
    key, folder = bytes(32), town.folder / f"before-{number}"
    parts = [town.hq.blobs.whole[name] for name in over.whole.parts]
    folder.mkdir()
    reference = FileReference(folder, key, read_versions=lambda _: [over])
    reference.take_in(over.whole, parts, new_pages=PageCipher, progress=Unwatched())
    before = {one.id for one in reference.where(Item, version=over.version)}
    more: list[bytes] = []
    file = make_delta(
        reference.path(ListKind.ITEMS, over.version),
        key,
        ListKind.ITEMS,
        number,
        items,
        removed=sorted(before - {one.id for one in items}),
        put_part=more.append,
        progress=Unwatched(),
    )
    reference.close()
    return file, more


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


def test_a_list_of_several_parts_that_was_cut_asks_only_for_those_that_did_not_come(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (list_files, ref_snapshot):
        monkeypatch.setattr(room, "PART_BYTES", 700)
    session = town.enrolled("one")
    published = publish(town, *(item(id=f"i-{number}", name=new_id()) for number in range(60)))
    assert len(published.parts) > 3
    asked: list[str] = []

    def cut(place: str) -> bool:
        asked.append(place)
        return asked.count("blob") == 3

    town.cut = cut
    with pytest.raises(Trouble):
        session.sync.run()
    assert in_force(session) == 0
    asked.clear()
    town.cut = lambda place: asked.append(place) or False
    assert session.sync.run().lists_taken == (published.id,)
    assert asked.count("blob") == len(published.parts) - 2
    assert session.reference.get(Item, "i-59").id == "i-59"


def test_inv10_a_kind_that_headquarters_publishes_is_no_longer_imported_here(town: Town, tmp_path: Path) -> None:
    session = town.enrolled("one")
    publish(town, item())
    session.sync.run()
    path = tmp_path / "items.csv"
    path.write_text("事项\n", "utf-8")
    with pytest.raises(Refusal) as refusal:
        session.lists.import_file(ListKind.ITEMS, path)
    assert refusal.value.code == "lists.published_by_hq"


def test_f22_a_list_of_a_lineage_that_is_over_is_refused_and_the_newest_is_taken(town: Town) -> None:
    session = town.enrolled("one")
    publish(town, item())
    session.sync.run()
    stream = reference_stream("items")
    before = next(one for one in session.sync.store.cursors() if one.stream == stream)
    publish(town, item(id="i-2"), number=HQ_VERSIONS_FROM + 1)
    # What the old lineage said last, as somebody might have kept it: every signature in it is good.
    (old,) = town.hq.desk.pull(session.device_id, PullRequest(cursors=(before,)))
    assert isinstance(old, Page)
    town.store.begin_new_lineage()
    publish(town, item(id="i-3"), number=HQ_VERSIONS_FROM + 2)
    session.sync.run()
    assert in_force(session) == HQ_VERSIONS_FROM + 2
    now = next(one for one in session.sync.store.cursors() if one.stream == stream)
    assert now.epoch != old.epoch
    for cursor, why in ((now, "does_not_follow"), (changed(before, epoch=now.epoch), "epoch")):
        # However it comes: a stick brings the page whole, and both judge it alike.
        assert cut_page(old, cursor) is old
        with pytest.raises(Refusal) as refusal:
            checked_runs(session.sync.store, old, cursor, signing.verify)
        assert (refusal.value.code, refusal.value.params["why"]) == ("sync.page_damaged", why)


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


ITEMS = tuple(item(id=f"i-{number}") for number in range(60))
RENAMED = (item(id="i-0", name="特种设备检查"), *ITEMS[1:])


def fetched(town: Town, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the blobs that are fetched from now on."""
    names: list[str] = []
    fetch = type(town.hq.desk).blob

    def noted(desk: Any, device: str, sha256: str, **more: Any) -> bytes:
        names.append(sha256)
        return fetch(desk, device, sha256, **more)

    monkeypatch.setattr(type(town.hq.desk), "blob", noted)
    return names


def test_where_the_version_before_is_here_only_the_changes_are_fetched(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = town.enrolled("one")
    first = publish(town, *ITEMS)
    session.sync.run()
    second = publish(town, *RENAMED, number=HQ_VERSIONS_FROM + 1, over=first)
    assert second.changes is not None
    names = fetched(town, monkeypatch)
    assert session.sync.run().lists_taken == (second.id,)
    assert tuple(names) == second.changes.parts
    assert session.reference.get(Item, "i-0").name == "特种设备检查"
    assert session.reference.get(Item, "i-0", version=first.version).name == ITEMS[0].name
    assert session.list_files.holds(ListKind.ITEMS, second.version)
    assert session.sync.run().lists_taken == ()


def test_changes_of_several_versions_follow_each_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    session = town.enrolled("one")
    first = publish(town, *ITEMS)
    session.sync.run()
    second = publish(town, *RENAMED, number=HQ_VERSIONS_FROM + 1, over=first)
    third = publish(town, *RENAMED[:-1], number=HQ_VERSIONS_FROM + 2, over=second)
    names = fetched(town, monkeypatch)
    assert session.sync.run().lists_taken == (second.id, third.id)
    assert not set(names) & {*second.whole.parts, *third.whole.parts}
    assert (in_force(session), len(session.reference.where(Item))) == (third.version, 59)


@pytest.mark.parametrize("harm", ["rows", "bytes", "base"])
def test_changes_that_do_not_fit_give_way_to_the_whole(town: Town, harm: str) -> None:
    session = town.enrolled("one")
    first = publish(town, *ITEMS)
    session.sync.run()
    if harm == "base":
        # Made of other rows than were published under this number.
        first = publish(town, *ITEMS[1:], is_told=False)
    number = HQ_VERSIONS_FROM + 1
    second = publish(town, *RENAMED, number=number, over=first, spoil_changes=harm == "rows")
    assert second.changes is not None
    if harm == "bytes":
        town.hq.blobs.whole[second.changes.parts[0]] = b"x" * second.changes.packed_size
    assert session.sync.run().lists_taken == (second.id,)
    assert (in_force(session), session.reference.get(Item, "i-0").name) == (number, "特种设备检查")
    assert session.list_files.path(ListKind.ITEMS, number).exists()


def test_a_station_without_a_line_asks_for_the_whole_where_changes_did_not_fit(town: Town) -> None:
    session = town.enrolled("one")
    first = publish(town, *ITEMS)
    session.sync.run()
    assert lists_held(session) == {"items": (first.version,)}
    other = publish(town, *ITEMS[1:], is_told=False)
    second = publish(town, *RENAMED, number=HQ_VERSIONS_FROM + 1, over=other)
    assert second.changes is not None
    for name in second.changes.parts:
        session.file_blobs.put(town.hq.blobs.whole[name])
    lists = PublishedLists(
        session.list_files,
        session.file_blobs,
        session.open_work,
        (first, second),
        distrust=partial(distrust, session.store),
    )
    with pytest.raises(Trouble) as missing:
        lists.take(second, None, progress=Unwatched())
    assert missing.value.code == "blobs.missing"
    assert distrusted(session.store, ListKind.ITEMS) == (first.version,)
    # Headquarters leads on from what a bundle names: from nothing, with the whole.
    assert lists_held(session) == {}
    assert in_force(session) == first.version


def test_f21_changes_cut_before_their_record_is_written_are_taken_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = town.enrolled("one")
    first = publish(town, *ITEMS)
    session.sync.run()
    second = publish(town, *RENAMED, number=HQ_VERSIONS_FROM + 1, over=first)
    take_in = type(session.list_files).take_in

    def cut(*args: Any, **more: Any) -> None:
        take_in(*args, **more)
        raise Trouble("storage.disk_full", path="main.db")

    with monkeypatch.context() as broken:
        broken.setattr(type(session.list_files), "take_in", cut)
        with pytest.raises(Trouble):
            session.sync.run()
    assert (in_force(session), session.reference.get(Item, "i-0").name) == (first.version, ITEMS[0].name)
    assert session.sync.run().lists_taken == (second.id,)
    assert session.reference.get(Item, "i-0").name == "特种设备检查"


def test_a_version_of_a_later_day_comes_beside_the_one_in_force(town: Town) -> None:
    session = town.enrolled("one")
    today = publish(town, *ITEMS)
    later = publish(town, *RENAMED, number=HQ_VERSIONS_FROM + 1, days=3)
    assert session.sync.run().lists_taken == (today.id, later.id)
    assert in_force(session) == today.version
