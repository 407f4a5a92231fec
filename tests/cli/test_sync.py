"""Sync on the command line, against a headquarters in the same process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.kernel.clock import FixedClock
from core.kernel.errors import Trouble
from core.station import lines
from core.sync.streams import home_stream
from tests.cli.line import CommandLine
from tests.cli.steps import answer_all, begun, checklists
from tests.helpers.headquarters import Author
from tests.helpers.station_town import BODY, URL, Town, TownLine


@pytest.fixture
def town(tmp_path: Path, held_clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """Give a headquarters to which every command of a station has a line."""
    made = Town(tmp_path)

    def line_to(_url: str, session: Any, _root: bytes | None) -> TownLine:
        return TownLine(made, session.device_id)

    monkeypatch.setattr(lines, "http_line", line_to)
    yield made
    made.close()


def test_a_station_that_belongs_to_nobody_says_so(small: CommandLine) -> None:
    status = small.ask("sync", "status")
    assert (status["is_enrolled"], status["unconfirmed"] > 0) == (False, True)
    assert small.fault("sync", "run") == "sync.not_enrolled"
    assert small.fault("sync", "statement") == "sync.no_statement"


def test_enrol_run_and_the_statement_of_both_ends(small: CommandLine, town: Town) -> None:
    enrolled = small.ask("sync", "enrol", URL, town.code())
    assert enrolled["subject"] == BODY
    report = small.ask("sync", "run")
    assert (report["state"], report["pushed"] > 0) == ("even", True)
    statement = small.ask("sync", "statement")
    assert statement["equal"] is True
    assert set(statement["records"]) == {"here", "there", "only_here"}
    assert statement["records"]["only_here"] == 0
    assert statement["root_here"] == statement["root_there"]
    assert {"blobs", "conflicts"} <= set(statement)
    assert statement["root_here"] in small.say("sync", "statement")
    assert URL in small.say("sync", "status")


class Waits:
    """Stands in for a person who stops the program after some waits; keeps how long each would have been."""

    def __init__(self, times: int) -> None:
        self.seconds: list[float] = []
        self._times = times

    def wait(self, seconds: float) -> bool:
        """Return at once."""
        self.seconds.append(seconds)
        return len(self.seconds) >= self._times


def test_it_goes_on_by_itself_whatever_one_attempt_came_to(
    small: CommandLine, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.ask("sync", "enrol", URL, town.code())
    waits, places = Waits(3), list[str]()
    monkeypatch.setattr("core.cli.sync.threading.Event", lambda: waits)

    def cut(place: str) -> bool:
        places.append(place)
        return len(places) == 1

    town.cut = cut
    assert small.run("sync", "run", "--every", "15").code == 0
    failed, *even = waits.seconds
    # The first attempt broke: the next one comes sooner than the interval, the others about when they were asked for.
    assert 0 <= failed < 15 * 60 / 2
    assert all(15 * 60 / 2 <= one <= 15 * 60 * 1.5 for one in even)
    status = small.ask("sync", "status")
    assert (status["failures"], status["unconfirmed"], status["last_error"]) == (0, 0, "")


def test_no_paper_is_made_of_what_stands_in_two_ways(demo: CommandLine, town: Town) -> None:
    demo.ask("sync", "enrol", URL, town.code())
    visit = begun(demo)["id"]
    answer_all(demo, visit)
    (listed,) = checklists(demo, visit)
    mine = next(one for one in listed["answers"] if one["verdict"] == "pass")
    demo.ask("sync", "numbers", "scene_record", "--size", "5")
    demo.ask("sync", "run")
    colleague = Author("d-colleague", clock=town.clock, stream=home_stream(BODY))
    town.hq.admit(colleague)
    colleague.write("answer", mine["id"], {**mine, "verdict": "fail"})
    town.hq.push(colleague)
    demo.ask("sync", "run")
    words = ("document", "issue", "scene_record", "--visit", visit)
    assert demo.fault(*words) == "documents.open_clashes"
    (clash,) = demo.ask("sync", "conflicts")["clashes"]
    chosen = [f"{side['field']}={side['entry']}" for side in clash["sides"] if side["value"] == "pass"]
    demo.ask("sync", "resolve", "answer", mine["id"], *chosen)
    assert demo.ask(*words)["document"]


def test_a_wrong_code_is_refused_in_three_sentences(small: CommandLine, town: Town) -> None:
    assert town.store.is_begun()
    assert small.fault("sync", "enrol", URL, "NO-SUCH-CODE") == "hq.code_unknown"


def test_numbers_are_asked_for_and_come_with_the_next_sync(small: CommandLine, town: Town) -> None:
    small.ask("sync", "enrol", URL, town.code())
    asked = small.ask("sync", "numbers", "D03", "--size", "10")
    assert (asked["body"], asked["document_kind"], asked["size"]) == (BODY, "scene_record", 10)
    assert small.fault("sync", "numbers", "D99") == "cli.kind_unknown"
    assert small.ask("sync", "run")["outcomes"] == [asked["id"]]


def test_a_bundle_goes_out_once_and_is_never_written_over(small: CommandLine, town: Town, tmp_path: Path) -> None:
    small.ask("sync", "enrol", URL, town.code())
    path = tmp_path / "out.isb"
    assert small.ask("bundle", "export", path)["runs"] == 1
    assert small.fault("bundle", "export", path) == "bundle.exists"
    # It is sealed to headquarters: who wrote it cannot open it again.
    assert small.fault("bundle", "import", path, code=3) == "bundle.damaged"


def test_there_is_nothing_to_decide_on_a_fresh_station(small: CommandLine) -> None:
    assert small.ask("sync", "conflicts") == {"clashes": [], "conflicts": []}
    assert small.fault("sync", "resolve", "answer", "a-1", "verdict=e-1") == "sync.nothing_to_decide"
    assert small.fault("sync", "resolve", "answer", "a-1", "verdict") == "cli.choice_unreadable"
    assert small.fault("sync", "settle", "c-1", "已核对") == "store.not_found"


def test_a_broken_line_is_trouble_and_shows_in_the_status(
    small: CommandLine, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.ask("sync", "enrol", URL, town.code())

    def broken(*_args: Any) -> Any:
        raise Trouble("sync.unreachable")

    monkeypatch.setattr(town, "cut", broken)
    assert small.fault("sync", "run", code=3) == "sync.unreachable"
    assert small.ask("sync", "status")["last_error"] == "sync.unreachable"
