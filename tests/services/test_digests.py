"""The compact memory of an import agrees with a dict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.services.digests import SeenDigests


@given(st.lists(st.tuples(st.text(max_size=2), st.binary(max_size=1)), max_size=60))
def test_it_tells_new_same_and_different_as_a_dict_would(pairs: list[tuple[str, bytes]]) -> None:
    seen, known = SeenDigests(), dict[str, bytes]()
    for key, value in pairs:
        expected = None if key not in known else known[key] == value
        assert seen.holds(key, value) is bool(expected)
        assert seen.see(key, value) is expected
        known.setdefault(key, value)
    assert seen.count == len(known)


def test_it_grows_and_forgets_nothing() -> None:
    seen = SeenDigests()
    for number in range(5_000):
        assert seen.see(f"k{number}", b"v") is None
    assert all(seen.holds(f"k{number}", b"v") for number in range(5_000))
    assert not seen.holds("k5000", b"v")
    assert seen.see("k17", b"w") is False
