"""The golden archive: stored determinations that must replay identically for ever.

Add cases with `python -m tests.helpers.golden NAME PACKAGE.yaml FACTS.yaml`, or every example of a package with
`python -m tests.helpers.golden --examples PACKAGE.yaml`. A case that is there is never written again: where it no
longer replays, the engine must learn to give the old answer for the old rules, or a reader must lift it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from core.domain.determinations.engine import stored
from core.domain.determinations.examples import example_facts
from core.domain.determinations.facts import Facts
from core.domain.determinations.parsing import parse_package
from core.domain.determinations.replay import Replayed, replay
from core.domain.determinations.results import StoredDetermination
from core.domain.determinations.rules import RulePackage, package_bytes, package_hash
from core.kernel.records import canonical_bytes, from_plain, parse_json
from core.services.rule_packages import load_facts, load_package

ARCHIVE = Path(__file__).parents[1] / "data" / "golden"


def cases() -> tuple[Path, ...]:
    """Return the files of the archived determinations."""
    return tuple(sorted((ARCHIVE / "cases").glob("*.json")))


def kept_case(path: Path) -> StoredDetermination:
    """Return an archived determination."""
    return from_plain(StoredDetermination, parse_json(path.read_bytes()))


def kept_package(sha256: str) -> RulePackage:
    """Return an archived package by its hash."""
    return parse_package(parse_json((ARCHIVE / "packages" / f"{sha256}.json").read_bytes()))


def replay_of(path: Path, package: RulePackage) -> Replayed:
    """Replay an archived determination with a package.  Raises Refusal "determination.other_package"."""
    return replay(kept_case(path), package)


def add_case(name: str, facts: Facts, package: RulePackage, on: date) -> bool:
    """Archive one determination with its rules, and return whether it is new."""
    path = ARCHIVE / "cases" / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name).strip('-')}.json"
    if path.exists():
        return False
    rules = ARCHIVE / "packages" / f"{package_hash(package)}.json"
    if not rules.exists():
        rules.write_bytes(package_bytes(package))
    path.write_bytes(canonical_bytes(stored(facts, package, on=on)))
    return True


def add_examples(package: RulePackage) -> int:
    """Archive every example of a package and return how many are new."""
    return sum(
        add_case(
            f"{package.id}-{package.version}-{number:03}",
            example_facts(example, package),
            package,
            example.decided_on,
        )
        for number, example in enumerate(package.examples, 1)
    )


def main(arguments: Iterable[str] | None = None) -> int:
    """Add what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, help="archive every example of this package")
    parser.add_argument("case", nargs="*", help="NAME PACKAGE.yaml FACTS.yaml")
    named = parser.parse_args(None if arguments is None else list(arguments))
    if named.examples is not None:
        sys.stdout.write(f"{add_examples(load_package(named.examples))} added\n")
        return 0
    name, package, facts_file = named.case
    facts, on = load_facts(Path(facts_file))
    if on is None:
        parser.error("the facts file names no decided_on")
    is_new = add_case(name, facts, load_package(Path(package)), on)
    sys.stdout.write("1 added\n" if is_new else "already there, left as it is\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
