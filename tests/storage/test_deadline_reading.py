"""The book of deadlines over a real store: it reads the papers that start a clock, however many visits there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.gate_settings import GateSettings
from core.domain.visits import Visit, VisitState
from core.kernel.clock import FixedClock
from core.services.deadline_book import RunningDeadlines
from core.services.deadlines import Deadlines
from core.storage.main_store import MainStore
from tests.helpers import builders as b
from tests.helpers.stores import NOW, fresh_store, opener
from tests.services.test_deadline_book import HOLIDAY, Lists


def fill(store: MainStore, visits: int) -> None:
    """Write visits that are closed, each with two papers that start nothing; one in ten has a penalty as well."""
    with opener(store)() as work:
        for number in range(visits):
            visit = f"v-{number:05}"
            work.table(Visit).put(b.visit(id=visit, state=VisitState.CLOSED))
            kinds = [DocumentKind.INSPECTION_NOTICE, DocumentKind.SCENE_RECORD]
            kinds += [DocumentKind.SUMMARY_PENALTY] if number % 10 == 0 else []
            for kind in kinds:
                work.table(Document).put(paper(visit, kind))


def paper(visit: str, kind: DocumentKind) -> Document:
    return Document(
        id=f"{visit}-{kind.value}",
        visit=visit,
        kind=kind,
        number="",
        title=kind.value,
        state=DocumentState.FINAL,
        facts_blob="aa",
        short_code="",
        made_at=NOW,
        made_by="o-1",
    )


class Counted:
    """Counts statements and what they give."""

    def __init__(self, store: MainStore) -> None:
        self.statements: list[str] = []
        self._engine: sa.Engine = opener(store).engine

    def __enter__(self) -> Counted:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            self.statements.append(statement)


@pytest.mark.parametrize("visits", [20, 200])
def test_today_asks_the_same_few_questions_however_many_visits_there_are(tmp_path: Path, visits: int) -> None:
    store = fresh_store(tmp_path)
    fill(store, visits)
    lists = Lists([HOLIDAY])
    book = RunningDeadlines(opener(store), lists, FixedClock(b.NOW), Deadlines(lists), GateSettings())
    with Counted(store) as counted:
        lines = book.open()
    with_penalty = {line.visit for line in lines}
    assert len(with_penalty) == visits // 10
    assert len(counted.statements) == 4
    store.close()
