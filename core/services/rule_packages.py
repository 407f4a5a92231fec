"""Rule packages from files: YAML read at the edge, checked in the domain."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from core.domain.determinations.examples import facts_of_plain
from core.domain.determinations.facts import Fact, Facts, History, facts_of
from core.domain.determinations.packages import SignedPackage
from core.domain.determinations.parsing import parse_package
from core.domain.determinations.rules import RulePackage, package_bytes, package_hash
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record, canonical_bytes, parse_json, to_plain
from core.kernel.resources import resources_dir


class DemoFinding(Record):
    """One demo finding: facts, the proposal they lead to, and one fact that changes it."""

    id: str
    title_zh: str
    title_en: str
    on: date
    facts: Facts
    expect: str
    turned_var: str
    turned_facts: Facts
    turned_expect: str


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file, read by the safe loader.

    Raises:
        Trouble: "rules.unreadable", params path, why: the file is away or is not UTF-8.
        Refusal: "rules.bad_yaml", params path, line, why: the text is not YAML or not a mapping.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble("rules.unreadable", path=path.name, why=type(error).__name__) from error
    try:
        plain = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 0
        why = getattr(error, "problem", None) or type(error).__name__
        raise Refusal("rules.bad_yaml", path=path.name, line=line, why=why) from error
    if isinstance(plain, dict):
        return plain
    raise Refusal("rules.bad_yaml", path=path.name, line=1, why="no mapping")


def plain_package(path: Path) -> dict[str, Any]:
    """Return the whole plain form of a package: its own file over those it joins, not yet checked.

    `joins: [NAME, ...]` names files in the same folder: statute tables and vocabularies that several packages share.
    Lists are put together, single values of the package win. A joined file may join others.

    Raises:
        Trouble: "rules.unreadable".
        Refusal: "rules.bad_yaml"; "rules.bad_package" with problem "joins_cycle", "shape".
    """
    return _whole(path, (path.name,))


def _whole(path: Path, trail: tuple[str, ...]) -> dict[str, Any]:
    own = read_yaml(path)
    names = own.pop("joins", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Refusal("rules.bad_package", file=path.name, rule="-", path="joins", problem="shape", detail="joins")
    whole: dict[str, Any] = {}
    for name in names:
        if name in trail:
            joined = " > ".join((*trail, name))
            raise Refusal(
                "rules.bad_package", file=path.name, rule="-", path="joins", problem="joins_cycle", detail=joined
            )
        whole = _joined(whole, _whole(path.parent / Path(name).name, (*trail, name)))
    return _joined(whole, own)


def load_package(path: Path) -> RulePackage:
    """Return the checked package of a file, with what it joins.

    Raises:
        Trouble: "rules.unreadable".
        Refusal: "rules.bad_yaml", "rules.bad_package".
    """
    try:
        return parse_package(plain_package(path))
    except Refusal as refusal:
        if refusal.code != "rules.bad_package" or refusal.params["file"] != "-":
            raise
        raise Refusal(refusal.code, **(refusal.params | {"file": path.name})) from refusal


def _joined(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    joined = dict(shared)
    for name, value in own.items():
        before = joined.get(name)
        if isinstance(before, list) and isinstance(value, list):
            joined[name] = [*before, *value]
        elif isinstance(before, dict) and isinstance(value, dict):
            joined[name] = {**before, **value}
        else:
            joined[name] = value
    return joined


@cache
def shipped_package() -> RulePackage:
    """Return the area's package that ships with the program (resources/rules/area.yaml), read once."""
    return load_package(resources_dir() / "rules" / "area.yaml")


def published_package() -> RulePackage:
    """Return the package of the published lists of other places (resources/rules/published.yaml), all 未核实."""
    return load_package(resources_dir() / "rules" / "published.yaml")


def keep_package(package: RulePackage, folder: Path) -> Path:
    """Keep a package's bytes under their hash, so that what was determined by it can be replayed later; twice is once.

    Raises:
        Trouble: "rules.unreadable".
    """
    path = folder / f"{package_hash(package)}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(package_bytes(package))
    except OSError as error:
        raise Trouble("rules.unreadable", path=path.name, why=type(error).__name__) from error
    return path


def kept_packages(folder: Path) -> tuple[RulePackage, ...]:
    """Return the packages that were kept in a folder; an absent folder holds none.

    Raises:
        Refusal: "rules.package_altered": a file does not hold what its name says; "rules.bad_package".
    """
    found: list[RulePackage] = []
    for path in sorted(folder.glob("*.json")):
        try:
            package = parse_package(parse_json(path.read_bytes()))
        except msgspec.DecodeError as error:
            raise Refusal("rules.package_altered") from error
        if package_hash(package) != path.stem:
            raise Refusal("rules.package_altered")
        found.append(package)
    return tuple(found)


def read_signed(path: Path) -> SignedPackage:
    """Return the signed package in a file, not yet checked; `accept_package` does that.

    Raises:
        Trouble: "rules.unreadable".
        Refusal: "rules.signed_file", params path.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=SignedPackage)
    except OSError as error:
        raise Trouble("rules.unreadable", path=path.name, why=type(error).__name__) from error
    except msgspec.DecodeError as error:
        raise Refusal("rules.signed_file", path=path.name) from error


def write_signed(signed: SignedPackage, path: Path) -> None:
    """Write the signed package as one JSON file.  Raises Trouble "rules.unreadable"."""
    try:
        path.write_bytes(canonical_bytes(signed))
    except OSError as error:
        raise Trouble("rules.unreadable", path=path.name, why=type(error).__name__) from error


def demo_findings() -> tuple[DemoFinding, ...]:
    """Return the demo findings (示例·推演) of resources/rules/demo-findings.yaml."""
    plain = read_yaml(resources_dir() / "rules" / "demo-findings.yaml")
    base: dict[str, Any] = plain["base"]
    return tuple(_demo_finding(base, each) for each in plain["findings"])


def _demo_finding(base: dict[str, Any], plain: dict[str, Any]) -> DemoFinding:
    on: date = plain["decided_on"]
    merged = {**base, **plain["facts"]}
    turned: dict[str, Any] = plain["turn"]
    facts = _demo_facts(merged, on)
    return DemoFinding(
        id=plain["id"],
        title_zh=plain["title"]["zh"],
        title_en=plain["title"]["en"],
        on=on,
        facts=facts,
        expect=plain["expect"],
        turned_var=turned["var"],
        turned_facts=_demo_facts({**merged, turned["var"]: turned["value"]}, on),
        turned_expect=turned["expect"],
    )


def _demo_facts(plain: dict[str, Any], on: date) -> Facts:
    first_time: bool | None = plain.get("first_time")
    values = {
        var: value.isoformat() if isinstance(value, date) else value
        for var, value in plain.items()
        if var != "first_time"
    }
    return facts_of_plain(values, on=on, first_time=first_time, source="示例·推演")


def load_facts(path: Path) -> tuple[Facts, date | None]:
    """Return the facts in a file and the day of decision it names, if any.

    The file holds `facts` (variable: value, or variable: {value, source, as_of, evidence_ids}), and may hold
    `decided_on`, and either `first_time` (true: looked up and confirmed without a hit) or a full `history`.

    Raises:
        Trouble: "rules.unreadable".
        Refusal: "rules.bad_yaml"; "rules.bad_facts", params path, why; "determination.fact_twice".
    """
    plain = to_plain(read_yaml(path))
    named = plain.get("facts")
    if not isinstance(named, dict):
        raise Refusal("rules.bad_facts", path=path.name, why="facts")
    entries = [
        {**entry, "var": str(var)}
        if isinstance(entry, dict)
        else {"var": str(var), "value": entry, "source": path.name}
        for var, entry in named.items()
    ]
    try:
        items = msgspec.convert(entries, tuple[Fact, ...])
        on = msgspec.convert(plain.get("decided_on"), date | None)
        first_time = msgspec.convert(plain.get("first_time"), bool | None)
        history = msgspec.convert(plain.get("history"), History | None)
    except msgspec.ValidationError as error:
        raise Refusal("rules.bad_facts", path=path.name, why=str(error)) from error
    if history is None and first_time is not None:
        values = {item.var: item.value for item in items if item.value is not None}
        history = facts_of_plain(values, on=on or date.max, first_time=first_time, source=path.name).history
    return facts_of(items, history=history), on


# Parts that packages join, and files of other shapes.
_NO_PACKAGES = ("statute.yaml", "vocabulary.yaml", "demo-findings.yaml", "published-not-expressed.yaml")


def package_paths() -> tuple[Path, ...]:
    """Return the files of the packages that ship with the program; their shared parts and demo facts are none."""
    found = sorted((resources_dir() / "rules").glob("*.yaml"))
    return tuple(path for path in found if path.name not in _NO_PACKAGES)
