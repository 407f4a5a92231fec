"""`document prepare | withdraw | make | send-back | keep` and the queue that shows them, at the demo station."""

from __future__ import annotations

from pathlib import Path

from tests.cli.line import CommandLine
from tests.cli.steps import TODAY

CLERK = "liufang"
HAND_OVER = ("document", "batch", "--week", TODAY.isoformat(), "--hand-over")
TO_MAKE = ("document", "queue", "--waiting", "to_make")


def test_the_weeks_notices_go_to_the_clerk_who_makes_them_or_sends_them_back(demo: CommandLine) -> None:
    papers = [one for one in demo.ask(*HAND_OVER)["papers"] if one["outcome"] == "handed_over"]
    assert len(papers) >= 2
    assert all(one["prepared"] and not one["number"] and not one["document"] for one in papers)
    again = demo.ask(*HAND_OVER)["papers"]
    assert {one["prepared"] for one in again} == {one["prepared"] for one in papers} | {""}
    queue = demo.ask(*TO_MAKE, account=CLERK)["queue"]
    assert {one["prepared"] for one in queue} == {one["prepared"] for one in papers}
    first, second = papers[:2]
    assert first["enterprise"] in demo.say(*TO_MAKE, account=CLERK)

    made = demo.ask("document", "make", first["prepared"], account=CLERK)["papers"][0]
    assert (made["outcome"], bool(made["number"])) == ("issued", True)
    assert demo.fault("document", "make", first["prepared"], account=CLERK) == "prepared.not_waiting"
    demo.ask("document", "send-back", second["prepared"], "--reason", "请补充检查依据", account=CLERK)
    listed = ("document", "prepared", "--visit", second["visit"])
    (back,) = demo.ask(*listed)["prepared"]
    assert (back["state"], back["reason"], back["documents"]) == ("returned", "请补充检查依据", [])
    assert "已退回" in demo.say(*listed)
    assert demo.fault("document", "keep", first["prepared"], "--reason", "x") == "prepared.fits"


def test_one_paper_is_prepared_with_what_was_typed_and_withdrawn(demo: CommandLine, tmp_path: Path) -> None:
    visit = demo.ask(*HAND_OVER)["papers"][0]["visit"]
    words = ("document", "prepare", "D20", "--visit", visit)
    assert demo.fault("document", "prepare", "D99", "--visit", visit) == "cli.kind_unknown"
    assert demo.fault("document", "prepare", "D17", "--visit", visit) == "documents.field_missing"
    fields = tmp_path / "fields.yaml"
    wanted = ("education_time", "place", "education_kind", "person_name", "education")
    fields.write_text("".join(f"{name}: 示例\n" for name in wanted), "utf-8")
    prepared = demo.ask(*words, "--fields", fields, "--note", "加急")
    assert (prepared["state"], prepared["note"]) == ("waiting", "加急")
    gone = demo.ask("document", "withdraw", prepared["prepared"], "--reason", "企业停业")
    assert (gone["state"], gone["reason"]) == ("withdrawn", "企业停业")
