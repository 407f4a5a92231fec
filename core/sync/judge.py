"""Whether an entry may make rows: the one judgement that both ends come to.

An authentic entry is never refused. One that may not make rows is stored, named to a person, and blocks nothing.
Source: sync.md 3.7, 3.15; invariants 10, 19.
"""

from __future__ import annotations

import msgspec

from core.domain.families import BY_NAME, Scope
from core.kernel.records import Record, from_plain
from core.sync.entries import Entry

GOOD = ""
UNKNOWN_FAMILY = "unknown_family"
UNKNOWN_SCHEMA = "unknown_schema"
HQ_ONLY = "hq_only"
BODY = "body"
ID_CLASH = "id_clash"
"""A known entry id with other bytes: an alarm, and no effect."""
LATER_PROGRAM = frozenset({UNKNOWN_FAMILY, UNKNOWN_SCHEMA})
"""What a newer program will read: kept and judged again after the upgrade."""


def judge(entry: Entry, *, by_hq: bool) -> str:
    """Return why an entry may not make rows, or GOOD."""
    return read(entry, by_hq=by_hq)[0]


def read(entry: Entry, *, by_hq: bool) -> tuple[str, Record | None]:
    """Return why an entry may not make rows, or GOOD with the record that it puts; a void puts none."""
    family = BY_NAME.get(entry.fam)
    if family is None:
        return UNKNOWN_FAMILY, None
    if entry.schema > family.schema:
        return UNKNOWN_SCHEMA, None
    if family.scope is Scope.HQ and not by_hq:
        return HQ_ONLY, None
    if entry.op == "void":
        return GOOD, None
    try:
        record = from_plain(family.record, entry.body)
    except (msgspec.ValidationError, RecursionError):
        return BODY, None
    return (GOOD, record) if str(getattr(record, family.key)) == entry.ent else (BODY, None)
