"""An officer's laptop and a clerk's with a headquarters in another process: prepared, made, served, and seen again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.domain.accounts import Account
from core.domain.catalog import Item, Subject
from core.domain.documents import DocumentKind, DocumentState, Signature
from core.domain.lists import ListKind, ListVersion
from core.domain.numbers import NumberUse
from core.domain.officers import Officer, Role
from core.domain.prepared_papers import PreparedState
from core.domain.service_receipts import Receiver, ServiceAct, ServiceMethod
from core.domain.visits import VisitState
from core.kernel.clock import SystemClock, local_date
from core.kernel.progress import Unwatched
from core.services.clerk_queue import Waiting
from core.station import Session, Station, new_station
from tests.helpers import builders as b
from tests.helpers.stations import PASSWORD
from tests.journeys.hq_process import HqProcess

NOTICE = DocumentKind.INSPECTION_NOTICE
LISTS: dict[ListKind, Any] = {ListKind.SUBJECTS: Subject, ListKind.ITEMS: Item, ListKind.OFFICERS: Officer}


@pytest.fixture
def officer(demo_home: Any) -> Iterator[Session]:
    """The laptop of an officer, with demo visits."""
    home, passwords = demo_home
    session = Station.open(home).unlock("zhangmin", passwords["zhangmin"])
    yield session
    session.close()


@pytest.fixture
def clerk(tmp_path: Path, officer: Session) -> Iterator[Session]:
    """The laptop of a clerk of the same body, with the same lists and nothing else."""
    account = Account(
        name="liufang", officer="o-liufang", shown_name="刘芳", subject=officer.account.subject, roles=(Role.CLERK,)
    )
    made = new_station(tmp_path / "clerk", [(account, PASSWORD)], clock=SystemClock(), cost=CHEAP_COST_FOR_TESTS)
    session = made.unlock("liufang", PASSWORD)
    for kind, row in LISTS.items():
        rows = officer.reference.where(row)
        stored = session.list_files.replace(b.list_version(kind), rows, progress=Unwatched(), upsert=False)
        with session.open_work() as work:
            work.table(ListVersion).put(stored)
    yield session
    session.close()


@pytest.mark.enable_socket
@pytest.mark.timeout(480)
def test_a_paper_goes_to_the_clerk_and_comes_back_served(hq: HqProcess, officer: Session, clerk: Session) -> None:
    for session in (officer, clerk):
        issued = hq.say("enrol", "--subject", officer.account.subject, "--officer", session.account.shown_name)
        session.sync.enrol(hq.url, issued["code"])
    year = local_date(clerk.clock.now()).year
    clerk.sync.request_numbers(clerk.account.subject, NOTICE, year, 10)
    clerk.sync.run()

    visit = officer.visits.list(state=VisitState.APPROVED)[0]
    paper = officer.prepared_papers.prepare(NOTICE, visit.id, note="请盖章后送达").value
    officer.sync.run()
    clerk.sync.run()
    line = next(one for one in clerk.batch.queue() if one.waiting is Waiting.TO_MAKE)
    assert (line.prepared, line.note) == (paper.id, "请盖章后送达")

    (made,) = clerk.batch.make([paper.id]).value.papers
    files = clerk.batch.files([made.document])
    clerk.batch.printed(files)
    scan = clerk.blobs.put(b"%PDF the signed sheet, scanned back")
    clerk.documents.sign(made.document, "receiver", Signature(role="receiver", name="张三", media=(scan,)))
    act = ServiceAct(
        method=ServiceMethod.DIRECT,
        at=clerk.clock.now(),
        receiver=Receiver.LEGAL_REPRESENTATIVE,
        receiver_name="张三",
        servers=("张敏", "李强"),
        media=(scan,),
    )
    clerk.service.serve(made.document, act)
    clerk.sync.run()
    officer.sync.run()

    seen = next(one for one in officer.documents.of_visit(visit.id) if one.id == made.document)
    assert (seen.state, seen.number, len(seen.printed_at)) == (DocumentState.SERVED, made.number, 1)
    assert officer.documents.pdf(seen.id) == files[0].content
    assert officer.document_checks.check_file(files[0].content).verdict == "genuine"
    (told,) = officer.prepared_papers.of_visit(visit.id)
    assert (told.state, told.documents) == (PreparedState.FINAL, (made.document,))
    with officer.read_work() as work:
        assert all(use.document != made.document for use in work.table(NumberUse).where())
    for session in (clerk, officer):
        session.sync.run()
        said = session.sync.last_statement()
        assert said is not None
        assert (said.equal, session.differing_rows()) == (True, ())
