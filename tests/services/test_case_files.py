"""Case files: each point of the check, the export numbered through, and what a changed byte does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import pairwise
from typing import Any

import pikepdf
import pikepdf.pdfa
import pytest
from pdfplumber import open as open_pdf
from PIL import Image

from core.crypto import signing
from core.domain.case_files import CaseContents, Mark, ReviewLine, review
from core.domain.catalog import CalendarDay
from core.domain.documents import Document, DocumentKind, Signature
from core.domain.evidence import Evidence, EvidenceKind
from core.domain.findings import Determined, Finding
from core.domain.gate_settings import GateSettings
from core.domain.lists import ListKind
from core.domain.numbers import Gap
from core.domain.visits import Visit, VisitState
from core.kernel.changes import Done
from core.kernel.errors import Refusal
from core.kernel.records import canonical_bytes, changed, parse_json
from core.services.case_files import CaseExport, CaseFiles
from core.services.deadline_book import RunningDeadlines
from core.services.deadlines import Deadlines
from core.services.service import PaperService
from core.station.case_tools import case_tools
from tests.helpers import builders as b
from tests.helpers.fakes import KIND_OF_ROW
from tests.papers.builders import VALUES
from tests.services.paper_desk import KEY, OTHER_KEY, Desk

KIND_OF_ROW.setdefault(CalendarDay, ListKind.CALENDAR)
PUBLIC = signing.public_key_of(KEY)
SCAN = ("ab" * 32,)


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (80, 60), "gray").save(out, "PNG")
    return out.getvalue()


class CaseDesk(Desk):
    """The desk of papers with a visit that was inspected and closed."""

    def __init__(self) -> None:
        super().__init__()
        day = date(2026, 1, 1)
        self.reference.publish(
            b.list_version(ListKind.CALENDAR, imported_at=b.NOW - timedelta(days=60)),
            [CalendarDay(id=day.isoformat(), day=day, is_working=False)],
        )
        closed = b.visit(
            state=VisitState.CLOSED,
            number="2026-000001",
            address="岳麓区示例路1号",
            approval=b.approval(b.visit()),
            arrived_at=b.NOW,
            inspecting_at=b.NOW,
            rights_told_at=b.NOW,
            recusal_asked=False,
            conclusion="未发现问题",
            person_met=b.person(),
        )
        with self.open_work() as work:
            work.table(Visit).put(closed)
        deadlines = Deadlines(self.reference)
        book = RunningDeadlines(self.open_work, self.reference, self.clock, deadlines, GateSettings())
        self.service = PaperService(self.open_work, self.clock, self.documents)
        self.case_files = CaseFiles(
            self.open_work,
            self.reference,
            self.blobs,
            self.clock,
            documents=self.documents,
            numbers=self.numbers,
            deadlines=book,
            tools=case_tools(lambda m: signing.sign(KEY, m), PUBLIC, lambda: {signing.key_id_of(PUBLIC): PUBLIC}),
            archive=self._archive,
            station="站",
        )

    def _archive(self, visit_id: str) -> Done[Visit]:
        with self.open_work() as work:
            visit = changed(work.table(Visit).get(visit_id), state=VisitState.ARCHIVED)
            work.table(Visit).put(visit)
        return Done(visit)

    def attach(self, name: str = "照片1.png", content: bytes | None = None, **fields: Any) -> Evidence:
        content = content if content is not None else picture()
        piece = Evidence(
            id=f"e-{name}",
            visit="v-1",
            kind=EvidenceKind.PHOTO,
            blob=self.blobs.put(content),
            size_bytes=len(content),
            media_type="image/png",
            file_name=name,
            made_at=b.NOW,
            made_by="officer-1",
            proves="货架现状",
        )
        with self.open_work() as work:
            work.table(Evidence).put(changed(piece, **fields))
        return changed(piece, **fields)

    def record(self) -> Document:
        paper = self.issue(DocumentKind.SCENE_RECORD, entered={"findings": (("食品销售监督检查", "货架", "合格", ""),)})
        for block in paper.signatures:
            signed = Signature(role=block.role, name=block.name or "某", media=SCAN)
            paper = self.documents.sign(paper.id, block.role, signed).value
        return paper

    def points(self) -> dict[str, ReviewLine]:
        return {line.code: line for line in self.case_files.check("v-1")}

    def export(self) -> CaseExport:
        return self.case_files.export("v-1").value

    def verdict(self, of: CaseExport, *, pdf: bytes | None = None, **others: bytes) -> tuple[str, tuple[str, ...]]:
        found = self.case_files.verify(of.manifest_bytes, pdf or of.pdf, of.originals | others)
        return found.verdict, found.reasons


@pytest.fixture
def desk() -> CaseDesk:
    return CaseDesk()


@pytest.fixture
def whole(desk: CaseDesk) -> CaseDesk:
    desk.attach()
    desk.record()
    return desk


def test_a_whole_file_meets_every_point(whole: CaseDesk) -> None:
    assert [line.code for line in whole.points().values() if line.mark is Mark.FAIL] == []
    assert {line.category for line in whole.points().values()} == set(range(1, 11))


def contents(desk: CaseDesk, **fields: Any) -> CaseContents:
    return changed(desk.case_files.contents("v-1"), **fields)


def finding(**fields: Any) -> Finding:
    base = Finding(
        id="f-1", visit="v-1", item="i-1", text="过期食品", breached="第三十四条", found_at=b.NOW, found_by="officer-1"
    )
    return changed(base, **fields)


def determined(**fields: Any) -> Determined:
    base = Determined(
        id="t-1",
        visit="v-1",
        finding="f-1",
        package="p",
        package_sha256="00",
        engine="1",
        proposal="no_penalty",
        result="{}",
        made_at=b.NOW,
        made_by="officer-1",
    )
    return changed(base, **fields)


BROKEN: dict[str, Callable[[CaseDesk], dict[str, Any]]] = {
    "subject_listed": lambda _: {"subject": b.subject(is_listed=False)},
    "two_officers": lambda _: {"officers": (b.officer(1), b.officer(2, cert_to=date(2026, 3, 9)))},
    "approved": lambda desk: {"visit": changed(contents(desk).visit, approval=None)},
    "recorded": lambda _: {"papers": ()},
    "concluded": lambda desk: {"visit": changed(contents(desk).visit, conclusion=" ")},
    "evidence_matches": lambda _: {"evidence": ()},
    "files_there": lambda _: {"blobs_missing": ("ab" * 32,)},
    "cited": lambda _: {"findings": (finding(breached=""),)},
    "items_in_force": lambda _: {"items": (b.item(in_force_to=date(2026, 3, 9)),)},
    "leniency_reasoned": lambda _: {"findings": (finding(),), "determined": (determined(chosen="ordinary"),)},
    "in_order": lambda desk: {"visit": changed(contents(desk).visit, rights_told_at=None)},
    "numbers": lambda _: {"gaps": (Gap(block="x", seq=7, why="no_record"),)},
    "closed": lambda desk: {"visit": changed(contents(desk).visit, state=VisitState.RECORDED)},
}


@pytest.mark.parametrize("code", BROKEN)
def test_each_broken_point_is_found_by_itself(whole: CaseDesk, code: str) -> None:
    broken = contents(whole, **BROKEN[code](whole))
    marks = {line.code: line.mark for line in review(broken)}
    assert marks[code] is Mark.FAIL


def test_an_override_with_its_reason_is_reasoned(whole: CaseDesk) -> None:
    told = determined(chosen="ordinary", override_reason="拒不改正")
    lines = review(contents(whole, findings=(finding(),), determined=(told,)))
    assert {line.code: line.mark for line in lines}["leniency_reasoned"] is Mark.PASS


def test_an_unsigned_paper_and_an_unserved_one_are_found(desk: CaseDesk) -> None:
    desk.record()
    desk.penalty()
    points = desk.points()
    assert points["signed"].mark is points["service"].mark is Mark.FAIL
    assert "当场行政处罚决定书" in points["service"].about[0]


def test_a_remedy_without_a_body_is_a_placeholder_left(desk: CaseDesk) -> None:
    desk.record()
    desk.penalty()
    points = desk.points()
    assert points["no_placeholder"].mark is Mark.FAIL
    assert points["remedy"].mark is Mark.PASS


def test_evidence_that_no_paper_names_is_worth_a_look(whole: CaseDesk) -> None:
    whole.attach("后来.png", picture() + b"later", proves="")
    points = whole.points()
    assert points["evidence_matches"].mark is Mark.WARN
    assert points["evidence_described"].about == ("后来.png",)


def test_an_overdue_duty_is_found(whole: CaseDesk) -> None:
    whole.issue(DocumentKind.PRESERVATION_NOTICE, entered=VALUES)
    whole.clock.at = datetime(2026, 4, 1, tzinfo=UTC)
    assert whole.points()["in_time"].mark is Mark.FAIL


def test_an_incomplete_file_is_filed_only_with_a_reason(desk: CaseDesk) -> None:
    with pytest.raises(Refusal) as refused:
        desk.case_files.archive("v-1")
    assert refused.value.code == "case.incomplete"
    assert "recorded" in str(refused.value.params["points"])
    visit = desk.case_files.archive("v-1", in_spite_of="原件在水灾中灭失").value
    assert visit.state is VisitState.ARCHIVED
    assert "水灾" in visit.remarks[-1].note


def test_a_whole_file_is_filed_without_a_word(whole: CaseDesk) -> None:
    visit = whole.case_files.archive("v-1").value
    assert (visit.state, visit.remarks) == (VisitState.ARCHIVED, ())


def test_the_export_is_one_archive_file_numbered_through(whole: CaseDesk) -> None:
    found = whole.export()
    with pikepdf.open(BytesIO(found.pdf)) as pdf:
        assert pikepdf.pdfa.check(pdf, "2b").verdict == "pass"
    with open_pdf(BytesIO(found.pdf)) as pdf:
        said = [page.extract_text() for page in pdf.pages]
    assert len(said) == found.manifest.pages
    assert all(f"卷内第 {n} 页 共 {len(said)} 页" in page for n, page in enumerate(said, 1))
    roles = [one.role for one in found.manifest.members]
    assert roles == ["cover", "paper", "catalogue", "evidence"]
    with_pages = [one for one in found.manifest.members if one.page_first]
    assert with_pages[0].page_first == 1
    assert all(a.page_last + 1 == c.page_first for a, c in pairwise(with_pages))
    record = with_pages[1]
    assert "现场检查笔录" in said[record.page_first - 1]
    assert "证据目录" in said[with_pages[2].page_first - 1]


def test_the_index_names_the_pages_of_the_file(whole: CaseDesk) -> None:
    found = whole.export()
    record = next(one for one in found.manifest.members if one.role == "paper")
    with open_pdf(BytesIO(found.pdf)) as pdf:
        cover = pdf.pages[0].extract_text()
    assert f"{record.page_first}-{record.page_last}页" in cover or f"{record.page_first}页" in cover


def test_a_second_export_has_one_cover_again(whole: CaseDesk) -> None:
    whole.export()
    again = whole.export()
    assert [one.role for one in again.manifest.members].count("cover") == 1
    assert len([one for one in whole.documents.of_visit("v-1") if one.kind is DocumentKind.COVER_SHEET]) == 2


def test_an_unreadable_photo_is_listed_and_not_shown(desk: CaseDesk) -> None:
    desk.attach("坏.png", b"\x89PNG\r\n\x1a\n broken")
    desk.record()
    found = desk.export()
    assert found.originals[next(one.file for one in found.manifest.members if one.role == "evidence")]


def test_what_was_exported_is_genuine(whole: CaseDesk) -> None:
    found = whole.export()
    assert whole.verdict(found) == ("genuine", ())
    assert found.manifest.failed_points == ()


def test_a_changed_byte_anywhere_is_found_and_named(whole: CaseDesk) -> None:
    found = whole.export()
    assert whole.verdict(found, pdf=found.pdf + b" ") == ("altered", ("file_altered case.pdf",))
    for name, content in found.originals.items():
        verdict, reasons = whole.verdict(found, **{name: content[:-1] + bytes([content[-1] ^ 1])})
        assert (verdict, reasons) == ("altered", (f"file_altered {name}",))


def test_a_missing_original_is_incomplete_and_never_genuine(whole: CaseDesk) -> None:
    found = whole.export()
    check = whole.case_files.verify(found.manifest_bytes, found.pdf, {})
    assert check.verdict == "incomplete"
    assert len(check.reasons) == len(found.originals)
    assert whole.case_files.verify(found.manifest_bytes, found.pdf, {}, with_originals=False).verdict == "genuine"
    assert whole.case_files.verify(found.manifest_bytes, None, {}, with_originals=False).verdict == "incomplete"


def test_a_rewritten_manifest_does_not_pass(whole: CaseDesk) -> None:
    found = whole.export()
    plain = parse_json(found.manifest_bytes)
    plain["manifest"]["pages"] += 1
    assert whole.case_files.verify(canonical_bytes(plain), found.pdf, found.originals).reasons == ("manifest_altered",)
    assert whole.case_files.verify(b"{}", found.pdf, {}).reasons == ("manifest_unreadable",)
    assert whole.case_files.verify(b"no json", found.pdf, {}).verdict == "altered"


def test_an_unknown_station_is_unknown_and_never_genuine(whole: CaseDesk) -> None:
    found = whole.export()
    plain = parse_json(found.manifest_bytes)
    plain["key_id"] = signing.key_id_of(signing.public_key_of(OTHER_KEY)).hex()
    assert whole.case_files.verify(canonical_bytes(plain), found.pdf, found.originals).verdict == "unknown"


def test_a_visit_without_papers_has_no_file(desk: CaseDesk) -> None:
    with pytest.raises(Refusal) as refused:
        desk.export()
    assert refused.value.code == "case.empty"
