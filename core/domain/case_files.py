"""The case file (案卷): what stands in it, what a review would find, and the manifest that proves it unchanged.

The ten categories are our reading of domain.md 6.1; the article behind them is not itemised, so a file that passes is
complete by our own list and nothing more. A check never says that the law was applied rightly: people judge that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum

from core.domain.catalog import Item, Subject
from core.domain.deadline_book import DeadlineLine, LineState, Whose
from core.domain.documents import Document, DocumentFacts, DocumentKind, DocumentState, missing_signatures
from core.domain.evidence import Evidence, EvidenceKind
from core.domain.findings import Determined, Finding
from core.domain.numbers import Gap
from core.domain.officers import Officer, certificate_holds
from core.domain.service_receipts import ServiceReceipt, ServiceState
from core.domain.visits import Visit, VisitKind, VisitState
from core.kernel.clock import local_date
from core.kernel.records import Record, to_plain

K = DocumentKind
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
# A form's own slots, and what the remedy generator prints for a body that is not configured.
_PLACEHOLDER = re.compile(r"\{[a-z_]+\}|（复议机关）|[×Ｘ]{2,}|_{3,}|XX+")
_LENIENT = frozenset({"no_penalty", "light", "mitigate"})
_WITH_REMEDY = frozenset({K.SUMMARY_PENALTY, K.PENALTY_DECISION, K.NO_PENALTY_DECISION, K.SEALING_DECISION})
_SERVED = frozenset(
    {
        K.INSPECTION_NOTICE,
        K.RESULT_LETTER,
        K.ORDER_TO_CORRECT,
        K.SUMMARY_PENALTY,
        K.PRESERVATION_NOTICE,
        K.PRESERVATION_DISPOSAL,
        K.SEALING_DECISION,
        K.SEALING_EXTENSION,
        K.PRIOR_NOTICE,
        K.PENALTY_DECISION,
        K.NO_PENALTY_DECISION,
    }
)
_OFFICERS_MIN = 2


class Mark(StrEnum):
    """PASS, WARN (look at it), FAIL (a review would find it)."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"


class ReviewLine(Record):
    """One point of the check. `category` is 1 to 10 of domain.md 6.1; words: `case.point.<code>`."""

    category: int
    code: str
    mark: Mark
    about: tuple[str, ...] = ()
    """What it concerns: titles, numbers, file names."""


class Filed(Record):
    """One paper with what it says."""

    document: Document
    facts: DocumentFacts


class CaseContents(Record):
    """Everything a review of one visit reads, loaded once."""

    visit: Visit
    subject: Subject | None
    items: tuple[Item, ...]
    officers: tuple[Officer, ...]
    papers: tuple[Filed, ...]
    """Spoiled ones and covers are left out."""
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    determined: tuple[Determined, ...]
    receipts: tuple[ServiceReceipt, ...]
    deadlines: tuple[DeadlineLine, ...]
    gaps: tuple[Gap, ...] = ()
    """Unexplained numbers in the blocks that the papers took theirs from."""
    blobs_missing: tuple[str, ...] = ()

    def of(self, *kinds: DocumentKind) -> tuple[Filed, ...]:
        """Return the papers of the kinds."""
        return tuple(one for one in self.papers if one.document.kind in kinds)


Found = tuple[Mark, tuple[str, ...]]


def review(contents: CaseContents) -> tuple[ReviewLine, ...]:
    """Return every point of the check, in the order of the categories."""
    return tuple(_line(category, code, check(contents)) for category, code, check in _CHECKS)


def failed(lines: tuple[ReviewLine, ...]) -> tuple[ReviewLine, ...]:
    """Return the points that a review would find."""
    return tuple(line for line in lines if line.mark is Mark.FAIL)


def _line(category: int, code: str, found: Found) -> ReviewLine:
    return ReviewLine(category=category, code=code, mark=found[0], about=found[1])


def _fail_on(about: list[str]) -> Found:
    return (Mark.FAIL if about else Mark.PASS, tuple(dict.fromkeys(about)))


def _warn_on(about: list[str]) -> Found:
    return (Mark.WARN if about else Mark.PASS, tuple(dict.fromkeys(about)))


def _is_inspection(contents: CaseContents) -> bool:
    return contents.visit.kind is not VisitKind.NON_INSPECTION and contents.visit.inspecting_at is not None


def _day(contents: CaseContents) -> date:
    visit = contents.visit
    return local_date(visit.inspecting_at or visit.arrived_at or visit.planned_from)


def _title(filed: Filed) -> str:
    return f"{filed.document.title} {filed.document.number}".strip()


def _subject_listed(contents: CaseContents) -> Found:
    is_listed = contents.subject is not None and contents.subject.is_listed
    return _fail_on([] if is_listed else [contents.visit.subject])


def _two_officers(contents: CaseContents) -> Found:
    """Source: 行政处罚法 art. 42, domain.md 1.3."""
    on = _day(contents)
    certified = [one for one in contents.officers if certificate_holds(one, on=on)]
    if len(certified) >= _OFFICERS_MIN:
        return Mark.PASS, ()
    return Mark.FAIL, tuple(one.name for one in contents.officers if one not in certified) or ("-",)


def _approved(contents: CaseContents) -> Found:
    visit = contents.visit
    is_needed = visit.kind is not VisitKind.NON_INSPECTION
    return _fail_on([visit.number or visit.id] if is_needed and visit.approval is None else [])


def _case_filed(contents: CaseContents) -> Found:
    """An ordinary penalty wants its filing form first (行政处罚法 art. 54(2))."""
    needed = contents.of(K.PENALTY_DECISION)
    return _fail_on([_title(one) for one in needed] if needed and not contents.of(K.CASE_FILING_FORM) else [])


def _recorded(contents: CaseContents) -> Found:
    is_missing = _is_inspection(contents) and not contents.of(K.SCENE_RECORD)
    return _fail_on([contents.visit.number or contents.visit.id] if is_missing else [])


def _concluded(contents: CaseContents) -> Found:
    is_missing = _is_inspection(contents) and not contents.visit.conclusion.strip()
    return _fail_on([contents.visit.number or contents.visit.id] if is_missing else [])


def _evidence_matches(contents: CaseContents) -> Found:
    """Every hash that a paper names is attached, and every attached piece is named by a paper."""
    rows = (row for one in contents.papers for block in one.facts.blocks for row in block.rows)
    named = {found for row in rows for cell in row for found in _HASH.findall(cell)}
    lost = sorted(named - {one.blob for one in contents.evidence})
    if lost:
        return Mark.FAIL, tuple(one[:12] for one in lost)
    unnamed = [one for one in contents.evidence if one.blob not in named and one.kind is not EvidenceKind.SCAN_BACK]
    return _warn_on([one.file_name or one.id for one in unnamed])


def _files_there(contents: CaseContents) -> Found:
    return _fail_on([one[:12] for one in contents.blobs_missing])


def _evidence_described(contents: CaseContents) -> Found:
    """Source: 行诉证据规定 arts 10-12: what a piece proves and who made it."""
    wanting = [one for one in contents.evidence if one.kind is not EvidenceKind.SCAN_BACK and not one.proves.strip()]
    return _warn_on([one.file_name or one.id for one in wanting])


def _cited(contents: CaseContents) -> Found:
    bare = [one.text for one in contents.findings if not one.breached.strip()]
    return _fail_on([*bare, *(item.name for item in contents.items if not item.legal_basis)])


def _items_in_force(contents: CaseContents) -> Found:
    on = _day(contents)
    return _fail_on([item.name for item in contents.items if not _in_force(item, on)])


def _in_force(item: Item, on: date) -> bool:
    begun = item.in_force_from is None or item.in_force_from <= on
    return begun and (item.in_force_to is None or on <= item.in_force_to)


def _leniency_reasoned(contents: CaseContents) -> Found:
    """Leniency needs its reasons, and so does another outcome than the proposal (domain.md 6.1 category 6)."""
    newest = {one.finding: one for one in contents.determined}
    about: list[str] = []
    for finding in contents.findings:
        one = newest.get(finding.id)
        if one is None:
            continue
        outcome = one.chosen or one.proposal
        is_silent = bool(one.chosen) and one.chosen != one.proposal and not one.override_reason.strip()
        if is_silent or (outcome in _LENIENT and not one.result.strip()):
            about.append(finding.text)
    about += [_title(one) for one in contents.of(K.NO_PENALTY_DECISION) if not _names_its_article(one)]
    return _fail_on(about)


def _names_its_article(filed: Filed) -> bool:
    """Tell whether a decision not to punish names the article that it rests on (行政处罚法 arts 30-33, 57)."""
    said = "".join(texts(filed.facts))
    return any(f"第{number}条" in said for number in ("三十", "三十一", "三十二", "三十三", "五十七"))


def _in_order(contents: CaseContents) -> Found:
    """Approval before entry, rights before the record, prior notice before the decision (arts 44, 54, 55)."""
    visit, about = contents.visit, []
    if visit.approval and visit.arrived_at and not visit.oral_report and visit.approval.approved_at > visit.arrived_at:
        about.append("approval")
    if _is_inspection(contents) and visit.rights_told_at is None:
        about.append("rights_told")
    notices = [one.document.made_at for one in contents.of(K.PRIOR_NOTICE)]
    late = [one for one in contents.of(K.PENALTY_DECISION) if not any(at < one.document.made_at for at in notices)]
    return _fail_on([*about, *(_title(one) for one in late)])


def _in_time(contents: CaseContents) -> Found:
    late = [one for one in contents.deadlines if one.state is LineState.OVERDUE and one.whose is Whose.BODY]
    return _fail_on([f"{one.title} {one.due_on or ''}".strip() for one in late])


def _dates_hold(contents: CaseContents) -> Found:
    """Printed days that a later calendar moved, and days that no calendar gives yet."""
    doubtful = [one for one in contents.deadlines if one.printed_on is not None or one.state is LineState.UNKNOWN]
    return _warn_on([f"{one.title} {one.printed_on or ''}".strip() for one in doubtful])


def _signed(contents: CaseContents) -> Found:
    """A paper left or posted carries no receiver's signature; its proof of service stands for it."""
    proven = _proven(contents)
    return _fail_on(
        [
            _title(one)
            for one in contents.papers
            if one.document.kind is not K.FINE_RECEIPT
            and any(
                block.role != "receiver" or one.document.id not in proven
                for block in missing_signatures(one.document.signatures)
            )
        ]
    )


def _proven(contents: CaseContents) -> frozenset[str]:
    return frozenset(one.document for one in contents.receipts if one.state is ServiceState.PROVEN)


def _numbers(contents: CaseContents) -> Found:
    return _fail_on([f"{gap.seq}" for gap in contents.gaps])


def _final(contents: CaseContents) -> Found:
    return _fail_on([_title(one) for one in contents.papers if one.facts.is_draft])


def _no_placeholder(contents: CaseContents) -> Found:
    return _fail_on([_title(one) for one in contents.papers if any(map(_PLACEHOLDER.search, texts(one.facts)))])


def _form_verified(contents: CaseContents) -> Found:
    return _warn_on([_title(one) for one in contents.papers if one.facts.is_form_unverified])


def _remedy(contents: CaseContents) -> Found:
    """Source: 行政复议法 arts 20, 23 (domain.md 2.4): a missing line is a costly defect."""
    return _fail_on([_title(one) for one in contents.of(*_WITH_REMEDY) if not _tells_remedy(one)])


def _tells_remedy(filed: Filed) -> bool:
    said = "".join(texts(filed.facts))
    has_way = "60日" in said and "行政复议" in said
    return has_way and (filed.document.kind is not K.SUMMARY_PENALTY or "先向" in said)


def _service(contents: CaseContents) -> Found:
    proven = _proven(contents)
    return _fail_on([_title(one) for one in contents.of(*_SERVED) if one.document.id not in proven])


def _closed(contents: CaseContents) -> Found:
    done = {VisitState.CLOSED, VisitState.ARCHIVED, VisitState.REFUSED, VisitState.ABORTED}
    return _fail_on([] if contents.visit.state in done else [contents.visit.number or contents.visit.id])


def _drawn(contents: CaseContents) -> Found:
    undrawn = [one for one in contents.papers if not one.document.pdf_blob]
    return _fail_on([_title(one) for one in undrawn if one.document.kind is not K.FINE_RECEIPT])


_CHECKS: tuple[tuple[int, str, Callable[[CaseContents], Found]], ...] = (
    (1, "subject_listed", _subject_listed),
    (1, "two_officers", _two_officers),
    (2, "approved", _approved),
    (2, "case_filed", _case_filed),
    (3, "recorded", _recorded),
    (3, "concluded", _concluded),
    (4, "evidence_matches", _evidence_matches),
    (4, "files_there", _files_there),
    (4, "evidence_described", _evidence_described),
    (5, "cited", _cited),
    (5, "items_in_force", _items_in_force),
    (6, "leniency_reasoned", _leniency_reasoned),
    (7, "in_order", _in_order),
    (8, "in_time", _in_time),
    (8, "dates_hold", _dates_hold),
    (9, "signed", _signed),
    (9, "numbers", _numbers),
    (9, "final", _final),
    (9, "no_placeholder", _no_placeholder),
    (9, "form_verified", _form_verified),
    (9, "remedy", _remedy),
    (9, "service", _service),
    (10, "drawn", _drawn),
    (10, "closed", _closed),
)


def texts(facts: DocumentFacts) -> tuple[str, ...]:
    """Return everything that the body of a paper says."""
    return tuple(_strings(to_plain(facts.blocks)))


def _strings(plain: object) -> Iterator[str]:
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        for value in plain.values():
            yield from _strings(value)
    elif isinstance(plain, (list, tuple)):
        for value in plain:
            yield from _strings(value)


def live(documents: tuple[Document, ...]) -> tuple[Document, ...]:
    """Return the papers of a file in the order in which they were made; spoiled ones and covers are left out."""
    return tuple(one for one in documents if one.state is not DocumentState.SPOILED and one.kind is not K.COVER_SHEET)
