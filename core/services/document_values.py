"""What a paper's fields say, read from the visit: the officer corrects or completes it, and never types it twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.domain.catalog import Item, Subject
from core.domain.checklists import Answer, Verdict
from core.domain.document_forms import Form, Value
from core.domain.documents import Document, DocumentKind, DocumentState, Signature, printed_date, printed_time
from core.domain.evidence import Evidence
from core.domain.findings import Determined, Finding
from core.domain.officers import Officer
from core.domain.visits import EntryPath, Visit, VisitKind
from core.kernel.clock import local, local_date
from core.kernel.records import Record
from core.services.ports import R, Reference, Work

_KIND_WORDS = {
    VisitKind.ROUTINE: "日常检查",
    VisitKind.SPECIAL: "专项检查",
    VisitKind.CASE: "个案检查",
    VisitKind.FOLLOW_UP: "复查",
    VisitKind.NON_INSPECTION: "非检查入企",
}
_OFFICER_ROLES = frozenset({"officer", "server"})
_VERDICT_WORDS = {
    Verdict.PASS: "合格",
    Verdict.FAIL: "不合格",
    Verdict.NOT_APPLICABLE: "不适用",
    Verdict.NOT_CHECKED: "未查",
}
_TOLD = (
    "检查人员向被检查人出示了行政执法证件，告知了检查事项、依据，"
    "以及陈述、申辩、申请回避的权利和如实提供资料、协助检查的义务"
)


class VisitPapers(Record):
    """All that papers read of one visit, loaded once."""

    visit: Visit
    subject: Subject | None
    items: tuple[Item, ...]
    officers: tuple[Officer, ...]
    findings: tuple[Finding, ...]
    answers: tuple[Answer, ...]
    evidence: tuple[Evidence, ...]
    determined: tuple[Determined, ...]
    documents: tuple[Document, ...]
    points: dict[str, str] = {}
    """Texts of the check points by id."""


def load_papers(work: Work, reference: Reference, visit_id: str, points: dict[str, str] | None = None) -> VisitPapers:
    """Load the visit with the lists in the versions that it pins.  Raises Refusal "store.not_found"."""
    visit = work.table(Visit).get(visit_id)

    def rows(row: type[R], kind: str, wanted: Sequence[str]) -> tuple[R, ...]:
        version = visit.list_versions.get(kind)
        found = (reference.find(row, identifier, version=version) for identifier in wanted)
        return tuple(one for one in found if one is not None)

    subjects = reference.where(Subject, version=visit.list_versions.get("subjects"), name=visit.subject)
    return VisitPapers(
        visit=visit,
        subject=subjects[0] if subjects else None,
        items=rows(Item, "items", visit.items),
        officers=rows(Officer, "officers", visit.officers),
        findings=tuple(one for one in work.table(Finding).where(visit=visit_id) if not one.is_void),
        answers=tuple(work.table(Answer).where(visit=visit_id)),
        evidence=tuple(one for one in work.table(Evidence).where(visit=visit_id) if not one.is_void),
        determined=tuple(work.table(Determined).where(visit=visit_id)),
        documents=tuple(work.table(Document).where(visit=visit_id)),
        points=points or {},
    )


def values_of(papers: VisitPapers) -> dict[str, Value]:
    """Return the values that the visit knows; a field it knows nothing of is missing, never guessed."""
    visit = papers.visit
    values: dict[str, Value] = {
        "party_name": visit.enterprise_name,
        "uscc": visit.uscc,
        "address": visit.address,
        "inspection_kind": _KIND_WORDS[visit.kind],
        "task_source": _task_source(visit),
        "items": tuple(item.name for item in papers.items),
        "method": visit.scheme_method,
        "planned_time": f"{printed_time(local(visit.planned_from))}至{printed_time(local(visit.planned_to))}",
        "place": visit.place or visit.address,
        "officers": "、".join(f"{one.name}（{one.cert_no}）" for one in papers.officers),
        "assistant_count": f"{visit.assistants}人",
        "recorder": papers.officers[-1].name if papers.officers else "",
        "visit_number": visit.number or visit.id,
        "conclusion": visit.conclusion,
        "measures": visit.measures,
        "party_opinion": visit.party_opinion,
        "lead_body": visit.subject,
        "server": "、".join(one.name for one in papers.officers),
        "service_place": visit.place or visit.address,
        "file_title": f"{visit.subject}对{visit.enterprise_name}的行政检查",
    }
    basis = tuple(dict.fromkeys(law for item in papers.items for law in item.legal_basis))
    values["legal_basis"] = "、".join(basis)
    if papers.subject is not None:
        values["complaint_phone"] = papers.subject.complaint_phone
        phone = papers.subject.complaint_phone
        values["objection_channel"] = f"拨打监督电话{phone}" if phone else ""
    if visit.approval is not None:
        approval = visit.approval
        values["approval"] = f"同意。{approval.approver_name} {printed_time(local(approval.approved_at))}"
    if visit.oral_report is not None:
        values["urgent_report"] = f"{printed_time(local(visit.oral_report.told_at))}口头报告。{visit.oral_report.note}"
    values |= _on_site(papers) | _of_findings(papers) | _filed(papers)
    return {name: value for name, value in values.items() if value}


def late_reason(visit: Visit) -> str:
    """Return why the visit was registered after the fact, for the 补录 line of every page; empty: it was not."""
    if visit.scan is None or not visit.scan.is_late:
        return ""
    for deviation in visit.deviations:
        if deviation.path is not EntryPath.SCAN:
            words = deviation.note or deviation.reason_code
            return f"{words}（{printed_time(local(visit.scan.scanned_at))}补扫）"
    return f"{printed_time(local(visit.scan.scanned_at))}补扫"


def _task_source(visit: Visit) -> str:
    if visit.trigger_kind is not None:
        words = {"complaint": "投诉举报", "transfer": "转办交办", "data_alert": "数据监测", "application": "企业申请"}
        return f"{words[visit.trigger_kind.value]} {visit.trigger_no}".strip()
    return "年度检查计划" if visit.plan else ""


def _on_site(papers: VisitPapers) -> dict[str, Value]:
    visit = papers.visit
    values: dict[str, Value] = {}
    begun = visit.inspecting_at or visit.arrived_at
    ended = visit.recorded_at
    if begun is not None:
        until = f"至{printed_time(local(ended))}" if ended else ""
        values["inspected_time"] = printed_time(local(begun)) + until
    if visit.person_met is not None:
        met = visit.person_met
        values |= {
            "person_name": met.name,
            "person_post": met.post,
            "person_id": met.id_number,
            "person_phone": met.phone,
        }
    if visit.rights_told_at is not None:
        values["told"] = f"{printed_time(local(visit.rights_told_at))}，{_TOLD}。"
    if visit.recusal_asked is not None:
        values["recusal"] = "申请回避" if visit.recusal_asked else "不申请回避"
    names = {item.id: item.name for item in papers.items}
    values["findings"] = tuple(
        (
            names.get(answer.item, answer.item),
            papers.points.get(answer.point, answer.point),
            _VERDICT_WORDS[answer.verdict] if answer.verdict else "",
            "；".join(part for part in (answer.value, answer.note) if part),
        )
        for answer in papers.answers
    ) or tuple((names.get(one.item, one.item), "", "不合格", one.text) for one in papers.findings)
    values["evidence"] = tuple(
        (str(place), one.file_name or one.kind.value, one.proves, one.blob)
        for place, one in enumerate(papers.evidence, 1)
    )
    return values


def _of_findings(papers: VisitPapers) -> dict[str, Value]:
    findings = papers.findings
    values: dict[str, Value] = {
        "results": tuple((item.name, _result(item, papers)) for item in papers.items),
    }
    if not findings:
        return values
    due = min((one.correct_by for one in findings if one.correct_by), default=papers.visit.correct_by)
    texts = _sentence(one.text for one in findings)
    values |= {
        "problems": texts,
        "fact": texts,
        "violation": texts,
        "case_source": f"行政检查中发现（入企记录{papers.visit.number or papers.visit.id}）",
        "clue_time": printed_date(local_date(findings[0].found_at)),
        "breached": "、".join(dict.fromkeys(one.breached for one in findings if one.breached)),
        "requirement": _sentence(one.requirement for one in findings if one.requirement),
        "due_text": printed_date(due) if due else "",
        "violation_time": printed_date(local_date(findings[0].found_at)),
        "violation_place": papers.visit.place or papers.visit.address,
        "evidence_text": "；".join(dict.fromkeys(one.proves for one in papers.evidence if one.proves)),
    }
    return values


def _sentence(texts: Iterable[str]) -> str:
    parts = [text.strip().rstrip("。；") for text in texts]
    return "；".join(part for part in parts if part) + "。" if any(parts) else ""


def _result(item: Item, papers: VisitPapers) -> str:
    verdicts = {answer.verdict for answer in papers.answers if answer.item == item.id}
    if Verdict.FAIL in verdicts or any(one.item == item.id for one in papers.findings):
        return "发现问题"
    if Verdict.PASS in verdicts:
        return "未发现问题"
    return "未查"


def _filed(papers: VisitPapers) -> dict[str, Value]:
    live = [one for one in papers.documents if one.state is not DocumentState.SPOILED]
    closed = papers.visit.closed_at
    refs = {one.kind: f"{one.number}（{printed_date(local_date(one.made_at))}）" for one in live if one.number}
    notice = refs.get(DocumentKind.PRESERVATION_NOTICE) or refs.get(DocumentKind.PRIOR_NOTICE, "")
    return {
        "order_ref": refs.get(DocumentKind.ORDER_TO_CORRECT, ""),
        "decision_ref": refs.get(DocumentKind.SEALING_DECISION, ""),
        "notice_ref": notice,
        "index": tuple(
            (str(place), one.title, one.number, local_date(one.made_at).isoformat(), "")
            for place, one in enumerate(live, 1)
        ),
        "served_documents": tuple((one.title, one.number or "无", "1") for one in live if one.number),
        "closed_text": printed_date(local_date(closed)) if closed else "",
    }


def open_blocks(form: Form, papers: VisitPapers, given: Sequence[Signature]) -> tuple[Signature, ...]:
    """Return the blocks still to be signed that need a name: one for each officer, one for the person met.

    At least two officers act and both sign. Source: 行政处罚法 arts 42, 52, 55 (domain.md 2.2).
    """
    signed = {(block.role, block.name) for block in given}
    roles = {block.role for block in given}
    blocks: list[Signature] = []
    for wanted in form.signatures:
        if wanted.role in _OFFICER_ROLES:
            names = (officer.name for officer in papers.officers)
            blocks.extend(Signature(role=wanted.role, name=one) for one in names if (wanted.role, one) not in signed)
        elif wanted.role == "party" and papers.visit.person_met is not None and wanted.role not in roles:
            blocks.append(Signature(role=wanted.role, name=papers.visit.person_met.name))
    return tuple(blocks)
