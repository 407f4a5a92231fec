"""Identifiers made on the spot, without asking anybody."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime

import uuid_utils

# Namespace of ids that two laptops must reach alike (one checklist item of one visit): UUIDv5 over this.
CELLS = uuid.UUID("6d1f2f0e-5f0a-5e0b-9b52-6d696e676a6e")


def _from_the_machine() -> str:
    return str(uuid_utils.uuid7())


# Where new ids come from, the last one counts: the machine, but for a rehearsal that must come out alike twice.
_SOURCES: list[Callable[[], str]] = [_from_the_machine]


def new_id() -> str:
    """Return a new UUIDv7 in text form; sorts by the time it was made."""
    return _SOURCES[-1]()


@contextmanager
def ids_from(make: Callable[[], str]) -> Generator[None]:
    """Let every new id come from `make` for as long as the context lasts: only a rehearsal from a seed wants that."""
    _SOURCES.append(make)
    try:
        yield
    finally:
        _SOURCES.pop()


def cell_id(*parts: str) -> str:
    """Return the UUIDv5 of the parts, so that two officers who answer one item meet on one entity."""
    return str(uuid.uuid5(CELLS, "\x1f".join(parts)))


def made_at(identifier: str) -> datetime:
    """Return the instant inside a UUIDv7, in UTC, to the millisecond."""
    from datetime import UTC

    return datetime.fromtimestamp((uuid.UUID(identifier).int >> 80) / 1000, UTC)
