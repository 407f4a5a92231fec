"""Records and their canonical bytes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum

from hypothesis import given
from hypothesis import strategies as st

from core.kernel.records import Record, canonical_bytes, from_plain, parse_json, to_plain

TEXT = st.text(max_size=12)
WHOLE = st.integers(-(2**53), 2**53)
NOON = datetime(2026, 3, 17, 12, tzinfo=timezone(timedelta(hours=8)))


class Hue(Enum):
    """A value with a name."""

    RED = "red"
    BLUE = "blue"


class Inner(Record):
    """A record inside another."""

    b: str
    a: int = 0


class Outer(Record):
    """One field of each kind that our records have."""

    zone: datetime
    day: date | None
    hue: Hue
    inner: Inner
    parts: tuple[Inner, ...]
    counts: dict[str, int]
    body: dict[str, object]
    raw: bytes
    is_good: bool


INNERS = st.builds(Inner, b=TEXT, a=WHOLE)
OUTERS = st.builds(
    Outer,
    zone=st.datetimes(timezones=st.just(UTC)) | st.just(NOON),
    day=st.none() | st.dates(),
    hue=st.sampled_from(Hue),
    inner=INNERS,
    parts=st.lists(INNERS, max_size=3).map(tuple),
    counts=st.dictionaries(TEXT, WHOLE, max_size=4),
    body=st.dictionaries(TEXT, TEXT | WHOLE | st.none() | st.dictionaries(TEXT, WHOLE, max_size=2), max_size=3),
    raw=st.binary(max_size=8),
    is_good=st.booleans(),
)


@given(OUTERS)
def test_a_record_and_its_plain_form_have_the_same_canonical_bytes(record: Outer) -> None:
    assert canonical_bytes(record) == canonical_bytes(to_plain(record))


@given(OUTERS)
def test_a_record_read_back_from_its_canonical_bytes_has_the_same_bytes(record: Outer) -> None:
    raw = canonical_bytes(record)
    assert canonical_bytes(from_plain(Outer, parse_json(raw))) == raw


def test_the_names_of_a_record_are_sorted_and_nothing_is_padded() -> None:
    assert canonical_bytes(Inner(b="现场", a=1)) == '{"a":1,"b":"现场"}'.encode()
