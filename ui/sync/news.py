"""What headquarters changed since an instant: lists, answers to requests, tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.lists import ListVersion
from core.domain.shared_state import CommandKind, Outcome, Task, TaskState
from ui.desk import Session
from ui.i18n import t, term, words_or_code
from ui.sync.reading import lists_from_hq

REFUSALS_SHOWN = 3


@dataclass(frozen=True)
class News:
    """What is new from headquarters."""

    lists: tuple[ListVersion, ...] = ()
    refused: tuple[Outcome, ...] = ()
    leased: tuple[Outcome, ...] = ()
    tasks: tuple[Task, ...] = ()
    """Tasks that were opened."""


def news_from_hq(session: Session, *, since: datetime) -> News:
    """Return what came from headquarters since then, and was not ours."""
    with session.read_work() as work:
        outcomes = [one for one in work.table(Outcome).where() if one.at >= since]
        tasks = [one for one in work.table(Task).where(state=TaskState.OPEN) if one.at >= since]
    own = [one for one in outcomes if one.device == session.device_id]
    return News(
        lists=tuple(one for one in lists_from_hq(session) if one.imported_at >= since),
        refused=tuple(one for one in own if not one.accepted),
        leased=tuple(one for one in own if one.accepted and one.kind is CommandKind.LEASE_NUMBERS),
        tasks=tuple(tasks),
    )


def news_lines(news: News) -> tuple[str, ...]:
    """Return the news in words, a line each; what was refused stands first."""
    lines = [
        f"✕ {t('ui.sync.ask_refused', why=words_or_code('sync.outcome', one.reason))}"
        for one in news.refused[:REFUSALS_SHOWN]
    ]
    if news.lists:
        parts = " · ".join(f"{term('list_kind', one.kind)} v{one.version}({one.row_count:,})" for one in news.lists)
        lines.append(t("ui.sync.news_lists", lists=parts))
    if news.leased:
        count = sum(one.last - one.first + 1 for one in news.leased)
        lines.append(t("ui.sync.news_numbers", count=count))
    if news.tasks:
        lines.append(t("ui.sync.news_tasks", count=len(news.tasks)))
    return tuple(lines)
