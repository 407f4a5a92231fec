"""The authors' page over the packages that ship: examples green or red, a bad file refused, two rules compared."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from core.kernel.resources import resources_dir
from core.services.rule_authors import RuleAuthors
from tests.ui.fakes import FakeSession
from ui.desk import Desk
from ui.determinations.page import RulesPage, example_tone, example_words
from ui.i18n import t
from ui.theme import Tone

RULES = resources_dir() / "rules"


@contextmanager
def page_of(desk: Desk, session: FakeSession) -> Generator[RulesPage]:
    session.rule_authors = RuleAuthors()
    page = RulesPage(desk)
    page.shown()
    try:
        yield page
    finally:
        page.deleteLater()


def own_file(folder: Path, before: str, after: str) -> Path:
    for name in ("statute.yaml", "vocabulary.yaml"):
        (folder / name).write_bytes((RULES / name).read_bytes())
    path = folder / "mine.yaml"
    path.write_text((RULES / "area.yaml").read_text("utf-8").replace(before, after, 1), "utf-8")
    return path


def test_the_package_in_force_is_shown_green(desk: Desk, session: FakeSession) -> None:
    with page_of(desk, session) as page:
        assert page.tested is not None
        count = len(page.tested.results)
        assert page.summary.text() == t("ui.rules.green", passed=count, failed=0, count=count)
        rows = page.table.model.records()
        assert len(rows) == len(page.tested.package.rules)
        assert {example_tone(one) for one in rows} == {Tone.PASS}
        assert not page.panel.isHidden()


def test_a_failing_example_makes_its_rule_red_and_says_what_it_should_give(
    desk: Desk, session: FakeSession, tmp_path: Path
) -> None:
    path = own_file(tmp_path, "expect: no_penalty", "expect: light")
    with page_of(desk, session) as page:
        page.take_file(path)
        assert page.tested is not None
        count = len(page.tested.results)
        assert page.summary.text() == t("ui.rules.red", passed=count - 1, failed=1, count=count)
        red = [one for one in page.table.model.records() if example_tone(one) is Tone.BLOCK]
        assert len(red) == 1
        assert example_words(red[0]).startswith("✕")


def test_a_bad_file_is_told_and_leaves_nothing_on_the_page(desk: Desk, session: FakeSession, tmp_path: Path) -> None:
    path = own_file(tmp_path, "facility_damaged", "facility_demaged")
    with page_of(desk, session) as page:
        page.take_file(path)
        assert not page.fault_line.isHidden()
        assert all(words in page.fault_line.what.text() for words in ("mine.yaml", "LN-01", "facility_demaged"))
        assert page.fault_line.more.text()
        assert page.split.isHidden()
        assert page.progress.isHidden()
        assert page.tested is None
        # Mended in the author's editor, it is tested again without being chosen again.
        own_file(tmp_path, "facility_demaged", "facility_damaged")
        page.again_button.click()
        assert page.fault_line.isHidden()
        assert page.tested is not None


def test_two_rules_are_compared_field_by_field(desk: Desk, session: FakeSession) -> None:
    with page_of(desk, session) as page:
        page.table.choose("LN-01")
        page.panel.compare_with("LN-03")
        tested = page.tested
        assert tested is not None
        pairs = session.rule_authors.compare(tested, "LN-01", "LN-03", "zh")
        differing = t("ui.rules.differing", count=sum(1 for pair in pairs if not pair.is_equal))
        shown = [label.text() for label in page.panel.findChildren(type(page.summary))]
        assert differing in shown
        assert sum(1 for words in shown if words.startswith("≠ ")) == sum(1 for pair in pairs if not pair.is_equal)


def test_the_chosen_rule_stays_chosen_when_the_package_is_tested_again(desk: Desk, session: FakeSession) -> None:
    with page_of(desk, session) as page:
        page.table.choose("LN-05")
        page.again_button.click()
        assert page.table.current().id == "LN-05"
