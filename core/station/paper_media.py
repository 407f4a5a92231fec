"""The files of papers that other stations made: fetched after the records, so that a clerk can look at, print and serve
what an officer made, and an officer sees what the clerk made of it.

What headquarters does not hold yet is asked for again at the next sync. Source: sync.md 3.10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from core.domain.documents import Document, DocumentFacts, DocumentState, photo_hashes
from core.domain.evidence import Evidence
from core.domain.prepared_papers import PreparedPaper, PreparedState
from core.kernel.errors import Refusal
from core.kernel.progress import Progress
from core.kernel.records import from_plain, parse_json
from core.services.drawn_photos import WITH_PHOTOS, may_be_shown
from core.storage.work import blobs_of
from core.sync.blobs import fetch_blob
from core.sync.ports import Line

if TYPE_CHECKING:
    from core.services.ports import Work
    from core.station.unlocked import Unlocked

WANTED = "paper_media_wanted"
"""The key under which the station keeps the names that headquarters did not hold yet."""
_NOT_THERE = frozenset({"sync.blob_unnamed", "hq.blob_missing", "sync.blob_missing"})


class PaperMedia:
    """Fetches what the papers of others need."""

    def __init__(self, session: Unlocked) -> None:
        self._session = session

    def fetch(self, touched: Iterable[tuple[str, str]], line: Line | None, progress: Progress) -> int:
        """Fetch the files of papers that came in, and what was lacking before; return how many came.

        Args:
            touched: (family, id) of what sync changed.
            line: None: by a bundle; what it did not carry is asked for at the next sync.

        Raises:
            Trouble: as core.sync.ports.Line; what came stays.
        """
        before = self._lacking()
        with self._session.read_work() as work:
            named = [*before, *self._named(work, touched)]
        wanted = [name for name in dict.fromkeys(named) if not self._session.file_blobs.size(name)]
        left: list[str] = []
        count = 0
        for place, name in enumerate(wanted):
            progress.step(place, len(wanted), "papers")
            if line is None or not self._take(line, name):
                left.append(name)
                continue
            count += 1
            # What a paper shows is named in its facts: they come first, the photos behind them.
            wanted.extend(one for one in self._photos(name) if one not in wanted)
        if tuple(left) != before:
            self._session.store.set_value(WANTED, msgspec.json.encode(left))
        return count

    def _lacking(self) -> tuple[str, ...]:
        kept = self._session.store.value(WANTED)
        return msgspec.json.decode(kept, type=tuple[str, ...]) if kept else ()

    def _named(self, work: Work, touched: Iterable[tuple[str, str]]) -> Iterator[str]:
        for family, identifier in touched:
            if family == "document":
                document = work.table(Document).find(identifier)
                if document is not None and document.state is not DocumentState.SPOILED:
                    yield from blobs_of(document)
            elif family == "prepared_paper":
                paper = work.table(PreparedPaper).find(identifier)
                if paper is not None and _draws_photos(paper):
                    yield from (one.blob for one in work.table(Evidence).where(visit=paper.visit) if may_be_shown(one))
            elif family == "evidence":
                piece = work.table(Evidence).find(identifier)
                if piece is not None and may_be_shown(piece):
                    waiting = work.table(PreparedPaper).where(visit=piece.visit)
                    yield from (piece.blob for one in waiting if _draws_photos(one))

    def _photos(self, name: str) -> Iterable[str]:
        content = self._session.blobs.get(name)
        if not content.startswith(b"{"):
            return ()
        try:
            facts = from_plain(DocumentFacts, parse_json(content))
        except msgspec.DecodeError:
            # Some other file that happens to begin like facts, such as evidence in JSON.
            return ()
        return (one for one in photo_hashes(facts) if not self._session.file_blobs.size(one))

    def _take(self, line: Line, name: str) -> bool:
        try:
            there = line.parts(name)
            if not there.is_whole:
                return False
            self._session.blobs.put(fetch_blob(line, name, size=there.size))
        except Refusal as refusal:
            if refusal.code not in _NOT_THERE:
                raise
            return False
        return True


def _draws_photos(paper: PreparedPaper) -> bool:
    """Tell whether this station may yet draw it from the photos of its visit."""
    return paper.state is PreparedState.WAITING and paper.kind in WITH_PHOTOS
