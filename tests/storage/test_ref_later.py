"""Changed rows lie beside the others: found by what they are now, and the file is otherwise as it was made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.enterprises import Enterprise
from core.domain.lists import ListKind
from core.kernel.records import canonical_bytes, changed
from core.storage.engine import bulk_engine, reader_engine
from core.storage.ref_writer import digest_of
from tests.helpers.stores import KEY
from tests.storage.test_ref_delta import ROWS, Place, renamed
from tests.storage.test_reference import version_of


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "station")
    made.begin(ROWS)
    yield made
    made.reference.close()


def test_a_row_is_found_by_what_it_is_now_whichever_of_its_fields_changed_when(place: Place) -> None:
    row, old_name = ROWS[3], ROWS[3].name
    stages = [
        changed(row, phone="0731"),
        renamed(changed(row, phone="0731"), "蓝鲸钟表行"),
        renamed(changed(row, phone="0732"), "蓝鲸钟表行"),
    ]
    for stage, found_by in zip(stages, (old_name, "蓝鲸", "蓝鲸"), strict=True):
        place.change([stage])
        hits = {text: [hit.id for hit in place.reference.search_enterprises(text)] for text in (old_name, "蓝鲸")}
        assert {text for text, found in hits.items() if row.id in found} == {found_by}
    place.change([], [row.id])
    assert place.reference.search_enterprises("蓝鲸") == ()
    place.change([renamed(row, "蓝鲸钟表行")])
    assert [hit.id for hit in place.reference.search_enterprises(row.uscc)] == [row.id]
    versions = (1, 2, 3, 4, 5, 6)
    found = [place.reference.find(Enterprise, row.id, version=number) for number in versions]
    assert found == [row, *stages, None, renamed(row, "蓝鲸钟表行")]


def test_a_change_leaves_the_rows_that_were_there_as_they_lie(place: Place) -> None:
    place.change([renamed(ROWS[3], "第二版")], [ROWS[4].id])
    engine = reader_engine(place.path, KEY)
    with engine.begin() as connection:
        lying = connection.exec_driver_sql("SELECT id FROM row ORDER BY pos").scalars().all()
        later = connection.exec_driver_sql("SELECT id, body IS NULL FROM later ORDER BY pos").all()
    engine.dispose()
    assert lying == [row.id for row in ROWS]
    assert [tuple(row) for row in later] == [(ROWS[3].id, 0), (ROWS[4].id, 1)]


def test_a_file_that_was_changed_where_its_rows_lie_goes_on(place: Place) -> None:
    engine = bulk_engine(place.path, KEY)
    renewed = canonical_bytes(changed(ROWS[3], phone="0731"))
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO past SELECT pos, 2, id, body FROM row WHERE id = ?", (ROWS[3].id,))
        connection.exec_driver_sql("UPDATE row SET body = ? WHERE id = ?", (renewed, ROWS[3].id))
        connection.exec_driver_sql("INSERT INTO held VALUES (2, ?, ?)", digest_of(connection))
    engine.dispose()
    place.known.append(changed(version_of(ListKind.ENTERPRISES), version=2))
    place.change([renamed(ROWS[3], "第三版")])
    found = [place.reference.get(Enterprise, ROWS[3].id, version=number) for number in (1, 2, 3)]
    assert [(row.name, row.phone) for row in found] == [
        (ROWS[3].name, ROWS[3].phone),
        (ROWS[3].name, "0731"),
        ("第三版", ROWS[3].phone),
    ]
