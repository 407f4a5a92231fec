"""Prepared papers (交办文书): what an officer hands to the clerk, who makes it final with a number of the own block.

One prepared paper becomes one final paper: the link is written in the transaction that takes the number. Where two
stations made it final before they met, both numbers are kept and a person decides which paper is spoiled.
Source: design.md section 6; domain.md 2.1 (offline numbering).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum

from core.domain.document_forms import Value
from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.shared_state import Conflict, ConflictKind, conflict_id
from core.kernel.errors import Refusal
from core.kernel.records import Record, changed


class PreparedState(StrEnum):
    """待制作, 已制作, 已退回, 已撤回."""

    WAITING = "waiting"
    FINAL = "final"
    RETURNED = "returned"
    """The clerk sent it back, with a reason."""
    WITHDRAWN = "withdrawn"


class EnteredValue(Record):
    """What the officer typed for one field: a text, lines, or rows of cells. An emptied field is an empty text."""

    field: str
    text: str = ""
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    def value(self) -> Value:
        """Return it as forms take it."""
        return self.rows or self.lines or self.text


class PreparedPaper(Record):
    """One paper handed to the clerk: everything that the officer gave, and what became of it."""

    id: str
    visit: str
    kind: DocumentKind
    body: str
    title: str
    party: str = ""
    entered: tuple[EnteredValue, ...] = ()
    amount_cents: int | None = None
    """Fine in fen; None: the paper sets none."""
    due_on: date | None = None
    late: str = ""
    note: str = ""
    """A word from the officer to the clerk."""
    said_sha256: str
    """SHA-256 of what the paper says as of `prepared_on`, without number and date of issue."""
    prepared_on: date
    """Local day, on which the dates inside `said_sha256` were counted."""
    prepared_at: datetime
    prepared_by: str
    station: str
    state: PreparedState = PreparedState.WAITING
    documents: tuple[str, ...] = ()
    """Ids of the papers made of it, spoiled ones too; a second live one is a conflict."""
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""
    """Why it was sent back or withdrawn."""
    is_demo: bool = False


def entered_values(entered: Mapping[str, Value]) -> tuple[EnteredValue, ...]:
    """Return typed values in the form in which they are kept, sorted by field."""
    return tuple(_kept(field, entered[field]) for field in sorted(entered))


def _kept(field: str, value: Value) -> EnteredValue:
    if isinstance(value, str):
        return EnteredValue(field=field, text=value)
    rows = tuple(one for one in value if isinstance(one, tuple))
    if rows:
        return EnteredValue(field=field, rows=rows)
    return EnteredValue(field=field, lines=tuple(one for one in value if isinstance(one, str)))


def living(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Return the papers that are not spoiled."""
    return tuple(one for one in documents if one.state is not DocumentState.SPOILED)


def finished(paper: PreparedPaper, document: str, made: Iterable[Document], *, at: datetime, by: str) -> PreparedPaper:
    """Return it as made final by one more paper.

    Args:
        made: The papers made of it so far; after all of them were spoiled it may be made once more.

    Raises:
        Refusal: "prepared.not_waiting", params title, state.
    """
    is_made_anew = paper.state is PreparedState.FINAL and not living(made)
    if paper.state is not PreparedState.WAITING and not is_made_anew:
        raise Refusal("prepared.not_waiting", title=paper.title, state=paper.state.value)
    return changed(
        paper, state=PreparedState.FINAL, documents=(*paper.documents, document), decided_at=at, decided_by=by
    )


def taken_back(paper: PreparedPaper, reason: str, *, at: datetime, by: str) -> PreparedPaper:
    """Return it as withdrawn by those who prepared it.  Raises Refusal "prepared.not_waiting"."""
    if paper.state is not PreparedState.WAITING:
        raise Refusal("prepared.not_waiting", title=paper.title, state=paper.state.value)
    return changed(paper, state=PreparedState.WITHDRAWN, reason=reason.strip(), decided_at=at, decided_by=by)


def sent_back(paper: PreparedPaper, reason: str, *, at: datetime, by: str) -> PreparedPaper:
    """Return it as sent back by the clerk.

    Raises:
        Refusal: "prepared.not_waiting"; "prepared.reason_missing", params title.
    """
    if not reason.strip():
        raise Refusal("prepared.reason_missing", title=paper.title)
    return changed(taken_back(paper, reason, at=at, by=by), state=PreparedState.RETURNED)


def does_not_fit(paper: PreparedPaper, made: Iterable[Document]) -> bool:
    """Tell whether a person must decide: two papers live, or one lives although it was taken or sent back."""
    alive = len(living(made))
    return alive > 1 or (alive == 1 and paper.state is not PreparedState.FINAL)


def prepared_doubt(paper: PreparedPaper, made: Iterable[Document], *, at: datetime) -> Conflict:
    """Return the doubt that stands until all but one of the papers are spoiled."""
    return Conflict(
        id=conflict_id(ConflictKind.PREPARED_PAPER, paper.id),
        kind=ConflictKind.PREPARED_PAPER,
        visit=paper.visit,
        about=paper.id,
        others=tuple(sorted(one.id for one in living(made))),
        found_at=at,
    )
