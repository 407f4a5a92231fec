"""`determine FILE | finding ID | preview ID | explain ID | choose ID | replay ID | test PACKAGE`."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any, get_args

from core.cli.context import Context
from core.domain.determinations.explanation import explain
from core.domain.determinations.results import Determination, Proposal
from core.kernel.clock import SystemClock, local_date
from core.kernel.errors import Refusal
from core.kernel.records import to_plain


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    command = groups.add_parser("determine", parents=[common], help="proposals that explain themselves")
    command.add_argument("what", help=f"a file with facts (YAML), or one of: {', '.join(RUNS)}")
    command.add_argument(
        "name", nargs="?", default="", help="id of the finding or determination; for test: the package"
    )
    command.add_argument("--package", type=Path, help="rule package; by default the one that ships")
    command.add_argument("--on", type=date.fromisoformat, help="day of the decision, YYYY-MM-DD; by default today")
    command.add_argument("--as", dest="chosen", choices=get_args(Proposal), help="for choose: what is taken instead")
    command.add_argument("--reason", default="", help="for choose: why")
    command.set_defaults(run=_determine)


def _determine(context: Context) -> None:
    what, name = context.args.what, context.args.name
    if what in NEED_ID and not name:
        raise Refusal("cli.determine_id_missing", what=what)
    RUNS.get(what, _propose)(context)


def _propose(context: Context) -> None:
    from core.domain.determinations.engine import determine
    from core.services.rule_packages import load_facts, load_package, shipped_package

    args = context.args
    package = load_package(args.package) if args.package else shipped_package()
    facts, named_day = load_facts(Path(args.what))
    on = args.on or named_day or local_date(SystemClock().now())
    _show(context, determine(facts, package, on=on))


def _show(context: Context, found: Determination, **more: Any) -> None:
    """Print the document that scripts rely on (design.md section 9); what else there is stays."""
    plain = to_plain(found)
    package = {"id": found.package, "sha256": found.package_hash, "mark": found.package_mark}
    context.show(more | plain | {"package": package}, explain(found, context.lang))


def _finding(context: Context) -> None:
    determinations = context.session.determinations
    kept = determinations.determine(context.args.name).value
    _show(context, determinations.explained(kept.id).determination, determination=kept.id)


def _preview(context: Context) -> None:
    _show(context, context.session.determinations.preview(context.args.name))


def _explain(context: Context) -> None:
    _show(context, context.session.determinations.explained(context.args.name).determination)


def _choose(context: Context) -> None:
    args = context.args
    if args.chosen is None:
        raise Refusal("cli.choice_missing")
    kept = context.session.determinations.choose(args.name, chosen=args.chosen, reason=args.reason).value
    proposal, taken = (
        context.words(f"determination.proposal.{one}") for one in (kept.proposal, kept.chosen or kept.proposal)
    )
    context.show(kept, [context.words("cli.chosen", proposal=proposal, chosen=taken)])


def _replay(context: Context) -> None:
    answer = context.session.determinations.replay(context.args.name)
    context.show(answer, [context.words("cli.replayed" if answer.is_equal else "cli.replay_differs")])
    if not answer.is_equal:
        raise Refusal("cli.replay_not_equal", id=context.args.name)


def _test(context: Context) -> None:
    from core.domain.determinations.examples import check_package
    from core.services.rule_packages import load_package, shipped_package

    package = load_package(Path(context.args.name)) if context.args.name else shipped_package()
    results = check_package(package)
    failed = [one.name for one in results if not one.is_passed]
    answer = {"package": package.id, "passed": len(results) - len(failed), "failed": failed, "cases": to_plain(results)}
    lines = [f"{'✓' if one.is_passed else '✕'} {one.name}: {one.given}" for one in results]
    context.show(answer, lines)
    if failed:
        raise Refusal("cli.package_failed", count=len(failed), package=package.id)


RUNS = {
    "finding": _finding,
    "preview": _preview,
    "explain": _explain,
    "choose": _choose,
    "replay": _replay,
    "test": _test,
}
NEED_ID = frozenset(RUNS) - {"test"}
