"""Units: exact amounts, no conversion between kinds, words that people read."""

from __future__ import annotations

import pytest

from core.domain.determinations.units import UNIT_NAMES, UNITS, amount_text, converted

# Kind of amount and how many of the kind's smallest unit one of it is; written down a second time on purpose.
KNOWN = {
    "cm2": ("area", 1), "m2": ("area", 10_000), "dm3": ("volume", 1), "m3": ("volume", 1_000), "cm": ("length", 1),
    "m": ("length", 100), "fen": ("money", 1), "yuan": ("money", 100), "kg": ("mass", 1), "t": ("mass", 1_000),
    "minute": ("time", 1), "hour": ("time", 60), "day": ("days", 1), "workday": ("workdays", 1), "month": ("months", 1),
    "year": ("months", 12), "age": ("age", 1), "person": ("persons", 1), "count": ("count", 1),
    "permille": ("ratio", 1), "percent": ("ratio", 10),
}  # fmt: skip


def test_every_unit_is_what_it_says_and_has_a_name() -> None:
    assert UNITS == KNOWN
    assert UNIT_NAMES.keys() == KNOWN.keys()


@pytest.mark.parametrize("unit", KNOWN)
def test_an_amount_converts_within_its_kind_and_never_beyond(unit: str) -> None:
    for other, (kind, size) in KNOWN.items():
        expected = None
        if kind == KNOWN[unit][0]:
            whole, rest = divmod(7 * KNOWN[unit][1], size)
            expected = whole if rest == 0 else None
        assert converted(7, unit, other) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("0.5", 5_000), ("0.00005", None), ("x", None), ("NaN", None), ("Infinity", None), (0, 0)]
)
def test_a_decimal_is_text_and_must_come_out_whole(value: int | str, expected: int | None) -> None:
    assert converted(value, "m2", "cm2") == expected


@pytest.mark.parametrize(("unit", "wanted"), [("furlong", "cm"), ("cm", "furlong"), ("", "cm")])
def test_a_unit_that_nobody_knows_converts_to_nothing(unit: str, wanted: str) -> None:
    assert converted(1, unit, wanted) is None


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (50_000, "cm2", "5平方米", "5 m²"),
        (25_000, "cm2", "2.5平方米", "2.5 m²"),
        (3_000, "dm3", "3立方米", "3 m³"),
        (20_050, "fen", "200.5元", "200.5 yuan"),
        (10, "day", "10日", "10 days"),
        (100, "person", "100人", "100 persons"),
        (2, "year", "2年", "2 years"),
        (7, "", "7", "7"),
    ],
)
def test_an_amount_is_read_in_a_unit_of_its_size(value: int, unit: str, zh: str, en: str) -> None:
    assert (amount_text(value, unit, "zh"), amount_text(value, unit, "en")) == (zh, en)
