"""The services of a session, each made when it is first asked for, so that unlocking imports only what it shows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from core.crypto import signing
from core.domain.accounts import Account
from core.kernel.clock import Clock
from core.kernel.resources import resources_dir
from core.services.lists import ListReference
from core.services.ports import Blobs, OpenWork

if TYPE_CHECKING:
    from core.domain.gate_settings import GateSettings
    from core.domain.visits import Visit
    from core.services.approvals import Approvals
    from core.services.batch import Batch
    from core.services.case_files import CaseFiles
    from core.services.checklists import Checklists
    from core.services.deadline_book import RunningDeadlines
    from core.services.deadlines import Deadlines
    from core.services.determinations import Determinations
    from core.services.document_checking import DocumentChecks
    from core.services.documents import Documents
    from core.services.doubts import Doubts
    from core.services.enterprises import Enterprises
    from core.services.evidence import EvidenceFiles
    from core.services.findings import Findings
    from core.services.lists import Lists
    from core.services.number_stock import NumberStock
    from core.services.numbers import Numbers
    from core.services.prepared_papers import PreparedPapers
    from core.services.received_papers import ReceivedPapers
    from core.services.rule_authors import RuleAuthors
    from core.services.service import PaperService
    from core.services.visits import Visits

D = TypeVar("D", bound="Documents")


class Services:
    """What a person can do. The write session and its reading twin differ only in `open_work`."""

    account: Account
    clock: Clock
    open_work: OpenWork
    read_work: OpenWork
    reference: ListReference
    blobs: Blobs
    sign_key: bytes | None
    """The private key with which this person approves, or None."""

    device_id: str
    station_id: str
    public: bytes
    """Public key of the device."""
    own_forms: Path
    """Folder of the home whose forms lie over ours."""

    @property
    def is_enrolled(self) -> bool:
        """Tell whether numbers and lists come from headquarters."""
        raise NotImplementedError

    def sign(self, message: bytes) -> bytes:
        """Sign with the device's key."""
        raise NotImplementedError

    def clashes_in(self, visit: str) -> int:
        """Return how many records of a visit stand with several values."""
        raise NotImplementedError

    def may_begin(self) -> None:
        """Refuse a new visit where a lease is over."""
        raise NotImplementedError

    def pdf_identity(self) -> tuple[bytes, bytes]:
        """Return (private key, certificate) for signatures inside PDF files, both DER."""
        raise NotImplementedError

    def told_certificates(self) -> Mapping[bytes, bytes]:
        """Return certificates for signatures inside files that headquarters told of devices, by key id."""
        raise NotImplementedError

    def trusted_keys(self) -> Mapping[bytes, bytes]:
        """Return the public keys that are believed, by key id."""
        raise NotImplementedError

    @cached_property
    def gate_settings(self) -> GateSettings:
        """The numbers of the gates that no statute fixes."""
        from core.domain.gate_settings import settings_from

        return settings_from(tomllib.loads((resources_dir() / "rules" / "gates.toml").read_text("utf-8")))

    @cached_property
    def visits(self) -> Visits:
        """Visits from plan to archive."""
        from core.codes.prefixes import provincial_prefixes
        from core.services.closing_papers import paper_blockers
        from core.services.visits import Visits

        return Visits(
            self.open_work,
            self.reference,
            self.clock,
            self.account,
            self.gate_settings,
            signing.verify,
            more_blockers=(paper_blockers,),
            provincial=provincial_prefixes(),
            may_begin=self.may_begin,
        )

    @cached_property
    def approvals(self) -> Approvals:
        """Schemes out, approvals signed, packages in."""
        from core.services.approvals import Approvals

        private = self.sign_key
        return Approvals(
            self.visits,
            self.reference,
            self.clock,
            self.account,
            sign=partial(signing.sign, private) if private else None,
            public_key=signing.public_key_of(private) if private else b"",
        )

    @cached_property
    def checklists(self) -> Checklists:
        """Check points and their answers."""
        from core.services.checklists import Checklists

        return Checklists(self.open_work, self.reference, self.clock, self.account)

    @cached_property
    def evidence(self) -> EvidenceFiles:
        """Photos and other evidence."""
        from core.services.evidence import EvidenceFiles
        from core.services.photo_notes import photo_note

        return EvidenceFiles(self.open_work, self.blobs, self.clock, self.account, photo_note)

    @cached_property
    def findings(self) -> Findings:
        """Problems found."""
        from core.services.findings import Findings

        return Findings(self.open_work, self.clock, self.account)

    @cached_property
    def determinations(self) -> Determinations:
        """Proposals for findings, with the rule package that ships."""
        from core.services.determinations import Determinations
        from core.services.rule_packages import shipped_package

        package = shipped_package()
        return Determinations(self.open_work, self.reference, self.clock, self.account, package, blobs=self.blobs)

    @cached_property
    def rule_authors(self) -> RuleAuthors:
        """Rule packages with their example cases, for those who write them."""
        from core.services.rule_authors import RuleAuthors

        return RuleAuthors()

    @cached_property
    def doubts(self) -> Doubts:
        """Caps and first times that turned out wrong after a sync."""
        from core.services.doubts import Doubts

        return Doubts(
            self.open_work,
            self.reference,
            self.clock,
            settings=self.gate_settings,
            verify=signing.verify,
            determinations=self.determinations,
        )

    @cached_property
    def numbers(self) -> Numbers:
        """Document numbers of this device."""
        from core.services.number_patterns import NumberPatterns
        from core.services.numbers import Numbers

        patterns = NumberPatterns(self.own_forms)
        return Numbers(
            self.open_work, self.clock, station=self.device_id, is_enrolled=self.is_enrolled, pattern_of=patterns.of
        )

    @cached_property
    def number_stock(self) -> NumberStock:
        """What is left of the numbers, and spoiled sheets."""
        from core.services.document_wording import Forms
        from core.services.number_stock import NumberStock

        return NumberStock(self.open_work, self.reference, self.numbers, Forms(self.own_forms))

    @cached_property
    def received_papers(self) -> ReceivedPapers:
        """Numbers of receipts, and letters that we answer."""
        from core.services.received_papers import ReceivedPapers

        return ReceivedPapers(self.open_work, self.blobs, self.clock, self.evidence)

    @cached_property
    def deadlines(self) -> Deadlines:
        """When something is due."""
        from core.services.deadlines import Deadlines

        return Deadlines(self.reference)

    @cached_property
    def deadline_book(self) -> RunningDeadlines:
        """Which deadlines run."""
        from core.services.deadline_book import RunningDeadlines

        settings, subject = self.gate_settings, self.account.subject
        return RunningDeadlines(self.open_work, self.reference, self.clock, self.deadlines, settings, subject=subject)

    @cached_property
    def batch(self) -> Batch:
        """Many papers at once, the print log and the clerk's queue."""
        from core.papers.merge import merged
        from core.services.batch import Batch, BatchDocuments
        from core.services.prepared_papers import PreparedPapers
        from core.station.paper_pool import finish_many

        private_der, certificate_der = self.pdf_identity()
        documents = self._papers(BatchDocuments)
        return Batch(
            self.open_work,
            self.reference,
            self.clock,
            self.account,
            documents,
            PreparedPapers(self.open_work, self.clock, documents, station=self.station_id),
            finish_many=partial(finish_many, private_der=private_der, certificate_der=certificate_der),
            merge=lambda files, title, at: merged(files, title=title, at=at),
        )

    @cached_property
    def prepared_papers(self) -> PreparedPapers:
        """Papers handed to the clerk."""
        from core.services.prepared_papers import PreparedPapers

        return PreparedPapers(self.open_work, self.clock, self.documents, station=self.station_id)

    @cached_property
    def case_files(self) -> CaseFiles:
        """Check, export and verification of case files."""
        from core.services.case_files import CaseFiles
        from core.station.case_tools import case_tools

        return CaseFiles(
            self.open_work,
            self.reference,
            self.blobs,
            self.clock,
            documents=self.documents,
            numbers=self.numbers,
            deadlines=self.deadline_book,
            tools=case_tools(self.sign, self.public, self.trusted_keys),
            archive=self.visits.archive,
            station=self.station_id,
        )

    @cached_property
    def service(self) -> PaperService:
        """Service of papers and its proof."""
        from core.services.service import PaperService

        return PaperService(self.open_work, self.clock, self.documents)

    @cached_property
    def enterprises(self) -> Enterprises:
        """Search and look up enterprises."""
        from core.services.enterprises import Enterprises

        return Enterprises(reference=self.reference)

    @cached_property
    def lists(self) -> Lists:
        """Published lists in and out."""
        from core.services.lists import Lists
        from core.sheets.room import SpreadsheetFiles

        return Lists(open_work=self.open_work, reference=self.reference, sheets=SpreadsheetFiles(), clock=self.clock)

    @cached_property
    def documents(self) -> Documents:
        """Papers: issue, sign, print, serve."""
        from core.services.documents import Documents

        return self._papers(Documents)

    def _papers(self, kind: type[D]) -> D:
        """Return the papers of this station, or a room of theirs."""
        from core.services.document_wording import Forms
        from core.station.papers import paper_tools

        return kind(
            self.open_work,
            self.reference,
            self.blobs,
            self.clock,
            forms=Forms(self.own_forms),
            numbers=self.numbers,
            tools=paper_tools(self.sign, self.public, self.pdf_identity, self.clashes_in),
            station=self.station_id,
            points=self._point_texts,
        )

    @cached_property
    def document_checks(self) -> DocumentChecks:
        """Whether a paper is genuine."""
        from core.services.document_checking import DocumentChecks
        from core.station.papers import check_tools

        tools = check_tools(self.trusted_keys, self.told_certificates)
        return DocumentChecks(self.open_work, self.blobs, self.clock, tools)

    def _point_texts(self, visit: Visit) -> dict[str, str]:
        """Return the texts of a visit's check points by id, for the record."""
        from core.services.checklists import Checklists

        # Read beside the transaction that issues the paper, which holds the write lock.
        found = Checklists(self.read_work, self.reference, self.clock, self.account).of_visit(visit.id)
        return {point.id: point.text for one in found for point in one.checklist.points}

    def _forget_services(self) -> None:
        """Drop what was made, so that it is made again over the present `open_work`."""
        for name, attribute in vars(Services).items():
            if isinstance(attribute, cached_property):
                self.__dict__.pop(name, None)
