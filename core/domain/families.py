"""The families of records that are written to the journal: name, record class, schema number, indexed fields.

The journal, the tables and the wire form all read this one list (design.md section 2). A family name is never re-used.
"""

from __future__ import annotations

from enum import StrEnum

from core.domain.accounts import Account
from core.domain.checklists import Answer
from core.domain.documents import Document
from core.domain.evidence import Evidence
from core.domain.findings import Determined, Finding
from core.domain.lists import ListVersion
from core.domain.numbers import NumberBlock, NumberUse
from core.domain.prepared_papers import PreparedPaper
from core.domain.print_log import PrintRun
from core.domain.service_receipts import ServiceReceipt
from core.domain.shared_state import Command, Conflict, KeptEntry, Outcome, StationDevice, Task
from core.domain.station_events import StationEvent, TrustedKey
from core.domain.visits import Visit
from core.kernel.records import Record


class Scope(StrEnum):
    """Whose rows the entries of a family make, after they went through headquarters (sync.md 3.8)."""

    STATION = "station"
    """Rows of the station that wrote them."""
    SHARED = "shared"
    """Rows of every station of the body."""
    HQ = "hq"
    """Rows of every station; only headquarters may write them."""


class Family(Record):
    """One family. `key` names the field that identifies a record, `visit_field` the one with the visit's id, if any.

    `scope` says whose rows the entries make. Fields in `quiet` never make a clash alone.
    """

    name: str
    record: type[Record]
    schema: int = 1
    key: str = "id"
    indexed: tuple[str, ...] = ()
    visit_field: str = ""
    scope: Scope = Scope.STATION
    quiet: tuple[str, ...] = ()


FAMILIES: tuple[Family, ...] = (
    Family(
        name="visit",
        record=Visit,
        indexed=("state", "enterprise", "subject", "planned_from"),
        visit_field="id",
        scope=Scope.SHARED,
        quiet=("moved_at", "opened_at"),
    ),
    Family(
        name="answer",
        record=Answer,
        indexed=("visit",),
        visit_field="visit",
        scope=Scope.SHARED,
        quiet=("answered_at", "answered_by"),
    ),
    Family(name="evidence", record=Evidence, indexed=("visit",), visit_field="visit", scope=Scope.SHARED),
    Family(name="finding", record=Finding, indexed=("visit",), visit_field="visit", scope=Scope.SHARED),
    Family(name="determined", record=Determined, indexed=("visit", "finding"), visit_field="visit", scope=Scope.SHARED),
    Family(name="account", record=Account, key="name"),
    Family(name="station_event", record=StationEvent),
    Family(name="trusted_key", record=TrustedKey),
    Family(name="list_version", record=ListVersion, indexed=("kind",)),
    Family(
        name="document",
        record=Document,
        indexed=("visit", "number", "short_code", "state", "kind"),
        visit_field="visit",
        scope=Scope.SHARED,
    ),
    Family(name="number_block", record=NumberBlock, indexed=("body", "kind", "year")),
    Family(name="number_use", record=NumberUse, indexed=("block",)),
    Family(
        name="service_receipt",
        record=ServiceReceipt,
        indexed=("visit", "document"),
        visit_field="visit",
        scope=Scope.SHARED,
    ),
    Family(name="print_run", record=PrintRun),
    Family(name="station_device", record=StationDevice, indexed=("station",), scope=Scope.HQ),
    Family(name="command", record=Command, indexed=("kind",)),
    Family(name="outcome", record=Outcome, indexed=("kind", "device"), scope=Scope.HQ),
    Family(name="task", record=Task, indexed=("kind", "state"), scope=Scope.HQ),
    Family(name="kept_entry", record=KeptEntry, scope=Scope.HQ),
    Family(
        name="conflict",
        record=Conflict,
        indexed=("kind", "visit", "state"),
        visit_field="visit",
        scope=Scope.SHARED,
        quiet=("found_at",),
    ),
    Family(
        name="prepared_paper",
        record=PreparedPaper,
        indexed=("visit", "state"),
        visit_field="visit",
        scope=Scope.SHARED,
        # Two stations that made it final agree on everything but who and when; that they did shows in `documents`.
        quiet=("decided_at", "decided_by"),
    ),
)

BY_RECORD: dict[type[Record], Family] = {family.record: family for family in FAMILIES}
BY_NAME: dict[str, Family] = {family.name: family for family in FAMILIES}
