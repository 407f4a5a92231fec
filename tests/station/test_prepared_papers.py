"""An officer's laptop and a clerk's: a prepared paper goes over, comes back final, printed and served, or in doubt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.domain.catalog import Item, Subject
from core.domain.documents import Document, DocumentKind, DocumentState, Signature
from core.domain.lists import ListKind, ListVersion
from core.domain.numbers import NumberUse, UseState
from core.domain.officers import Officer
from core.domain.prepared_papers import PreparedPaper, PreparedState
from core.domain.service_receipts import Receiver, ServiceAct, ServiceMethod
from core.domain.shared_state import Conflict, ConflictState
from core.domain.visits import Visit, VisitState
from core.kernel.errors import Refusal
from core.kernel.progress import Unwatched
from core.kernel.records import Record, changed
from core.services.clerk_queue import Waiting
from core.station import Session
from tests.helpers import builders as b
from tests.helpers.station_town import BODY, Town
from tests.papers.test_photos import photo

NOTICE = DocumentKind.INSPECTION_NOTICE
RECORD = DocumentKind.SCENE_RECORD


class TwoLaptops:
    """One town with an officer's and a clerk's laptop, both with numbers of their own and the same lists."""

    def __init__(self, folder: Path) -> None:
        self.town = Town(folder)
        self.officer, self.clerk = self.town.enrolled("officer"), self.town.enrolled("clerk")
        for session in self.all():
            _lists(session)
            for kind in (NOTICE, RECORD):
                session.sync.request_numbers(BODY, kind, 2026, 10)
            session.sync.run()
        with self.officer.open_work() as work:
            work.table(Visit).put(b.visit(subject=BODY, state=VisitState.APPROVED, address="示例路1号"))

    def all(self) -> Sequence[Session]:
        return self.officer, self.clerk

    def sync(self, *sessions: Session) -> None:
        """Sync one after the other, each with what the ones before it sent."""
        for session in sessions:
            session.sync.run()

    def hand_over(self, kind: DocumentKind = NOTICE, **options: Any) -> PreparedPaper:
        return self.officer.prepared_papers.prepare(kind, "v-1", **options).value

    def even(self) -> None:
        """Sync until every laptop has what the others wrote, and check that all hold the same."""
        self.sync(*self.all(), *self.all())
        for session in self.all():
            said = session.sync.last_statement()
            assert said is not None
            assert (said.equal, session.differing_rows(), session.verify_log().bad) == (True, (), ())


def _lists(session: Session) -> None:
    rows: dict[ListKind, list[Record]] = {
        ListKind.SUBJECTS: [b.subject(name=BODY, agency_abbr="某", complaint_phone="12345")],
        ListKind.ITEMS: [b.item(subject=BODY)],
        ListKind.OFFICERS: [b.officer(1, subject=BODY), b.officer(2, subject=BODY)],
    }
    for kind, found in rows.items():
        made = session.list_files.replace(b.list_version(kind), found, progress=Unwatched(), upsert=False)
        with session.open_work() as work:
            work.table(ListVersion).put(made)
    assert session.reference.where(Subject)
    assert session.reference.where(Item)
    assert session.reference.where(Officer)


@pytest.fixture
def laptops(tmp_path: Path) -> Iterator[TwoLaptops]:
    made = TwoLaptops(tmp_path)
    yield made
    made.town.close()


def papers_at(session: Session) -> dict[str, Document]:
    return {one.id: one for one in session.documents.of_visit("v-1")}


def prepared_at(session: Session) -> PreparedPaper:
    (found,) = session.prepared_papers.of_visit("v-1")
    return found


def waits(session: Session) -> list[Waiting]:
    return [line.waiting for line in session.batch.queue()]


def uses(session: Session) -> list[NumberUse]:
    with session.read_work() as work:
        return list(work.table(NumberUse).where())


def test_a_prepared_paper_comes_back_final_printed_and_served(laptops: TwoLaptops) -> None:
    officer, clerk = laptops.officer, laptops.clerk
    paper = laptops.hand_over(note="请尽快盖章")
    assert waits(clerk) == []
    laptops.sync(officer, clerk)
    (line,) = clerk.batch.queue()
    assert (line.waiting, line.prepared, line.note) == (Waiting.TO_MAKE, paper.id, "请尽快盖章")
    assert clerk.prepared_papers.preview(paper.id).startswith(b"%PDF")

    (made,) = clerk.batch.make([paper.id]).value.papers
    block = next(one.block for one in clerk.numbers.reports() if one.block.kind is NOTICE)
    (use,) = uses(clerk)
    assert (use.block, use.document, use.text) == (block.id, made.document, made.number)
    files = clerk.batch.files([made.document])
    clerk.batch.printed(files)
    scan = clerk.blobs.put(b"%PDF scanned back with the seal")
    signed = clerk.documents.form(NOTICE, BODY).signatures
    for role in (one.role for one in signed if one.required):
        sign(clerk, made.document, role, scan)
    act = ServiceAct(
        method=ServiceMethod.DIRECT,
        at=laptops.town.clock.now(),
        receiver=Receiver.LEGAL_REPRESENTATIVE,
        receiver_name="张三",
        servers=("执法员1", "执法员2"),
        media=(scan,),
    )
    clerk.service.serve(made.document, act)

    laptops.even()
    seen = papers_at(officer)[made.document]
    assert (seen.state, seen.number, len(seen.printed_at)) == (DocumentState.SERVED, made.number, 1)
    assert prepared_at(officer).state is PreparedState.FINAL
    assert officer.blobs.get(seen.pdf_blob) == files[0].content
    assert officer.service.of_document(seen.id)[0].served_on is not None
    assert uses(officer) == []
    assert waits(clerk) == waits(officer) == []


def sign(session: Session, document: str, role: str, scan: str) -> None:
    session.documents.sign(document, role, Signature(role=role, name="某", media=(scan,)))


def test_a_record_with_photos_is_drawn_at_the_clerks_from_the_photos_of_the_officer(laptops: TwoLaptops) -> None:
    officer, clerk = laptops.officer, laptops.clerk
    with officer.open_work() as work:
        before = work.table(Visit).get("v-1")
        now = laptops.town.clock.now()
        told = changed(before, rights_told_at=now, recusal_asked=False, person_met=b.person(), measures="无")
        work.table(Visit).put(changed(told, state=VisitState.INSPECTING, inspecting_at=now))
    shot = officer.evidence.attach("v-1", photo("red", (40, 30)), file_name="a.jpg", proves="货架").value
    paper = laptops.hand_over(RECORD, entered={"findings": (("项", "点", "合格", ""),)})
    laptops.sync(officer, clerk)
    assert clerk.blobs.get(shot.blob) == officer.blobs.get(shot.blob)
    made = clerk.prepared_papers.make(paper.id).value
    assert shot.blob in clerk.blobs.get(made.facts_blob).decode()


def test_sent_back_and_withdrawn_flow_to_the_other_laptop(laptops: TwoLaptops) -> None:
    officer, clerk = laptops.officer, laptops.clerk
    paper = laptops.hand_over()
    laptops.sync(officer, clerk)
    clerk.prepared_papers.send_back(paper.id, "请补充检查依据")
    laptops.sync(clerk, officer)
    back = prepared_at(officer)
    assert (back.state, back.reason) == (PreparedState.RETURNED, "请补充检查依据")
    with pytest.raises(Refusal) as refusal:
        officer.prepared_papers.withdraw(paper.id)
    assert refusal.value.code == "prepared.not_waiting"
    laptops.even()


def test_two_stations_that_made_it_final_keep_both_numbers_until_a_person_decides(laptops: TwoLaptops) -> None:
    officer, clerk = laptops.officer, laptops.clerk
    paper = laptops.hand_over()
    laptops.sync(officer, clerk)
    here, there = officer.prepared_papers.make(paper.id).value, clerk.prepared_papers.make(paper.id).value
    assert here.number != there.number
    laptops.even()
    for session in laptops.all():
        assert set(papers_at(session)) == set(prepared_at(session).documents) == {here.id, there.id}
        assert waits(session) == [Waiting.TO_DECIDE, Waiting.TO_DECIDE]
        (doubt,) = session.sync.conflicts()
        assert set(doubt.others) == {here.id, there.id}
        assert session.sync.clashes() == ()
        with pytest.raises(Refusal) as refusal:
            session.sync.settle(doubt.id, "知道了")
        assert refusal.value.code == "prepared.decide_first"
        with pytest.raises(Refusal) as refusal:
            session.batch.files([here.id])
        assert refusal.value.code == "prepared.decide_first"

    # The officer decides that the clerk's paper stays: the officer's own number is voided here, nothing at the clerk's.
    clerk.prepared_papers.keep(paper.id, there.id, "内勤已盖章")
    laptops.even()
    for session in laptops.all():
        states = {key: one.state for key, one in papers_at(session).items()}
        assert states[here.id] is DocumentState.SPOILED
        assert states[there.id] is not DocumentState.SPOILED
        assert session.sync.conflicts() == ()
        assert all(report.gaps == () for report in session.numbers.reports())
    assert [(one.state, one.reason) for one in uses(officer)] == [(UseState.VOID, "内勤已盖章")]
    assert [one.state for one in uses(clerk)] == [UseState.TAKEN]


def test_made_at_one_and_withdrawn_at_the_other_waits_for_a_person(laptops: TwoLaptops) -> None:
    officer, clerk = laptops.officer, laptops.clerk
    paper = laptops.hand_over()
    laptops.sync(officer, clerk)
    made = clerk.prepared_papers.make(paper.id).value
    officer.prepared_papers.withdraw(paper.id, "企业停业")
    laptops.even()
    (clash,) = officer.sync.clashes()
    assert (clash.family, {side.value for side in clash.sides}) == ("prepared_paper", {"final", "withdrawn"})
    taken = next(side for side in clash.sides if side.value == "withdrawn")
    officer.sync.resolve("prepared_paper", paper.id, {taken.field: taken.entry}, "企业停业属实")
    laptops.even()
    assert waits(clerk) == [Waiting.TO_DECIDE]
    clerk.prepared_papers.keep(paper.id, "", "企业停业属实")
    laptops.even()
    assert papers_at(officer)[made.id].state is DocumentState.SPOILED
    assert [one.state for one in uses(clerk)] == [UseState.VOID]
    assert officer.sync.conflicts() == clerk.sync.conflicts() == ()
    with clerk.read_work() as work:
        assert [one.state for one in work.table(Conflict).where()] == [ConflictState.SETTLED]
