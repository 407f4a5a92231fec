"""All values of one paper: the form's own words, what the visit knows, counted dates, and what the officer typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from core.domain.catalog import Subject
from core.domain.document_forms import Form, Value, as_text, with_defaults
from core.domain.documents import Block, DocumentKind, printed_date
from core.domain.remedies import RemedyDates, RemedyKind, remedy_blocks
from core.kernel.clock import local_date
from core.kernel.errors import Trouble
from core.kernel.records import Record
from core.services.deadlines import Deadlines
from core.services.document_reasons import reasons_of
from core.services.document_values import VisitPapers, values_of

RECEIVED_MARK = "收文登记："
RECEIVED_TITLES = {
    DocumentKind.SUPERVISION_REPLY: "行政执法监督意见书",
    DocumentKind.PROCURATOR_REPLY: "检察意见书",
}
_DATE = re.compile(r"(\d{4})[年/.\-](\d{1,2})[月/.\-](\d{1,2})")


class Filled(Record):
    """The values of a paper, and which of them nobody has verified."""

    values: dict[str, Value]
    unverified: tuple[str, ...] = ()


def filled_in(
    form: Form, papers: VisitPapers, entered: Mapping[str, Value], deadlines: Deadlines, *, today: date
) -> Filled:
    """Return every value that is known. What the officer typed stands over the rest, an emptied field too."""
    values = with_defaults(
        form, values_of(papers) | reasons_of(form.kind, papers) | received_of(form.kind, papers) | dict(entered)
    )
    unverified: list[str] = []
    for wanted in form.deadlines:
        start = today if wanted.start == "issued_on" else date_in(as_text(values.get(wanted.start, "")))
        if start is None or wanted.field in values:
            continue
        try:
            due = deadlines.due(wanted.rule, start)
        except Trouble:
            # The calendar of that year is not announced yet: the date stays open and the officer counts it.
            continue
        values[wanted.field] = printed_date(due.on)
        if not due.is_verified:
            unverified.append(wanted.field)
    return Filled(values=values, unverified=tuple(unverified))


def received_of(kind: DocumentKind, papers: VisitPapers) -> dict[str, Value]:
    """Return number, sender and day of the newest filed letter that a reply of this kind answers."""
    title = RECEIVED_TITLES.get(kind)
    letters = [one for one in papers.evidence if one.method.startswith(RECEIVED_MARK) and one.proves == title]
    if not letters:
        return {}
    newest = max(letters, key=lambda one: (one.made_at, one.id))
    return {
        "received_ref": newest.original_carrier,
        "recipient": newest.method.removeprefix(RECEIVED_MARK),
        "received_on": printed_date(local_date(newest.made_at)),
    }


def date_in(text: str) -> date | None:
    """Return the first day that a text names (2026年3月6日, 2026-03-06), or None."""
    match = _DATE.search(text)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def remedy_of(form: Form, subject: Subject | None, deadlines: Deadlines, *, today: date) -> tuple[Block, ...]:
    """Return the remedy text that the form asks for, with the body's configured ways; none if it asks for none.

    The last days are printed for a paper that is served on the day of its issue; where the calendar of that year is
    not known yet, the periods stand without them.
    """
    if not form.remedy:
        return ()
    return remedy_blocks(
        RemedyKind(form.remedy),
        reconsideration_body=subject.reconsideration_body if subject else "",
        court=subject.court if subject else "",
        dates=RemedyDates(
            served_on=printed_date(today),
            reconsider_until=_counted(deadlines, "reconsideration", today),
            sue_until=_counted(deadlines, "suit_direct", today),
        ),
    )


def _counted(deadlines: Deadlines, rule: str, today: date) -> str:
    try:
        return printed_date(deadlines.due(rule, today).on)
    except Trouble:
        # Better no date than one that a holiday moves.
        return ""
