"""The visits of today and tomorrow: work for the Today page, one of them ready to go out with."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.domain import moves
from core.domain.enterprises import Enterprise
from core.domain.visits import Visit, VisitKind
from core.kernel.records import changed
from core.services.demo.officers import MAIN_OFFICERS
from core.services.demo.subjects import FIRE, MAIN_BODY
from core.services.demo.visits import approved, choose, draft, officers_for
from core.services.demo.world import World, at_local

WINDOW_DAYS = 6
"""The windows of these visits end so many days after they begin, while the lists still count as fresh (7 days).

A demo made in the evening, or opened again the day after, can still be used.
"""


def upcoming_visits(world: World, taken: set[str], *, at_cap: Enterprise, overdue: Visit) -> tuple[Visit, ...]:
    """Return the visits that are ahead: approved, notified, drafts of every kind.

    `at_cap` was visited twice lately: the gate stops the draft there, unless a new year has begun since.
    `overdue` has not corrected in time: a draft goes back to look.
    """
    return (
        approved(world, _draft(world, "ready", MAIN_BODY, taken), at=_earlier(world, hours=2)),
        moves.notify(
            approved(world, _draft(world, "notified", FIRE, taken), at=_earlier(world, hours=3)),
            at=_earlier(world, hours=1),
        ),
        _draft(world, "draft", MAIN_BODY, taken),
        _draft(world, "special", MAIN_BODY, taken, kind=VisitKind.SPECIAL),
        approved(world, _draft(world, "tomorrow", MAIN_BODY, taken, days=1), at=_earlier(world, hours=1)),
        _draft(world, "complaint", MAIN_BODY, taken, kind=VisitKind.CASE, days=1),
        _draft(world, "others", MAIN_BODY, taken, days=1, turn=3),
        _draft(world, "capped", MAIN_BODY, taken, enterprise=at_cap),
        _follow_up(_draft(world, "follow-up", MAIN_BODY, taken, days=1, enterprise=_same(world, overdue)), overdue),
    )


def _same(world: World, visit: Visit) -> Enterprise:
    return next(enterprise for enterprise in world.enterprises if enterprise.id == visit.enterprise)


def _follow_up(visit: Visit, parent: Visit) -> Visit:
    """Return the draft as a re-check of what the parent visit ordered."""
    return changed(visit, kind=VisitKind.FOLLOW_UP, plan="", parent=parent.id, items=parent.items)


def _earlier(world: World, *, hours: int) -> datetime:
    return world.now - timedelta(hours=hours)


def _draft(
    world: World,
    key: str,
    body: str,
    taken: set[str],
    *,
    kind: VisitKind = VisitKind.ROUTINE,
    days: int = 0,
    turn: int = 1,
    enterprise: Enterprise | None = None,
) -> Visit:
    day = world.today + timedelta(days=days)
    if day.year != world.today.year:
        # The plan of next year is not filed yet; on the last day of a year tomorrow's visits are today's.
        day, days = world.today, 0
    # From midnight on: the demo may be made at any hour and its first visit must be open at once.
    begin = at_local(day, 0 if days == 0 else 9)
    return draft(
        world,
        key=key,
        body=body,
        kind=kind,
        enterprise=enterprise or choose(world.enterprises_for(body), taken, turn=300 + len(taken)),
        officers=MAIN_OFFICERS if turn == 1 and body == MAIN_BODY else officers_for(world, body, world.now, turn=turn),
        planned_from=begin,
        planned_to=at_local(day + timedelta(days=WINDOW_DAYS), 18),
        created_at=world.now - timedelta(days=1, hours=6, minutes=len(taken)),
    )
