"""Papers of others in our files: the number of the finance department's receipt (D26), and letters that we answer.

The program prints no receipt (行政处罚法 art. 70). A received letter (D27 监督意见书, D28 检察意见书) is filed as
evidence with its number, and the reply takes number, sender and day from it.
"""

from __future__ import annotations

from datetime import datetime

from core.domain.documents import (
    Document,
    DocumentFacts,
    DocumentKind,
    DocumentState,
    Layout,
    short_code,
)
from core.domain.evidence import Evidence, EvidenceKind
from core.domain.visits import Visit
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.records import canonical_bytes
from core.services.document_filling import RECEIVED_MARK, RECEIVED_TITLES
from core.services.evidence import EvidenceFiles
from core.services.ports import Blobs, OpenWork

_TOPICS = frozenset({Topic.DOCUMENTS})
_RECEIPT_TITLE = "罚款票据（财政部门统一制发）"


class ReceivedPapers:
    """Registers receipts and files letters of others."""

    def __init__(self, open_work: OpenWork, blobs: Blobs, clock: Clock, evidence: EvidenceFiles) -> None:
        self._open_work = open_work
        self._blobs = blobs
        self._clock = clock
        self._evidence = evidence

    def register_receipt(self, visit_id: str, number: str, *, amount_cents: int) -> Done[Document]:
        """Record the number of the receipt that was given for a fine; amount in fen.

        Raises Refusal "store.not_found", "documents.receipt_number_missing", "documents.receipt_known" params number.
        """
        number = number.strip()
        if not number:
            raise Refusal("documents.receipt_number_missing")
        now = self._clock.now()
        with self._open_work() as work:
            visit = work.table(Visit).get(visit_id)
            known = (one for one in work.table(Document).where(number=number) if one.kind is DocumentKind.FINE_RECEIPT)
            if any(one.state is not DocumentState.SPOILED for one in known):
                raise Refusal("documents.receipt_known", number=number)
            facts = DocumentFacts(
                id=new_id(),
                kind=DocumentKind.FINE_RECEIPT,
                number=number,
                body=visit.subject,
                title=_RECEIPT_TITLE,
                layout=Layout.RECORD,
                visit=visit_id,
                party=visit.enterprise_name,
                uscc=visit.uscc,
                amount_cents=amount_cents,
                issued_at=now,
                issued_on=local_date(now),
                blocks=(),
                is_demo=visit.is_demo,
                form_source="行政处罚法第七十条",
            )
            document = Document(
                id=facts.id,
                visit=visit_id,
                kind=facts.kind,
                number=number,
                title=facts.title,
                party=facts.party,
                state=DocumentState.FINAL,
                facts_blob=self._blobs.put(canonical_bytes(facts)),
                short_code=short_code(facts.sha256()),
                made_at=now,
                made_by=work.actor,
                is_demo=visit.is_demo,
            )
            work.table(Document).put(document)
        return Done(document, _TOPICS)

    def file_letter(
        self,
        kind: DocumentKind,
        visit_id: str,
        content: bytes,
        *,
        number: str,
        sender: str,
        received_at: datetime,
        file_name: str = "",
    ) -> Done[Evidence]:
        """File a received letter that a paper of `kind` (SUPERVISION_REPLY, PROCURATOR_REPLY) will answer.

        Raises Refusal "documents.letter_number_missing", and those of EvidenceFiles.attach.
        """
        if not number.strip() or not sender.strip():
            raise Refusal("documents.letter_number_missing")
        return self._evidence.attach(
            visit_id,
            content,
            file_name=file_name,
            kind=EvidenceKind.DOCUMENT,
            made_at=received_at,
            proves=RECEIVED_TITLES[kind],
            method=RECEIVED_MARK + sender.strip(),
            original_carrier=number.strip(),
        )
