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

# Contentless: the pieces point at rows and hold no second copy of the text. Never ranked (platform.md section 4).
SEARCH_TABLES = (
    "CREATE TABLE code(pos INTEGER PRIMARY KEY, org TEXT NOT NULL, tail TEXT NOT NULL)",
    *(
        f"CREATE VIRTUAL TABLE {name} USING fts5(t, content='', contentless_delete=1, detail=none,"
        " tokenize=\"unicode61 remove_diacritics 0\")"
        for name in ("names", "places", "initials")
    ),
)
SEARCH_INDEXES = (
    "CREATE INDEX code_by_org ON code(org)",
    "CREATE INDEX code_by_tail ON code(tail)",
)
