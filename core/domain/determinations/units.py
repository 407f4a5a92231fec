"""Units of rule conditions: a rule says 5 m2, the fact is kept as an integer of cm2."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

# unit -> (dimension, how many of the dimension's smallest unit)
UNITS: dict[str, tuple[str, int]] = {
    "cm2": ("area", 1),
    "m2": ("area", 10_000),
    "dm3": ("volume", 1),
    "m3": ("volume", 1_000),
    "cm": ("length", 1),
    "m": ("length", 100),
    "fen": ("money", 1),
    "yuan": ("money", 100),
    "kg": ("mass", 1),
    "t": ("mass", 1_000),
    "minute": ("time", 1),
    "hour": ("time", 60),
    "day": ("days", 1),
    "workday": ("workdays", 1),
    "month": ("months", 1),
    "year": ("months", 12),
    "age": ("age", 1),
    "person": ("persons", 1),
    "count": ("count", 1),
    "permille": ("ratio", 1),
    "percent": ("ratio", 10),
}

# How a person reads a unit: Chinese, English.
UNIT_NAMES: dict[str, tuple[str, str]] = {
    "cm2": ("平方厘米", "cm²"),
    "m2": ("平方米", "m²"),
    "dm3": ("升", "litres"),
    "m3": ("立方米", "m³"),
    "cm": ("厘米", "cm"),
    "m": ("米", "m"),
    "fen": ("分", "fen"),
    "yuan": ("元", "yuan"),
    "kg": ("千克", "kg"),
    "t": ("吨", "t"),
    "minute": ("分钟", "minutes"),
    "hour": ("小时", "hours"),
    "day": ("日", "days"),
    "workday": ("个工作日", "working days"),
    "month": ("个月", "months"),
    "year": ("年", "years"),
    "age": ("周岁", "years of age"),
    "person": ("人", "persons"),
    "count": ("项", "items"),
    "permille": ("‰", "‰"),
    "percent": ("%", "%"),
}

# The unit in which a stored integer is shown, where the stored one is too fine to read.
SHOWN_IN = {"cm2": "m2", "dm3": "m3", "fen": "yuan"}


def converted(value: int | str, unit: str, wanted: str) -> int | None:
    """Return the amount as an integer of the wanted unit, or None when the units do not fit or it is no integer.

    Decimals are written as text ("0.5"), because a float has no exact value to compare with.
    """
    if unit not in UNITS or wanted not in UNITS or UNITS[unit][0] != UNITS[wanted][0]:
        return None
    try:
        exact = Decimal(str(value)) * UNITS[unit][1] / UNITS[wanted][1]
    except InvalidOperation:
        return None
    return int(exact) if exact.is_finite() and exact == exact.to_integral_value() else None


def amount_text(value: int, unit: str, lang: str) -> str:
    """Return the stored amount with a unit that people read, for example 50000 cm2 as 5 平方米."""
    if unit not in UNITS:
        return str(value)
    read_in = SHOWN_IN.get(unit, unit)
    number = Decimal(value) * UNITS[unit][1] / UNITS[read_in][1]
    text = f"{number.normalize():f}"
    zh, en = UNIT_NAMES[read_in]
    return f"{text}{zh}" if lang == "zh" else f"{text} {en}"
