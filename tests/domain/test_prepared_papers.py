"""A prepared paper: made final once, sent back with a reason, and what two stations make of it at once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.families import BY_NAME
from core.domain.prepared_papers import (
    PreparedPaper,
    PreparedState,
    does_not_fit,
    entered_values,
    finished,
    prepared_doubt,
    sent_back,
    taken_back,
)
from core.kernel.errors import Refusal
from core.kernel.records import changed, from_plain, to_plain
from core.sync.merge import Change, project

NOW = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)


def prepared(**fields: Any) -> PreparedPaper:
    base = PreparedPaper(
        id="pp-1",
        visit="v-1",
        kind=DocumentKind.INSPECTION_NOTICE,
        body="某局",
        title="行政检查通知书",
        said_sha256="00",
        prepared_on=date(2026, 3, 17),
        prepared_at=NOW,
        prepared_by="o-1",
        station="s-1",
    )
    return changed(base, **fields)


def paper(identifier: str, state: DocumentState = DocumentState.FINAL) -> Document:
    return Document(
        id=identifier,
        visit="v-1",
        kind=DocumentKind.INSPECTION_NOTICE,
        number=f"〔2026〕{identifier}号",
        title="行政检查通知书",
        party="",
        state=state,
        facts_blob="aa",
        short_code="00000-00000",
        made_at=NOW,
        made_by="o-2",
    )


def final(document: str, by: str = "o-2") -> PreparedPaper:
    return finished(prepared(), document, (), at=NOW, by=by)


def test_it_is_made_final_once() -> None:
    once = final("d-1")
    assert (once.state, once.documents, once.decided_by) == (PreparedState.FINAL, ("d-1",), "o-2")
    with pytest.raises(Refusal) as refusal:
        finished(once, "d-2", (paper("d-1"),), at=NOW, by="o-3")
    assert refusal.value.code == "prepared.not_waiting"


def test_once_its_paper_is_spoiled_it_may_be_made_anew() -> None:
    again = finished(final("d-1"), "d-2", (paper("d-1", DocumentState.SPOILED),), at=NOW, by="o-2")
    assert again.documents == ("d-1", "d-2")


def test_it_is_sent_back_only_with_a_reason() -> None:
    with pytest.raises(Refusal) as refusal:
        sent_back(prepared(), "  ", at=NOW, by="o-2")
    assert refusal.value.code == "prepared.reason_missing"
    back = sent_back(prepared(), " 缺少检查方案 ", at=NOW, by="o-2")
    assert (back.state, back.reason) == (PreparedState.RETURNED, "缺少检查方案")


@pytest.mark.parametrize("state", [one for one in PreparedState if one is not PreparedState.WAITING])
def test_what_does_not_wait_is_neither_withdrawn_nor_sent_back_nor_made(state: PreparedState) -> None:
    gone = prepared(state=state)
    codes: list[str] = []
    for attempt in (
        lambda: taken_back(gone, "", at=NOW, by="o-1"),
        lambda: sent_back(gone, "x", at=NOW, by="o-1"),
        lambda: finished(gone, "d-9", (paper("d-1"),), at=NOW, by="o-1"),
    ):
        with pytest.raises(Refusal) as refusal:
            attempt()
        codes.append(refusal.value.code)
    assert codes == ["prepared.not_waiting"] * 3


def changes(*after: PreparedPaper) -> list[Change]:
    """Return the entries of stations that each went on from the same prepared paper without knowing of the others."""
    first = [_change("e-0", prepared(), ())]
    return first + [_change(f"e-{place}", one, ("e-0",)) for place, one in enumerate(after, 1)]


def _change(identifier: str, body: PreparedPaper, parents: tuple[str, ...]) -> Change:
    plain = to_plain(body)
    return Change(id=identifier, hlc=identifier, actor="o", at=NOW, parents=parents, op="put", body=plain)


def merged(*after: PreparedPaper) -> tuple[PreparedPaper, tuple[str, ...]]:
    shown = project(changes(*after), quiet=BY_NAME["prepared_paper"].quiet)
    assert shown.body is not None
    return from_plain(PreparedPaper, shown.body), tuple(clash.field for clash in shown.clashes)


def test_two_stations_that_make_it_final_keep_both_papers_and_a_person_must_decide() -> None:
    both, clashes = merged(final("d-1", "o-2"), final("d-2", "o-3"))
    assert (both.documents, both.state, clashes) == (("d-1", "d-2"), PreparedState.FINAL, ())
    made = (paper("d-1"), paper("d-2"))
    assert does_not_fit(both, made)
    assert prepared_doubt(both, made, at=NOW).others == ("d-1", "d-2")
    assert not does_not_fit(both, (paper("d-1"), paper("d-2", DocumentState.SPOILED)))


def test_made_final_here_and_withdrawn_there_is_shown_as_both() -> None:
    shown, clashes = merged(final("d-1"), taken_back(prepared(), "企业歇业", at=NOW, by="o-1"))
    assert (clashes, shown.documents) == (("state",), ("d-1",))
    assert does_not_fit(changed(shown, state=PreparedState.WITHDRAWN), (paper("d-1"),))


_TEXT = st.text(max_size=4)
_VALUE = st.one_of(
    _TEXT,
    st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=3).map(tuple),
    st.lists(st.lists(_TEXT, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple),
)


@given(st.dictionaries(st.sampled_from(["fact", "items", "findings"]), _VALUE))
def test_what_was_typed_comes_back_as_it_was(entered: dict[str, Any]) -> None:
    kept = prepared(entered=entered_values(entered))
    read = from_plain(PreparedPaper, to_plain(kept))
    assert {one.field: one.value() for one in read.entered} == entered
