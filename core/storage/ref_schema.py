"""The schema of a reference file, and which record class and indexed fields belong to each kind of list."""

from __future__ import annotations

from core.domain.catalog import CalendarDay, Cap, Item, LeniencyEntry, Subject
from core.domain.enterprises import Enterprise
from core.domain.lists import ListKind
from core.domain.officers import Officer
from core.domain.plans import Plan
from core.kernel.records import Record

ROW_OF: dict[ListKind, type[Record]] = {
    ListKind.SUBJECTS: Subject,
    ListKind.ITEMS: Item,
    ListKind.PLANS: Plan,
    ListKind.ENTERPRISES: Enterprise,
    ListKind.OFFICERS: Officer,
    ListKind.LENIENCY: LeniencyEntry,
    ListKind.CALENDAR: CalendarDay,
    ListKind.CAPS: Cap,
}
KIND_OF: dict[type[Record], ListKind] = {record: kind for kind, record in ROW_OF.items()}

ROW_TABLE = "CREATE TABLE row(pos INTEGER PRIMARY KEY, id TEXT NOT NULL, body BLOB NOT NULL)"
ROW_INDEX = "CREATE UNIQUE INDEX row_by_id ON row(id)"

# Versions that a file holds, and the rows as they stood before a version changed them (ref_delta.py).
HISTORY_TABLES = (
    "CREATE TABLE IF NOT EXISTS held(version INTEGER PRIMARY KEY, row_count INTEGER NOT NULL, digest TEXT NOT NULL)",
    # `until`: the version that brought the change. A row that the version brought has no body here.
    "CREATE TABLE IF NOT EXISTS past(pos INTEGER NOT NULL, until INTEGER NOT NULL, id TEXT NOT NULL, body BLOB,"
    " PRIMARY KEY(pos, until)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS past_by_id ON past(id, until)",
)

# Contentless: the pieces point at rows and hold no second copy of the text. Never ranked (platform.md section 4).
# One table for names, places and initials: words of different sorts are then joined inside the index.
_PIECES = (
    "CREATE VIRTUAL TABLE {} USING fts5(t, content='', contentless_delete=1, detail=none,"
    ' tokenize="unicode61 remove_diacritics 0")'
)
SEARCH_TABLES = (_PIECES.format("pieces"),)
# Of a code people type the beginning, the organisation's part (from the ninth place), or the end.
SEARCH_INDEXES = (
    "CREATE INDEX row_by_org ON row(substr(id, 9))",
    "CREATE INDEX row_by_tail ON row(substr(id, 15))",
)

# Rows that changed since the file was made, and what finds them (ref_later.py); a file gets them with its first change.
LATER_TABLES = (
    # A row that went has no body. `has_pieces`: what finds the row lies in later_pieces, and no more in pieces.
    "CREATE TABLE IF NOT EXISTS later(pos INTEGER PRIMARY KEY, id TEXT NOT NULL, body BLOB,"
    " has_pieces INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS later_by_id ON later(id)",
)
LATER_SEARCH_TABLES = (
    _PIECES.format("IF NOT EXISTS later_pieces"),
    "CREATE INDEX IF NOT EXISTS later_by_org ON later(substr(id, 9))",
    "CREATE INDEX IF NOT EXISTS later_by_tail ON later(substr(id, 15))",
)
TAIL = 4
"""Characters of a code from its fifteenth on."""
