"""Records: frozen values whose fields are written down once, and their plain and canonical forms.

Storage columns, wire form and canonical bytes are all derived from the record class by the functions here.
"""

from __future__ import annotations

import threading
from contextlib import suppress
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
    if kind not in _settled:
        _settle(kind)
    return msgspec.convert(plain, kind)


# Two threads that read a kind of record for the first time at the same moment end the process: the library fills in
# what it knows of a class, and of the classes inside it, without a lock (msgspec 0.22, seen and tried in isolation).
_settled: set[type[Record]] = set()
_settling = threading.RLock()


def settle_records() -> None:
    """Prepare the reading of every kind of record that is imported; to be called before threads read the same kinds."""
    with _settling:
        waiting: list[type[Record]] = [Record]
        while waiting:
            kind = waiting.pop()
            waiting += kind.__subclasses__()
            if kind not in _settled:
                _settle(kind)


def _settle(kind: type[Record]) -> None:
    with _settling:
        # Some kinds are made to be shown and never read from anything; reading one still says so.
        with suppress(TypeError, NameError):
            msgspec.json.Decoder(kind)
        _settled.add(kind)


def canonical_bytes(value: Any) -> bytes:
    """Return the one byte string of a value: JSON, keys sorted, no spaces, UTF-8, floats refused by convention.

    Equal values give equal bytes on every machine, so the bytes can be hashed and signed; a record and its plain form
    give the same ones.
    """
    return _CANONICAL.encode(value)


_CANONICAL = msgspec.json.Encoder(order="sorted")


def parse_json(raw: bytes | str) -> Any:
    """Return the plain form of JSON text."""
    return msgspec.json.decode(raw)
