"""`determine facts FILE | replay ID | test PACKAGE`; `determine FILE` means `determine facts FILE`."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from core.cli.context import Context
from core.kernel.clock import SystemClock, local_date
from core.kernel.errors import Refusal
from core.kernel.records import to_plain


def add(groups: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this file."""
    command = groups.add_parser("determine", parents=[common], help="proposals that explain themselves")
    command.add_argument("what", help="a file with facts (YAML), or `replay`, or `test`")
    command.add_argument("name", nargs="?", default="", help="for replay: the determination; for test: the package")
    command.add_argument("--package", type=Path, help="rule package; by default the one that ships")
    command.add_argument("--on", type=date.fromisoformat, help="day of the decision, YYYY-MM-DD; by default today")
    command.set_defaults(run=_determine)


def _determine(context: Context) -> None:
    runs = {"replay": _replay, "test": _test}
    runs.get(context.args.what, _propose)(context)


def _propose(context: Context) -> None:
    from core.domain.determinations.engine import determine
    from core.domain.determinations.examples import facts_of_plain
    from core.domain.determinations.explanation import explain
    from core.services.rule_packages import load_package, read_yaml, shipped_package

    path = context.args.package
    package = load_package(path) if path else shipped_package()
    plain = read_yaml(Path(context.args.what))
    given: dict[str, Any] = plain.get("facts", plain)
    values = {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}
    on = context.args.on or plain.get("on") or local_date(SystemClock().now())
    first_time = plain.get("first_time", values.pop("first_time", None))
    values.pop("on", None)
    facts = facts_of_plain(values, on=on, first_time=first_time, source=Path(context.args.what).name)
    found = determine(facts, package, on=on)
    context.show(_shape(to_plain(found)), explain(found, context.lang))


def _shape(plain: dict[str, Any]) -> dict[str, Any]:
    """Return the document that scripts rely on (design.md section 9); what else there is stays."""
    return plain | {"package": {"id": plain["package"], "sha256": plain["package_hash"], "mark": plain["package_mark"]}}


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
