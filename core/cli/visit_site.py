"""`visit …` at the enterprise: arrive, scan or a lawful way without, identify, begin, refuse, give up."""

from __future__ import annotations

from pathlib import Path

from core.cli.commands import Command, arg, show_visit, simple_move, visit_id
from core.cli.context import Context
from core.domain.codes import read_code
from core.domain.visits import EntryPath, PersonMet, RecusalDecision, Visit
from core.kernel.errors import Refusal


def _scanned_text(context: Context) -> tuple[str, str]:
    """Return the text of the code and where it came from.  Raises Refusal "cli.code_missing", "cli.code_not_read"."""
    args = context.args
    if args.image is not None:
        texts = context.session.decode_file(args.image)
        if not texts:
            raise Refusal("cli.code_not_read", file=args.image.name)
        # A door has stickers of all sorts: the code that names an enterprise is the one that was meant.
        return next((text for text in texts if read_code(text).valid), texts[0]), "image"
    if not args.text.strip():
        raise Refusal("cli.code_missing")
    return args.text, args.source


def _scan(context: Context) -> None:
    args, visits = context.args, context.session.visits
    if args.no_code:
        done = visits.no_code(visit_id(context), reason_code=args.no_code, note=args.note)
    elif args.later:
        path = EntryPath.NETWORK_DOWN if args.system_down else EntryPath.EMERGENCY
        done = visits.scan_later(visit_id(context), path=path, reason_code=args.later, note=args.note)
    elif args.network_down:
        done = visits.network_down(visit_id(context), reason_code=args.network_down, note=args.note)
    else:
        done = visits.scan(visit_id(context), *_scanned_text(context))
    show_visit(context, done.value)


def _late_scan(context: Context) -> None:
    show_visit(context, context.session.visits.late_scan(visit_id(context), *_scanned_text(context)).value)


def _identify(context: Context) -> None:
    args = context.args
    person = PersonMet(
        name=args.name,
        post=args.post,
        relation=args.relation,
        id_kind=args.id_kind,
        id_number=args.id_number,
        phone=args.phone,
    )
    show_visit(context, context.session.visits.identify(visit_id(context), person).value)


def _tell_rights(context: Context) -> None:
    show_visit(context, _rights_told(context, visit_id(context)))


def _rights_told(context: Context, visit: str) -> Visit:
    args = context.args
    asked = bool(args.recusal_asked or args.recusal_officer)
    officers = tuple(args.recusal_officer)
    return context.session.visits.tell_rights(visit, recusal_asked=asked, recusal_officers=officers).value


def _begin(context: Context) -> None:
    found = visit_id(context)
    visits = context.session.visits
    told = visits.show(found).visit
    if told.rights_told_at is None or context.args.recusal_asked or context.args.recusal_officer:
        _rights_told(context, found)
    show_visit(context, visits.begin(found).value)


def _decide_recusal(context: Context) -> None:
    decision = RecusalDecision(context.args.decision)
    show_visit(context, context.session.visits.decide_recusal(visit_id(context), decision).value)


def _replace_officers(context: Context) -> None:
    args = context.args
    done = context.session.visits.replace_officers(
        visit_id(context), tuple(args.officer), leader=args.leader, reason_code=args.reason, note=args.note
    )
    show_visit(context, done.value)


def _refuse(context: Context) -> None:
    args = context.args
    done = context.session.visits.refuse(
        visit_id(context), reason_code=args.reason, is_justified=args.justified, note=args.note
    )
    show_visit(context, done.value)


def _resume(context: Context) -> None:
    show_visit(context, context.session.visits.resume(visit_id(context), note=context.args.note).value)


def _abort(context: Context) -> None:
    show_visit(context, context.session.visits.abort(visit_id(context), reason=context.args.reason).value)


CODE = (
    arg("--text", default="", help="the code as typed, or as a scanner gave it"),
    arg("--image", type=Path, help="a picture with the code"),
    arg("--source", choices=("typed", "wedge", "clipboard"), default="typed", help="where the text came from"),
)
RECUSAL = (
    arg("--recusal-asked", action="store_true", help="the party asks that somebody step aside"),
    arg("--recusal-officer", action="append", default=[], help="id of the officer who is asked to step aside"),
)

COMMANDS = (
    Command("arrive", simple_move, help="the officers are at the door"),
    Command(
        "scan",
        _scan,
        (
            *CODE,
            arg("--no-code", default="", metavar="REASON", help="the enterprise shows no code"),
            arg("--later", default="", metavar="REASON", help="emergency: go in now, scan before the record"),
            arg("--system-down", action="store_true", help="with --later: no emergency, the system fails"),
            arg("--network-down", default="", metavar="REASON", help="after a scan: its upload is owed"),
            arg("--note", default=""),
        ),
        help="read the enterprise's code, or say why not",
    ),
    Command("late-scan", _late_scan, CODE, help="make good a scan that is owed"),
    Command("uploaded", simple_move, help="the upload that was owed is made good"),
    Command(
        "identify",
        _identify,
        (
            arg("--name", required=True),
            arg("--post", default=""),
            arg("--relation", default=""),
            arg("--id-kind", default=""),
            arg("--id-number", default=""),
            arg("--phone", default=""),
        ),
        help="note whom the officers met",
    ),
    Command("tell-rights", _tell_rights, RECUSAL, help="the rights were told"),
    Command("decide-recusal", _decide_recusal, (arg("decision", choices=[one.value for one in RecusalDecision]),)),
    Command(
        "replace-officers",
        _replace_officers,
        (
            arg("--officer", action="append", required=True, help="id of an officer; at least two"),
            arg("--leader", required=True, help="id of the leader who was told"),
            arg("--reason", required=True, help="reason code"),
            arg("--note", default=""),
        ),
        help="others inspect; the written approval for them is owed",
    ),
    Command("begin", _begin, RECUSAL, help="tell the rights, where not done yet, and begin to inspect"),
    Command(
        "refuse",
        _refuse,
        (
            arg("--reason", required=True, help="reason code"),
            arg("--note", default=""),
            arg("--justified", action="store_true", help="the ground of the refusal is lawful"),
        ),
        help="the enterprise refuses",
    ),
    Command("resume", _resume, (arg("--note", required=True),), help="go on after a refusal"),
    Command("abort", _abort, (arg("--reason", required=True),), help="give the visit up"),
)
