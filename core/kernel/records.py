"""Records: frozen values whose fields are written down once, and their plain and canonical forms.

Storage columns, wire form and canonical bytes are all derived from the record class by the functions here.
"""

from __future__ import annotations

from typing import Any, TypeVar, dataclass_transform

import msgspec
from msgspec import StructMeta

R = TypeVar("R", bound="Record")


@dataclass_transform(frozen_default=True, kw_only_default=True)
class _RecordMeta(StructMeta):
    """Makes every record frozen and keyword-only; msgspec itself does not inherit keyword-only."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        return super().__new__(mcls, name, bases, namespace, frozen=True, kw_only=True)


class Record(msgspec.Struct, metaclass=_RecordMeta):
    """Base of every domain record. Collections are tuples; a change returns a new record."""


def changed(record: R, **fields: Any) -> R:
    """Return a copy of the record with the named fields replaced."""
    return msgspec.structs.replace(record, **fields)


def to_plain(value: Any) -> Any:
    """Return the value as dicts, lists, strings, numbers, booleans and None. Dates become ISO 8601 strings."""
    return msgspec.to_builtins(value)


def from_plain(kind: type[R], plain: Any) -> R:
    """Build the record from its plain form. Unknown fields are ignored: a newer writer may add some.

    Raises:
        msgspec.ValidationError: the plain form does not fit the record.
    """
    return msgspec.convert(plain, kind)


def canonical_bytes(value: Any) -> bytes:
    """Return the one byte string of a value: JSON, keys sorted, no spaces, UTF-8, floats refused by convention.

    Equal values give equal bytes on every machine, so the bytes can be hashed and signed.
    """
    return msgspec.json.encode(to_plain(value), order="sorted")


def parse_json(raw: bytes | str) -> Any:
    """Return the plain form of JSON text."""
    return msgspec.json.decode(raw)
