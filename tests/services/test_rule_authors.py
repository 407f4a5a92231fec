"""The author's own file: opened, tested, read; a bad one is refused with file, rule, place and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.kernel.errors import Refusal
from core.kernel.resources import resources_dir
from core.services.rule_authors import RuleAuthors

RULES = resources_dir() / "rules"


def own_package(folder: Path, **replaced: str) -> Path:
    """Write a copy of the package in force beside what it joins, with words replaced."""
    for name in ("statute.yaml", "vocabulary.yaml"):
        (folder / name).write_bytes((RULES / name).read_bytes())
    text = (RULES / "area.yaml").read_text("utf-8")
    for before, after in replaced.items():
        assert before in text
        text = text.replace(before, after, 1)
    path = folder / "mine.yaml"
    path.write_text(text, "utf-8")
    return path


def test_the_package_in_force_comes_first() -> None:
    assert [path.stem for path in RuleAuthors().shipped()] == ["area", "published"]


def test_a_file_of_the_authors_own_is_opened_and_tested(tmp_path: Path) -> None:
    authors = RuleAuthors()
    tested = authors.open(own_package(tmp_path))
    assert tested.failed == ()
    fields = authors.fields(tested, "LN-01", "zh")
    assert all(one.text for one in fields)
    assert any(not pair.is_equal for pair in authors.compare(tested, "LN-01", "LN-03", "zh"))


def test_a_bad_rule_is_refused_with_file_rule_place_and_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        RuleAuthors().open(own_package(tmp_path, facility_damaged="facility_demaged"))
    assert caught.value.code == "rules.bad_package"
    named = {name: caught.value.params[name] for name in ("file", "rule", "problem")}
    assert named == {"file": "mine.yaml", "rule": "LN-01", "problem": "unknown_variable"}
    assert "conditions" in str(caught.value.params["path"])


def test_a_follow_up_without_words_is_refused_before_it_stands_on_a_paper(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        RuleAuthors().open(own_package(tmp_path, revisit="pay_a_fee"))
    assert (caught.value.code, caught.value.params["problem"]) == ("rules.bad_package", "shape")


def test_a_rule_that_is_not_there_is_refused(tmp_path: Path) -> None:
    authors = RuleAuthors()
    tested = authors.open(own_package(tmp_path))
    with pytest.raises(Refusal) as caught:
        authors.fields(tested, "LN-99", "zh")
    assert caught.value.code == "rules.no_such_rule"
