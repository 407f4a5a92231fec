"""The families of records that are written to the journal: name, record class, schema number, indexed fields.

The journal, the tables and the wire form all read this one list (design.md section 2). A family name is never re-used.
"""

from __future__ import annotations

from core.domain.accounts import Account
from core.domain.checklists import Answer
from core.domain.documents import Document
from core.domain.evidence import Evidence
from core.domain.findings import Determined, Finding
from core.domain.lists import ListVersion
from core.domain.numbers import NumberBlock, NumberUse
from core.domain.print_log import PrintRun
from core.domain.service_receipts import ServiceReceipt
from core.domain.station_events import StationEvent, TrustedKey
from core.domain.visits import Visit
from core.kernel.records import Record


class Family(Record):
    """One family. `key` names the field that identifies a record, `visit_field` the one with the visit's id, if any."""

    name: str
    record: type[Record]
    schema: int = 1
    key: str = "id"
    indexed: tuple[str, ...] = ()
    visit_field: str = ""


FAMILIES: tuple[Family, ...] = (
    Family(name="visit", record=Visit, indexed=("state", "enterprise", "subject", "planned_from"), visit_field="id"),
    Family(name="answer", record=Answer, indexed=("visit",), visit_field="visit"),
    Family(name="evidence", record=Evidence, indexed=("visit",), visit_field="visit"),
    Family(name="finding", record=Finding, indexed=("visit",), visit_field="visit"),
    Family(name="determined", record=Determined, indexed=("visit", "finding"), visit_field="visit"),
    Family(name="account", record=Account, key="name"),
    Family(name="station_event", record=StationEvent),
    Family(name="trusted_key", record=TrustedKey),
    Family(name="list_version", record=ListVersion, indexed=("kind",)),
    Family(name="document", record=Document, indexed=("visit", "number", "short_code", "state"), visit_field="visit"),
    Family(name="number_block", record=NumberBlock, indexed=("body", "kind", "year")),
    Family(name="number_use", record=NumberUse, indexed=("block",)),
    Family(name="service_receipt", record=ServiceReceipt, indexed=("visit", "document"), visit_field="visit"),
    Family(name="print_run", record=PrintRun),
)

BY_RECORD: dict[type[Record], Family] = {family.record: family for family in FAMILIES}
BY_NAME: dict[str, Family] = {family.name: family for family in FAMILIES}
