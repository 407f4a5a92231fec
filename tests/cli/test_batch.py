"""`document batch | queue | prints` and the service of papers, at the demo station."""

from __future__ import annotations

from pathlib import Path

from core.papers.merge import page_count
from tests.cli.line import CommandLine
from tests.cli.steps import TODAY

CLERK = "liufang"
BATCH = ("document", "batch", "--week", TODAY.isoformat())


def test_the_clerk_issues_the_weeks_notices_once_as_one_file(demo: CommandLine, tmp_path: Path) -> None:
    first = demo.ask(*BATCH, "--sort", "route", "--out", tmp_path, "--one-file", account=CLERK)
    issued = [one for one in first["papers"] if one["outcome"] == "issued"]
    assert issued
    assert all(one["number"] for one in issued)
    assert (first["copies_marked"], first["is_cancelled"]) == (0, False)
    assert page_count(Path(first["files"][0]).read_bytes()) >= len(issued)
    again = demo.ask(*BATCH, "--sort", "officer", "--out", tmp_path, account=CLERK)
    assert {one["number"] for one in again["papers"]} == {one["number"] for one in first["papers"]}
    assert again["copies_marked"] == len(again["files"]) >= len(issued)


def test_the_print_log_and_the_queue_are_told(demo: CommandLine, tmp_path: Path) -> None:
    said = demo.say(*BATCH, "--out", tmp_path, "--copies", "2", account=CLERK)
    assert "份通知书" in said
    (run,) = demo.ask("document", "prints", account=CLERK)["runs"]
    assert {paper["copies"] for paper in run["papers"]} == {2}
    assert run["by"] == "demo-clerk-liufang"
    assert demo.say("document", "prints", account=CLERK)
    queue = demo.ask("document", "queue", account=CLERK)["queue"]
    assert {one["document"] for one in queue if one["waiting"] == "to_sign"} >= {p["document"] for p in run["papers"]}
    assert demo.say("document", "queue", "--state", "draft", account=CLERK)


def test_an_empty_week_makes_nothing(demo: CommandLine) -> None:
    assert demo.ask("document", "batch", "--week", "2031-01-06", account=CLERK)["papers"] == []


def test_a_paper_is_left_with_a_witness_and_its_clocks_begin(demo: CommandLine, tmp_path: Path) -> None:
    papers = demo.ask(*BATCH, account=CLERK)["papers"]
    document = next(one["document"] for one in papers if one["document"])
    at = f"{TODAY}T09:05"
    words = ("document", "serve", document, "--method", "left", "--at", at, "--server", "张敏", "--place", "门前")
    assert demo.fault(*words, "--reason", "拒收") == "service.lacking"
    refused = demo.ask("document", "refused", document, "--reason", "负责人拒收", "--server", "张敏")
    assert (refused["state"], refused["served_on"]) == ("refused", None)
    assert demo.ask("document", "receipts")["receipts"][0]["receipt"] == refused["receipt"]
    left = demo.ask(*words, "--reason", "拒收", "--witness", "刘六", "--witness-post", "某社区居委会", "--paper")
    assert (left["state"], left["served_on"]) == ("proven", TODAY.isoformat())
    assert left["paper"]
    assert "第八十九条" in left["citation"]


def test_a_letter_is_proven_by_its_slip_or_comes_back(demo: CommandLine, tmp_path: Path) -> None:
    papers = [one["document"] for one in demo.ask(*BATCH, account=CLERK)["papers"] if one["document"]]
    slip = tmp_path / "slip.pdf"
    slip.write_bytes(b"%PDF-1.7 slip")
    words = ("--method", "post", "--tracking-no", "XA1", "--place", "示例路1号")
    sent = demo.ask("document", "serve", papers[0], *words)["receipt"]
    proof = ("--at", f"{TODAY}T09:04", "--media", slip, "--tracking-no", "XA1", "--place", "示例路1号")
    assert demo.ask("document", "prove", sent, *proof)["state"] == "proven"
    lost = demo.ask("document", "serve", papers[1], *words)["receipt"]
    assert demo.ask("document", "returned", lost, "--reason", "查无此人")["state"] == "returned"
    assert demo.fault("document", "deemed", lost) == "service.not_under_way"


def test_the_ways_of_service_say_what_they_want(demo: CommandLine) -> None:
    ways = demo.ask("document", "ways")["ways"]
    assert len(ways) == 6
    assert all(way["wants"] and "民事诉讼法" in way["citation"] for way in ways)
    assert "留置送达" in demo.say("document", "ways")
