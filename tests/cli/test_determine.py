"""Determinations on the command line: from a file, for a finding, replayed, tested."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from core.kernel.records import to_plain
from core.services.rule_packages import demo_findings
from tests.cli.line import CommandLine

SHAPE = {"proposal", "duty", "coercion", "procedure", "lines", "missing", "would_change", "package", "engine"}
LINE = {"row", "condition", "value", "fact", "source", "as_of", "citation"}
DEMO = demo_findings()


def facts_file(path: Path, number: int, *, turned: bool = False) -> Path:
    """Write the facts of a demo finding as a person would."""
    one = DEMO[number]
    facts = one.turned_facts if turned else one.facts
    plain = {item.var: item.value for item in facts.items}
    content = {"facts": plain, "decided_on": one.on.isoformat()}
    if facts.history is not None:
        content["history"] = to_plain(facts.history)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return path


@pytest.mark.parametrize("number", range(len(DEMO)), ids=[one.id for one in DEMO])
def test_a_demo_finding_gets_its_proposal_and_one_fact_changes_it(
    small: CommandLine, tmp_path: Path, number: int
) -> None:
    answer = small.ask("determine", facts_file(tmp_path / "facts.yaml", number))
    assert set(answer) >= SHAPE
    assert all(set(line) >= LINE for line in answer["lines"])
    assert answer["proposal"] == DEMO[number].expect
    turned = small.ask("determine", facts_file(tmp_path / "turned.yaml", number, turned=True))
    assert turned["proposal"] == DEMO[number].turned_expect


def test_five_demo_findings_get_five_proposals() -> None:
    assert len({one.expect for one in DEMO}) == len(DEMO) == 5


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_proposal_explains_itself_in_words(small: CommandLine, tmp_path: Path, lang: str) -> None:
    out = small.say("determine", facts_file(tmp_path / "facts.yaml", 0), "--lang", lang)
    assert len(out.splitlines()) > 5


def test_the_package_that_ships_passes_its_examples(small: CommandLine) -> None:
    answer = small.ask("determine", "test")
    assert answer["failed"] == []
    assert answer["passed"] == len(answer["cases"]) > 20


@pytest.mark.parametrize(
    ("content", "error", "code"),
    [
        (None, "rules.unreadable", 3),
        (b"\xff\xfe\x00", "rules.unreadable", 3),
        (b"facts: [", "rules.bad_yaml", 1),
        (b"facts: 3", "rules.bad_facts", 1),
        (b"other: {}", "rules.bad_facts", 1),
    ],
)
def test_a_bad_file_of_facts_is_told(
    small: CommandLine, tmp_path: Path, content: bytes | None, error: str, code: int
) -> None:
    path = tmp_path / "facts.yaml"
    if content is not None:
        path.write_bytes(content)
    assert small.fault("determine", path, code=code) == error


def test_a_bad_package_is_told(small: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("id: x\n", "utf-8")
    assert small.fault("determine", "test", path) == "rules.bad_package"


def test_a_finding_is_previewed_determined_explained_replayed_and_decided_otherwise(demo: CommandLine) -> None:
    visits = demo.ask("visit", "list", "--state", "correcting")["visits"]
    (finding, *_) = demo.ask("finding", "list", visits[0]["id"])["findings"]
    before = demo.head_of_chain()
    preview = demo.ask("determine", "preview", finding["id"])
    assert demo.head_of_chain() == before
    kept = demo.ask("determine", "finding", finding["id"])
    assert set(kept) >= SHAPE | {"determination"}
    assert kept["proposal"] == preview["proposal"]
    key = kept["determination"]
    assert demo.ask("determine", "explain", key)["lines"] == kept["lines"]
    assert demo.ask("determine", "replay", key)["is_equal"] is True
    assert demo.fault("determine", "choose", key) == "cli.choice_missing"
    other = "light" if kept["proposal"] != "light" else "ordinary"
    assert demo.fault("determine", "choose", key, "--as", other) == "determination.reason_missing"
    chosen = demo.ask("determine", "choose", key, "--as", other, "--reason", "负责人意见")
    assert (chosen["chosen"], chosen["override_reason"]) == (other, "负责人意见")
    assert demo.ask("determine", "replay", key)["is_equal"] is True
    today = demo.ask("determine", "today", key)
    assert (today["then"], today["is_same_package"]) == (kept["proposal"], True)
    (overruled,) = demo.ask("determine", "overruled")["overruled"]
    assert (overruled["determined"], overruled["chosen"], overruled["reason"]) == (key, other, "负责人意见")
    counted = demo.ask("determine", "statistics")
    assert {"key": "overruled", "of": "", "count": 1} in counted["figures"]
    assert set(counted["definitions"]) >= {one["key"] for one in counted["figures"]} | {"cells"}
    assert demo.say("determine", "statistics", "--from", "2020-01-01", "--to", "2020-12-31").startswith("0  findings")


def test_two_rules_are_read_beside_each_other(small: CommandLine) -> None:
    fields = {one["key"]: one for one in small.ask("determine", "compare", "LN-01", "--with", "LN-03")["fields"]}
    assert fields["penalty_basis"]["is_equal"] is True
    assert fields["limb"]["is_equal"] is False
    assert "≠" in small.say("determine", "compare", "LN-01", "--with", "LN-03")


def test_a_comparison_needs_two_rules_that_exist(small: CommandLine) -> None:
    assert small.fault("determine", "compare", "LN-01") == "cli.other_rule_missing"
    assert small.fault("determine", "compare", "LN-01", "--with", "LN-99") == "rules.no_such_rule"


@pytest.mark.parametrize("what", ["finding", "preview", "explain", "choose", "replay", "today"])
def test_what_is_determined_must_be_named(demo: CommandLine, what: str) -> None:
    assert demo.fault("determine", what) == "cli.determine_id_missing"
    if what != "choose":
        assert demo.fault("determine", what, "none") == "store.not_found"
