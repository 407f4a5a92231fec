"""What waits for the person: visits due, duties and corrections with their time left; counted for the rail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.domain.deadline_book import DeadlineLine, LineState
from core.domain.duties import OpenClock, Urgency
from core.domain.move_table import BEFORE_ENTRY
from core.domain.visits import Visit, VisitState
from core.kernel.clock import local_date
from ui.desk import Session, reading
from ui.i18n import t, term

SOON_DAYS = 7


@dataclass(frozen=True)
class Deadline:
    """One thing owed on a visit. `days_left` are local calendar days, negative when overdue, None without a date."""

    id: str
    visit: Visit | None
    """None: owed by the body itself, once a year."""
    what: str
    day: date | None
    at: datetime | None
    """The instant, where the duty ends at one; UTC."""
    days_left: int | None
    is_overdue: bool
    line: DeadlineLine | None = None
    """The line of the book, where a paper or the year starts it."""

    @property
    def enterprise_name(self) -> str:
        """Return whose visit it is; empty: the body's own."""
        return self.visit.enterprise_name if self.visit is not None else ""


def read_deadlines(session: Session) -> tuple[Deadline, ...]:
    """Return everything owed on any visit or paper, the most pressing first; what has no date stands last."""
    reader = reading(session)
    today = local_date(session.clock.now())
    with session.read_work() as work:
        table = work.table(Visit)
        correcting = table.where(state=VisitState.CORRECTING)
        clocks = [(clock, table.get(clock.visit)) for clock in reader.visits.clocks()]
        lines = [one for one in reader.deadline_book.open() if one.document or not one.visit]
        # One question for all of them: a year's penalties would be hundreds.
        visits = {one.id: one for one in table.where(id=tuple({line.visit for line in lines if line.visit}))}
        papers = [(line, visits[line.visit] if line.visit else None) for line in lines]
    found = [_of_clock(clock, visit, today) for clock, visit in clocks]
    found += [_of_correction(visit, visit.correct_by, today) for visit in correcting if visit.correct_by is not None]
    found += [_of_line(line, visit) for line, visit in papers]
    return tuple(sorted(found, key=lambda one: (not one.is_overdue, one.day or date.max, one.id)))


def _of_clock(clock: OpenClock, visit: Visit, today: date) -> Deadline:
    day = local_date(clock.due_at) if clock.due_at is not None else None
    return Deadline(
        id=f"{visit.id}:{clock.duty}:{clock.path}",
        visit=visit,
        what=t(f"ui.today.duty_{clock.duty.value}"),
        day=day,
        at=clock.due_at,
        days_left=(day - today).days if day is not None else None,
        is_overdue=clock.urgency is Urgency.OVERDUE,
    )


def _of_line(line: DeadlineLine, visit: Visit | None) -> Deadline:
    title = term("deadline_rule", line.rule)
    return Deadline(
        id=f"{line.document or line.about}:{line.rule}",
        visit=visit,
        what=f"{title}  {line.about}" if line.document else title,
        day=line.due_on,
        at=line.due_at,
        days_left=line.days_left,
        is_overdue=line.state is LineState.OVERDUE,
        line=line,
    )


def _of_correction(visit: Visit, by: date, today: date) -> Deadline:
    left = (by - today).days
    what = t("ui.deadlines.correction")
    return Deadline(f"{visit.id}:correction", visit, what, by, None, left, left < 0)


def waiting_counts(session: Session) -> dict[str, int]:
    """Return by page of the rail how many things wait there now: due or overdue, not what lies ahead."""
    today = local_date(session.clock.now())
    with session.read_work() as work:
        planned = [one for state in sorted(BEFORE_ENTRY) for one in work.table(Visit).where(state=state)]
    due = sum(1 for one in planned if local_date(one.planned_from) <= today)
    pressing = sum(1 for one in read_deadlines(session) if one.is_overdue or one.days_left == 0)
    return {"today": due + pressing, "deadlines": pressing}
