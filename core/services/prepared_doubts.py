"""Papers that wait for a person's decision, as two were made of one prepared paper: none of them goes out before."""

from __future__ import annotations

from core.domain.documents import Document, DocumentState
from core.domain.prepared_papers import PreparedPaper, does_not_fit, living
from core.domain.shared_state import Conflict, ConflictKind, ConflictState
from core.kernel.errors import Refusal
from core.services.ports import Work


def undecided_in(work: Work) -> tuple[tuple[PreparedPaper, tuple[Document, ...]], ...]:
    """As PreparedPapers.undecided, inside the caller's transaction."""
    # Settled by words: both were served, and nothing can be spoiled any more.
    doubts = work.table(Conflict).where(kind=ConflictKind.PREPARED_PAPER, state=ConflictState.OPEN)
    known = (work.table(PreparedPaper).find(one.about) for one in doubts)
    papers = [(one, living(made_of(work, one))) for one in known if one is not None]
    return tuple((paper, alive) for paper, alive in papers if does_not_fit(paper, alive))


def refuse_while_unfit(work: Work, doubt: Conflict) -> None:
    """Refuse to settle by words what a decision about papers would mend: "prepared.decide_first", params title.

    Where each of them was served already, none can be spoiled any more, and words are all there is.
    """
    paper = work.table(PreparedPaper).find(doubt.about) if doubt.kind is ConflictKind.PREPARED_PAPER else None
    if paper is None:
        return
    alive = living(made_of(work, paper))
    if does_not_fit(paper, alive) and any(one.state is not DocumentState.SERVED for one in alive):
        raise Refusal("prepared.decide_first", title=paper.title)


def refuse_doubtful(work: Work, document: Document) -> None:
    """Refuse to let out a paper before somebody decided that it stays: "prepared.decide_first", params title."""
    for paper, alive in undecided_in(work):
        if any(one.id == document.id for one in alive):
            raise Refusal("prepared.decide_first", title=paper.title)


def made_of(work: Work, paper: PreparedPaper) -> tuple[Document, ...]:
    """Return the papers made of it that are here; one may come later than the link that names it."""
    table = work.table(Document)
    return tuple(one for identifier in paper.documents if (one := table.find(identifier)) is not None)
