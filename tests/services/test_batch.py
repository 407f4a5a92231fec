"""Many papers at once: a hundred notices, a cancel and a second run, the print log, copies, the queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.domain.documents import CodeImage, Document, DocumentFacts, DocumentKind, DocumentState, Signature
from core.domain.numbers import NumberUse
from core.domain.print_log import PrintRun
from core.domain.service_receipts import Receiver, ServiceAct, ServiceMethod
from core.domain.visits import Visit, VisitKind, VisitState
from core.kernel.errors import Refusal
from core.kernel.progress import Stoppable
from core.kernel.records import changed
from core.papers.merge import merged, page_count
from core.services.batch import Batch, BatchDocuments, Outcome, Sort, monday_of
from core.services.clerk_queue import Waiting
from core.services.document_wording import Forms
from core.services.paper_tools import PaperTools
from core.services.prepared_papers import PreparedPapers
from core.services.service import PaperService
from tests.helpers import builders as b
from tests.services.paper_desk import Desk, certificate_sha256, draw, image_of, make_code, seal

MONDAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 1, tzinfo=UTC)


def tiny(of: DocumentFacts, code: CodeImage | None, photos: Mapping[str, bytes]) -> bytes:
    return b"%PDF tiny " + of.sha256().encode()


class BatchDesk(Desk):
    """The desk of papers with a batch; real drawing only where a test asks for it."""

    def __init__(self, *, is_real: bool = False) -> None:
        super().__init__()
        self.drawn = 0
        self.is_real = is_real
        tools = PaperTools(
            draw=draw if is_real else tiny,
            check=lambda _facts: None,
            is_picture=lambda _content: True,
            make_code=make_code,
            image_of=image_of if is_real else lambda text: CodeImage(text=text, matrix=()),
            sign_pdf=seal if is_real else lambda pdf, _at: pdf,
            certificate_sha256=certificate_sha256(),
        )
        self.papers = BatchDocuments(
            self.open_work,
            self.reference,
            self.blobs,
            self.clock,
            forms=Forms(),
            numbers=self.numbers,
            tools=tools,
            station="站",
        )
        self.batch = Batch(
            self.open_work,
            self.reference,
            self.clock,
            b.account(),
            self.papers,
            PreparedPapers(self.open_work, self.clock, self.papers, station="站"),
            finish_many=self._finish,
            merge=lambda files, title, at: merged(files, title=title, at=at) if is_real else b"".join(files),
        )

    def _finish(self, jobs: Sequence[tuple[DocumentFacts, CodeImage]]) -> Iterator[bytes]:
        for facts, image in jobs:
            self.drawn += 1
            yield seal(draw(facts, image, {}), facts.issued_at) if self.is_real else tiny(facts, image, {})

    def plan(self, count: int, **fields: Any) -> None:
        with self.open_work() as work:
            for number in range(count):
                base = b.visit(
                    id=f"w-{number:03}",
                    state=VisitState.APPROVED,
                    enterprise_name=f"示例企业{number:03}",
                    address=f"岳麓区示例路{number % 7}号",
                    officers=(f"officer-{number % 2 + 1}", "officer-2"),
                    planned_from=NINE + timedelta(hours=number % 5, days=number % 5),
                    planned_to=NINE + timedelta(days=6),
                )
                work.table(Visit).put(changed(base, **fields))


def test_a_hundred_notices_are_issued_in_one_batch_and_each_once() -> None:
    desk = BatchDesk()
    desk.plan(100)
    progress = Stoppable()
    report = desk.batch.notices(date(2026, 11, 26), progress=progress).value
    assert (report.week_of, report.total, len(report.papers)) == (MONDAY, 100, 100)
    assert {one.outcome for one in report.papers} == {Outcome.ISSUED}
    assert len({one.number for one in report.papers}) == len(set(report.documents())) == 100
    assert all(one.pdf_blob for one in desk.store.all(Document))
    assert (desk.drawn, progress.done, progress.total) == (100, 200, 200)


def test_a_second_run_issues_and_draws_nothing() -> None:
    desk = BatchDesk()
    desk.plan(12)
    first = desk.batch.notices(MONDAY).value
    second = desk.batch.notices(MONDAY).value
    assert second.documents() == first.documents()
    assert {one.outcome for one in second.papers} == {Outcome.REUSED}
    assert (len(desk.store.all(NumberUse)), desk.drawn) == (12, 12)


class StopsAt(Stoppable):
    """Asks to stop at one step."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def step(self, done: int, total: int | None = None, note: str = "") -> None:
        self.stop = done >= self.place
        super().step(done, total, note)


@pytest.mark.parametrize(("place", "issued", "drawn"), [(0, 0, 0), (7, 7, 0), (30, 20, 10), (40, 20, 20)])
def test_what_was_issued_before_a_cancel_stays_and_the_next_run_goes_on(place: int, issued: int, drawn: int) -> None:
    desk = BatchDesk()
    desk.plan(20)
    stopped = desk.batch.notices(MONDAY, progress=StopsAt(place)).value
    assert stopped.is_cancelled
    assert len(stopped.documents()) == len(desk.store.all(Document)) == issued
    assert sum(bool(one.pdf_blob) for one in desk.store.all(Document)) == drawn
    again = desk.batch.notices(MONDAY).value
    assert not again.is_cancelled
    assert len(again.documents()) == len(desk.store.all(NumberUse)) == 20
    assert set(stopped.documents()) <= set(again.documents())
    assert all(one.pdf_blob for one in desk.store.all(Document))


def test_only_the_weeks_visits_of_the_own_body_are_taken() -> None:
    desk = BatchDesk()
    desk.plan(1)
    sunday_late, next_monday = datetime(2026, 11, 29, 15, 59, tzinfo=UTC), datetime(2026, 11, 29, 16, tzinfo=UTC)
    with desk.open_work() as work:
        base = b.visit(state=VisitState.NOTIFIED)
        work.table(Visit).put(changed(base, id="late", planned_from=sunday_late))
        work.table(Visit).put(changed(base, id="after", planned_from=next_monday))
        work.table(Visit).put(changed(base, id="other", planned_from=NINE, subject="别的局"))
        work.table(Visit).put(changed(base, id="begun", planned_from=NINE, state=VisitState.INSPECTING))
        work.table(Visit).put(changed(base, id="help", planned_from=NINE, kind=VisitKind.NON_INSPECTION))
    assert {visit.id for visit in desk.batch.planned(MONDAY)} == {"w-000", "late"}


def test_a_visit_without_approval_is_skipped_and_told() -> None:
    desk = BatchDesk()
    desk.plan(2)
    desk.plan(1, state=VisitState.DRAFT)
    skipped, issued = sorted(desk.batch.notices(MONDAY).value.papers, key=lambda one: one.visit)
    assert (skipped.outcome, skipped.fault, skipped.document) == (Outcome.SKIPPED, "batch.not_approved", "")
    assert issued.outcome is Outcome.ISSUED


def test_one_refused_notice_does_not_stop_the_others() -> None:
    desk = BatchDesk()
    desk.plan(3)
    with desk.open_work() as work:
        work.table(Visit).put(changed(work.table(Visit).get("w-001"), items=(), enterprise_name=""))
    papers = {one.visit: one for one in desk.batch.notices(MONDAY).value.papers}
    assert papers["w-001"].fault == "documents.field_missing"
    assert [papers[key].outcome for key in ("w-000", "w-002")] == [Outcome.ISSUED, Outcome.ISSUED]


def test_a_spoiled_notice_is_issued_anew() -> None:
    desk = BatchDesk()
    desk.plan(1)
    (first,) = desk.batch.notices(MONDAY).value.documents()
    desk.papers.spoil(first, "打印错误")
    (second,) = desk.batch.notices(MONDAY).value.papers
    assert (second.outcome, second.document != first) == (Outcome.ISSUED, True)


def test_papers_lie_by_address_or_by_officer() -> None:
    desk = BatchDesk()
    desk.plan(14)
    by_route = [visit.address for visit in desk.batch.planned(MONDAY, Sort.ROUTE)]
    by_officer = [visit.officers[0] for visit in desk.batch.planned(MONDAY, Sort.OFFICER)]
    assert by_route == sorted(by_route)
    assert by_officer == sorted(by_officer)


def test_the_print_log_says_who_when_and_how_many_and_a_reprint_is_a_copy() -> None:
    desk = BatchDesk()
    desk.plan(3)
    wanted = desk.batch.notices(MONDAY).value.documents()
    first = desk.batch.files(wanted)
    assert [file.is_copy for file in first] == [False, False, False]
    run = desk.batch.printed(first, copies=2, week_of=MONDAY).value
    assert (run.by, run.at, [paper.copies for paper in run.papers]) == ("officer-1", desk.clock.now(), [2, 2, 2])
    again = desk.batch.files(wanted[:1])
    assert again[0].is_copy
    assert again[0].content != first[0].content
    desk.batch.printed(again)
    assert [[paper.is_copy for paper in one.papers] for one in desk.batch.print_log()] == [[True], [False] * 3]
    assert len(desk.store.all(PrintRun)) == 2


def test_files_are_named_by_place_number_and_party() -> None:
    desk = BatchDesk()
    desk.plan(1, enterprise_name="坏/名:字*公司")
    (file,) = desk.batch.files(desk.batch.notices(MONDAY).value.documents())
    assert file.name == "001 湘新市监检通〔2026〕1号 坏_名_字_公司.pdf"


@pytest.mark.parametrize("copies", [0, 51])
def test_an_odd_number_of_sets_is_refused(copies: int) -> None:
    desk = BatchDesk()
    desk.plan(1)
    files = desk.batch.files(desk.batch.notices(MONDAY).value.documents())
    with pytest.raises(Refusal) as refused:
        desk.batch.printed(files, copies=copies)
    assert refused.value.code == "batch.copies_out_of_range"
    assert desk.store.all(PrintRun) == []


def test_nothing_to_print_is_told() -> None:
    with pytest.raises(Refusal) as refused:
        BatchDesk().batch.one_file(())
    assert refused.value.code == "batch.nothing"


def test_the_clerks_queue_goes_from_print_to_signature_to_service() -> None:
    desk = BatchDesk()
    desk.plan(1)
    (wanted,) = desk.batch.notices(MONDAY).value.documents()
    seen = [desk.batch.queue()[0].waiting]
    desk.batch.printed(desk.batch.files([wanted]))
    seen.append(desk.batch.queue()[0].waiting)
    desk.papers.sign(wanted, "receiver", Signature(role="receiver", name="王五", media=("ab" * 32,)))
    seen.append(desk.batch.queue()[0].waiting)
    given = ServiceAct(
        method=ServiceMethod.DIRECT, at=desk.clock.now(), receiver=Receiver.AGENT, receiver_name="王五",
        servers=("张三",), media=("ab" * 32,),
    )  # fmt: skip
    PaperService(desk.open_work, desk.clock, desk.papers).serve(wanted, given)
    assert seen == [Waiting.TO_PRINT, Waiting.TO_SIGN, Waiting.TO_SERVE]
    assert desk.batch.queue() == ()


def test_other_bodies_papers_are_not_in_the_queue() -> None:
    desk = BatchDesk()
    desk.issue()
    with desk.open_work() as work:
        work.table(Visit).put(changed(work.table(Visit).get("v-1"), subject="别的局"))
    assert desk.batch.queue() == ()
    assert desk.store.all(Document)[0].kind is DocumentKind.INSPECTION_NOTICE


def test_real_papers_of_a_batch_are_genuine_and_make_one_file() -> None:
    desk = BatchDesk(is_real=True)
    desk.plan(2)
    wanted = desk.batch.notices(MONDAY).value.documents()
    files = desk.batch.files(wanted)
    assert [desk.checks.check_file(file.content).verdict for file in files] == ["genuine", "genuine"]
    one = desk.batch.one_file(files)
    assert one == desk.batch.one_file(files)
    assert page_count(one) == sum(page_count(file.content) for file in files)
    assert {one.state for one in desk.store.all(Document)} == {DocumentState.DRAFT}


def test_a_week_begins_on_monday() -> None:
    assert [monday_of(MONDAY + timedelta(days=n)) for n in (0, 6, 7)] == [MONDAY, MONDAY, date(2026, 11, 30)]
