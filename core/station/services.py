"""The services of a session, each made when it is first asked for, so that unlocking imports only what it shows."""

from __future__ import annotations

import tomllib
from functools import cached_property, partial
from typing import TYPE_CHECKING

from core.crypto import signing
from core.domain.accounts import Account
from core.kernel.clock import Clock
from core.kernel.resources import resources_dir
from core.services.lists import ListReference
from core.services.ports import Blobs, OpenWork

if TYPE_CHECKING:
    from core.domain.gate_settings import GateSettings
    from core.services.approvals import Approvals
    from core.services.checklists import Checklists
    from core.services.determinations import Determinations
    from core.services.enterprises import Enterprises
    from core.services.evidence import EvidenceFiles
    from core.services.findings import Findings
    from core.services.lists import Lists
    from core.services.numbers import Numbers
    from core.services.visits import Visits


class Services:
    """What a person can do. The write session and its reading twin differ only in `open_work`."""

    account: Account
    clock: Clock
    open_work: OpenWork
    reference: ListReference
    blobs: Blobs
    sign_key: bytes | None
    """The private key with which this person approves, or None."""

    @property
    def device_id(self) -> str:
        """Id of the device that writes."""
        raise NotImplementedError

    @cached_property
    def gate_settings(self) -> GateSettings:
        """The numbers of the gates that no statute fixes."""
        from core.domain.gate_settings import settings_from

        return settings_from(tomllib.loads((resources_dir() / "rules" / "gates.toml").read_text("utf-8")))

    @cached_property
    def visits(self) -> Visits:
        """Visits from plan to archive."""
        from core.services.visits import Visits

        return Visits(
            self.open_work, self.reference, self.clock, self.account, self.gate_settings, signing.verify
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

        return Determinations(self.open_work, self.reference, self.clock, self.account, shipped_package())

    @cached_property
    def numbers(self) -> Numbers:
        """Document numbers of this device."""
        from core.services.numbers import Numbers

        return Numbers(self.open_work, self.clock, station=self.device_id)

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

    def _forget_services(self) -> None:
        """Drop what was made, so that it is made again over the present `open_work`."""
        for name, attribute in vars(Services).items():
            if isinstance(attribute, cached_property):
                self.__dict__.pop(name, None)
