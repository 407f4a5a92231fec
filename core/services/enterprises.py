"""Enterprises: finding one by what a person types or a scanner reads. The list itself is lists.py's matter."""

from __future__ import annotations

from core.domain.codes import ScannedCode
from core.domain.enterprises import Enterprise, EnterpriseHit
from core.kernel.records import Record
from core.services.ports import Reference


class Resolution(Record):
    """Whose code it is. Without an `enterprise` a person chooses among `candidates`, or there are none."""

    code: ScannedCode
    enterprise: Enterprise | None = None
    candidates: tuple[EnterpriseHit, ...] = ()


class Enterprises:
    """The use cases of the enterprise list."""

    def __init__(self, *, reference: Reference) -> None:
        self._reference = reference

    def search(self, text: str, *, limit: int = 20) -> tuple[EnterpriseHit, ...]:
        """Return the enterprises that fit a name part, two words, pinyin initials, a code or an address; best first."""
        return tuple(self._reference.search_enterprises(text, limit=limit)) if text.strip() else ()

    def get(self, identifier: str) -> Enterprise:
        """Return one enterprise.  Raises Refusal "lists.row_missing"."""
        return self._reference.get(Enterprise, identifier)

    def resolve(self, code: ScannedCode) -> Resolution:
        """Return the enterprise that a scanned or typed code names in the newest list.

        A code with a wrong check digit names nobody: a neighbour's enterprise must not be entered for a misprint.
        """
        if code.uscc and code.valid:
            return Resolution(code=code, enterprise=self._reference.find(Enterprise, code.uscc))
        hits = [hit for text in (*code.candidates, code.legacy_number or "") for hit in self.search(text, limit=5)]
        return Resolution(code=code, candidates=tuple({hit.id: hit for hit in hits}.values()))
