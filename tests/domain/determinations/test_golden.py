"""The golden archive: every determination that was ever put there replays to the same bytes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from core.domain.determinations.engine import determine
from core.domain.determinations.rules import RulePackage, package_hash
from core.kernel.errors import Refusal
from core.kernel.records import canonical_bytes, changed
from core.kernel.resources import resources_dir
from core.services.rule_packages import load_package
from tests.domain.determinations.cases import NO_CASES, ON, facts_with
from tests.helpers import golden

CASES = golden.cases()


@cache
def package_of(sha256: str) -> RulePackage:
    return golden.kept_package(sha256)


def test_the_archive_is_not_empty_and_reaches_every_proposal() -> None:
    proposals = {golden.kept_case(path).determination.proposal for path in CASES}
    assert len(CASES) >= 40
    assert proposals == {
        "no_penalty", "light", "mitigate", "ordinary", "transfer", "time_barred", "not_made_out", "needs_evidence",
    }  # fmt: skip


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_archived_determination_replays_to_the_same_bytes(path: Path) -> None:
    kept = golden.kept_case(path)
    package = package_of(kept.package_hash)
    fresh = determine(kept.facts, package, on=kept.on)
    # A later engine names itself in what it says; everything else must be what it was.
    assert canonical_bytes(changed(fresh, engine=kept.engine)) == canonical_bytes(kept.determination)


@pytest.mark.parametrize("path", sorted((golden.ARCHIVE / "packages").glob("*.json")), ids=lambda path: path.stem[:12])
def test_an_archived_package_still_has_the_hash_it_was_stored_under(path: Path) -> None:
    assert package_hash(package_of(path.stem)) == path.stem


def test_every_archived_package_is_one_that_a_case_needs() -> None:
    needed = {golden.kept_case(path).package_hash for path in CASES}
    assert needed == {path.stem for path in (golden.ARCHIVE / "packages").glob("*.json")}


def test_a_case_is_added_once_and_never_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = package_of(golden.kept_case(CASES[0]).package_hash)
    monkeypatch.setattr(golden, "ARCHIVE", tmp_path)
    for folder in ("cases", "packages"):
        (tmp_path / folder).mkdir()
    assert golden.add_case("a case / one", facts_with(history=NO_CASES), package, ON)
    before = (tmp_path / "cases" / "a-case-one.json").read_bytes()
    assert not golden.add_case("a case / one", facts_with({"suspected_crime": True}), package, ON)
    assert (tmp_path / "cases" / "a-case-one.json").read_bytes() == before


def test_an_archived_package_with_another_number_is_refused_by_its_hash() -> None:
    kept = golden.kept_case(CASES[0])
    with pytest.raises(FileNotFoundError):
        golden.kept_package(kept.package_hash[::-1])
    with pytest.raises(Refusal):
        golden.replay_of(CASES[0], changed(package_of(kept.package_hash), version="2099.1"))


def test_the_command_adds_a_case_from_files_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(golden, "ARCHIVE", tmp_path)
    for folder in ("cases", "packages"):
        (tmp_path / folder).mkdir()
    facts = tmp_path / "facts.yaml"
    facts.write_text("decided_on: 2026-03-05\nfacts: {suspected_crime: true, facts_proved: true}", "utf-8")
    package = str(resources_dir() / "rules" / "area.yaml")
    assert golden.main(["crime", package, str(facts)]) == 0
    assert golden.main(["crime", package, str(facts)]) == 0
    assert capsys.readouterr().out.splitlines() == ["1 added", "already there, left as it is"]
    assert golden.main(["--examples", package]) == 0
    assert len(list((tmp_path / "cases").glob("area-*.json"))) == len(load_package(Path(package)).examples)
