"""What the papers of a visit still want before it is closed.

Source: 行政处罚法 art. 55, 行诉证据规定 art. 15 (a record signed, or its refusal noted); design.md section 4.
"""

from __future__ import annotations

from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.prepared_papers import PreparedPaper, PreparedState
from core.domain.visits import Visit, VisitKind
from core.services.closing import Blocker
from core.services.ports import Work

# The papers that are finished on site; a seal that comes later must not keep a visit open (domain.md 2.2, column Off).
_SIGNED_ON_SITE = frozenset({DocumentKind.SCENE_RECORD, DocumentKind.COMMITMENT_LETTER, DocumentKind.SUMMARY_PENALTY})
_NO_RECORD = frozenset({DocumentState.SPOILED, DocumentState.DRAFT})


def paper_blockers(work: Work, visit: Visit) -> tuple[Blocker, ...]:
    """Return a missing scene record, every paper whose blocks are neither signed nor refused, and what waits for the
    clerk: closed over it, a paper that somebody asked for would never be made."""
    waiting = tuple(
        Blocker(code="paper_with_clerk", about=one.id, params={"title": one.title})
        for one in work.table(PreparedPaper).where(visit=visit.id)
        if one.state is PreparedState.WAITING
    )
    papers = work.table(Document).where(visit=visit.id)
    unsigned = tuple(
        Blocker(code="paper_unsigned", about=paper.id, params={"title": paper.title})
        for paper in papers
        if paper.state is DocumentState.DRAFT and paper.kind in _SIGNED_ON_SITE
    )
    is_recorded = any(paper.kind is DocumentKind.SCENE_RECORD and paper.state not in _NO_RECORD for paper in papers)
    if visit.kind is VisitKind.NON_INSPECTION or is_recorded or unsigned:
        return (*unsigned, *waiting)
    return (Blocker(code="record_missing", about=visit.id), *waiting)
