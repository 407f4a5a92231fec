"""`determine FILE | finding ID | preview ID | explain ID | choose ID | replay ID | today ID | test PACKAGE`, and more.

`compare RULE --with RULE` reads two rules of a package beside each other; `statistics` and `overruled` take a period.
"""

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
    command.add_argument("--with", dest="other", default="", help="for compare: the other rule")
    for name, words in (("--from", "first"), ("--to", "last")):
        dest = f"{name.strip('-')}_on"
        command.add_argument(name, dest=dest, type=date.fromisoformat, help=f"{words} local day of a period")
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


def _today(context: Context) -> None:
    answer = context.session.determinations.today(context.args.name)
    then, now = (context.words(f"determination.proposal.{one}") for one in (answer.then, answer.now.proposal))
    lines = [context.words("cli.today", then=then, now=now)]
    context.show(answer, lines)


def _compare(context: Context) -> None:
    from core.domain.determinations.rule_text import compared_rules
    from core.services.rule_authors import rule_named
    from core.services.rule_packages import load_package, shipped_package

    args = context.args
    if not args.other:
        raise Refusal("cli.other_rule_missing")
    package = load_package(args.package) if args.package else shipped_package()
    pairs = compared_rules(rule_named(package, args.name), rule_named(package, args.other), package, context.lang)
    lines = [f"{' ' if one.is_equal else '≠'} {one.name}: {one.one or '—'} | {one.other or '—'}" for one in pairs]
    context.show({"package": package.id, "fields": to_plain(pairs)}, lines)


def _period(context: Context) -> tuple[date, date]:
    """Return the asked period; by default the year so far."""
    today = local_date(SystemClock().now())
    to_on: date = context.args.to_on or today
    return context.args.from_on or to_on.replace(month=1, day=1), to_on


def _statistics(context: Context) -> None:
    from core.domain.determination_statistics import definition

    from_on, to_on = _period(context)
    answer = context.session.determinations.statistics(from_on, to_on)
    keys = dict.fromkeys((*(one.key for one in answer.figures), "cells"))
    definitions = {key: definition(key, context.lang) for key in keys}
    lines = [f"{one.count}  {one.key} {one.of}".rstrip() + f"  · {definitions[one.key]}" for one in answer.figures]
    lines += [f"{one.count}  {one.list_source or '—'}  {one.agency}  {one.outcome}" for one in answer.cells]
    context.show(to_plain(answer) | {"definitions": definitions}, [*lines, definitions["cells"]])


def _overruled(context: Context) -> None:
    found = context.session.determinations.overruled(*_period(context))
    lines = [f"{one.at:%Y-%m-%d}  {one.text}: {one.proposal} → {one.chosen}  {one.reason}" for one in found]
    context.show({"overruled": to_plain(found)}, lines)


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
    "today": _today,
    "compare": _compare,
    "statistics": _statistics,
    "overruled": _overruled,
    "test": _test,
}
NEED_ID = frozenset(RUNS) - {"test", "statistics", "overruled"}
