"""`visit …` while and after inspecting: answers, evidence, the record, corrections, duties, closing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core.cli.commands import Command, arg, instant, show_visit, simple_move, visit_id
from core.cli.context import Context, read_file, write_file
from core.domain.checklists import Answer, Verdict
from core.domain.documents import DocumentState, Signature, SignMethod, kind_of
from core.domain.evidence import Evidence, EvidenceKind
from core.domain.visits import Duty
from core.kernel.errors import Refusal, Trouble
from core.services.evidence import check_size
from core.services.visit_words import checklist_term, evidence_term


def _checklist(context: Context) -> None:
    found = context.session.checklists.of_visit(visit_id(context))
    lines: list[str] = []
    for one in found:
        lines.append(f"{one.item}  {one.item_name}  {one.progress.answered}/{one.progress.asked}")
        answers = {answer.point: answer for answer in one.answers}
        for point in one.checklist.points:
            mark = "?" if point.id in one.progress.unanswered else " "
            lines.append(f"  {mark} {point.id}  {point.text}  {_said(context, answers.get(point.id))}")
    context.show({"checklists": found}, lines)


def _said(context: Context, answer: Answer | None) -> str:
    if answer is None:
        return ""
    verdict = checklist_term("verdict", answer.verdict, context.lang) if answer.verdict else ""
    return " ".join(part for part in (verdict, answer.value, answer.note) if part)


def _answer(context: Context) -> None:
    args = context.args
    answer = context.session.checklists.answer(
        visit_id(context), item=args.item, point=args.point, value=args.value, repeat=args.repeat, note=args.note
    ).value
    context.show(answer, [f"{answer.point}: {_said(context, answer)}"])


def _answer_rest(context: Context) -> None:
    args = context.args
    done = context.session.checklists.answer_rest(visit_id(context), item=args.item, verdict=Verdict(args.verdict))
    context.show({"answered": done.value}, [context.words("cli.answered", count=done.value)])


def _attach(context: Context) -> None:
    args = context.args
    kind = EvidenceKind(args.kind) if args.kind else None
    found = visit_id(context)
    _refuse_too_large(args.file, kind)
    piece = context.session.evidence.attach(
        found,
        read_file(args.file),
        file_name=args.file.name,
        kind=kind,
        made_at=args.made_at,
        proves=args.proves,
        answer=args.answer,
        finding=args.finding,
        method=args.method,
        original_carrier=args.original,
    ).value
    context.show(piece, [f"{piece.file_name}: sha256 {piece.blob}"])


def _refuse_too_large(path: Path, kind: EvidenceKind | None) -> None:
    """Stop a file that no kind of evidence may have, before its bytes fill the memory."""
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise Trouble("cli.file_unreadable", path=str(path)) from error
    check_size(size_bytes, kind or EvidenceKind.VIDEO)


def _piece_line(context: Context, piece: Evidence) -> str:
    void = f"  ({context.words('cli.void', reason=piece.void_reason)})" if piece.is_void else ""
    return f"{piece.id}  {evidence_term(piece.kind, context.lang)}  {piece.file_name}  {piece.proves}{void}"


def _evidence(context: Context) -> None:
    found = context.session.evidence.of_visit(visit_id(context))
    lines = [_piece_line(context, piece) for piece in found]
    context.show({"evidence": found}, lines or [context.words("cli.nothing_found")])


def _describe(context: Context) -> None:
    args = context.args
    piece = context.session.evidence.describe(
        args.evidence, proves=args.proves, method=args.method, original_carrier=args.original
    ).value
    context.show(piece, [_piece_line(context, piece)])


def _void_evidence(context: Context) -> None:
    piece = context.session.evidence.void(context.args.evidence, reason=context.args.reason).value
    context.show(piece, [_piece_line(context, piece)])


def _save_evidence(context: Context) -> None:
    write_file(context.args.file, context.session.evidence.content(context.args.evidence))
    context.show({"file": str(context.args.file)}, [context.words("cli.written", file=context.args.file)])


def _sign(context: Context) -> None:
    """Fill a block of the newest paper of a kind; `document sign` does it for a paper named by its id."""
    args, documents = context.args, context.session.documents
    kind = kind_of(args.paper)
    found = documents.of_visit(visit_id(context))
    papers = [one for one in found if one.kind is kind and one.state is not DocumentState.SPOILED]
    if not papers:
        raise Refusal("cli.paper_missing", kind=args.paper)
    signature = Signature(
        role=args.role,
        name=args.name,
        method=SignMethod(args.method),
        reason=args.reason,
        witness=args.witness,
        media=tuple(context.session.blobs.put(read_file(path)) for path in args.media),
        signed_at=context.session.clock.now(),
    )
    paper = documents.sign(papers[-1].id, args.role, signature).value
    missing = [block.role for block in paper.signatures if not block.is_complete()]
    answer = {"document": paper.id, "kind": paper.kind, "number": paper.number, "state": paper.state}
    context.show(answer | {"missing_signatures": missing}, [f"{paper.title}  {paper.number}  {', '.join(missing)}"])


def _conclude(context: Context) -> None:
    args = context.args
    done = context.session.visits.conclude(
        visit_id(context), conclusion=args.conclusion, measures=args.measures, party_opinion=args.opinion
    )
    show_visit(context, done.value)


def _order(context: Context) -> None:
    done = context.session.visits.order_correction(visit_id(context), correct_by=context.args.correct_by)
    show_visit(context, done.value)


def _corrected(context: Context) -> None:
    show_visit(context, context.session.visits.corrected(visit_id(context), note=context.args.note).value)


def _open_case(context: Context) -> None:
    show_visit(context, context.session.visits.open_case(visit_id(context), number=context.args.number).value)


def _settle(context: Context) -> None:
    args = context.args
    done = context.session.visits.settle(visit_id(context), Duty(args.duty), note=args.note)
    show_visit(context, done.value)


COMMANDS = (
    Command("checklist", _checklist, help="every question, and what was answered"),
    Command(
        "answer",
        _answer,
        (
            arg("--item", required=True),
            arg("--point", required=True),
            arg("--value", required=True, help="pass, fail, not_applicable, not_checked, or the typed value"),
            arg("--repeat", type=int, default=0),
            arg("--note", default=""),
        ),
        help="answer one question",
    ),
    Command(
        "answer-rest",
        _answer_rest,
        (
            arg("--item", required=True),
            arg("--verdict", required=True, choices=[Verdict.NOT_APPLICABLE.value, Verdict.NOT_CHECKED.value]),
        ),
        help="answer every open question of an item with not applicable or not checked",
    ),
    Command(
        "attach",
        _attach,
        (
            arg("file", type=Path),
            arg("--kind", choices=[kind.value for kind in EvidenceKind], help="by default what the bytes are"),
            arg("--made-at", type=instant, help="Beijing time; by default now"),
            arg("--proves", default=""),
            arg("--method", default="", help="`trigger` for what started a case visit"),
            arg("--original", default="", help="where the original is"),
            arg("--answer", default=""),
            arg("--finding", default=""),
        ),
        help="attach a file as evidence",
    ),
    Command("evidence", _evidence, help="every piece of evidence"),
    Command(
        "describe",
        _describe,
        (arg("--proves", required=True), arg("--method", default=""), arg("--original", default="")),
        help="say what a piece proves",
        takes="evidence",
    ),
    Command(
        "void-evidence",
        _void_evidence,
        (arg("--reason", required=True),),
        help="take a piece out, with a reason; it stays on record",
        takes="evidence",
    ),
    Command("save-evidence", _save_evidence, (arg("file", type=Path),), help="write its file", takes="evidence"),
    Command(
        "conclude",
        _conclude,
        (arg("--conclusion", required=True), arg("--measures", default=""), arg("--opinion", default="")),
        help="end the inspection",
    ),
    Command(
        "sign",
        _sign,
        (
            arg("--paper", default="scene_record", help="kind of the paper, for example scene_record or D03"),
            arg("--role", required=True, help="party, officer, witness, recorder …"),
            arg("--method", choices=[method.value for method in SignMethod], default="ink"),
            arg("--name", default=""),
            arg("--reason", default="", help="for refused, unable, absent"),
            arg("--witness", default=""),
            arg("--media", type=Path, action="append", default=[], help="scan of the signed sheet, photo, video"),
        ),
        help="fill a signature block of a paper of the visit",
    ),
    Command("tell", simple_move, help="the result was told"),
    Command("order", _order, (arg("--correct-by", type=date.fromisoformat, required=True),), help="order correction"),
    Command("corrected", _corrected, (arg("--note", required=True),), help="what was ordered has been corrected"),
    Command("open-case", _open_case, (arg("--number", default=""),), help="a case is opened"),
    Command(
        "settle",
        _settle,
        (arg("--duty", required=True, choices=[duty.value for duty in Duty if duty is not Duty.NONE]),
         arg("--note", required=True)),
        help="a supervisor settles what was not made good",
    ),
    Command("archive", simple_move, help="file it for good"),
)  # fmt: skip
