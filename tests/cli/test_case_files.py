"""`case check | export | archive | verify` at the demo station."""

from __future__ import annotations

from pathlib import Path

from core.cli.main import parser
from tests.cli.line import CommandLine
from tests.cli.steps import ready_visit


def with_notice(demo: CommandLine) -> str:
    visit = ready_visit(demo)["id"]
    demo.ask("document", "issue", "D02", "--visit", visit)
    return visit


def test_the_check_says_what_a_review_would_find(demo: CommandLine) -> None:
    visit = with_notice(demo)
    found = demo.ask("case", "check", visit)
    failed = {one["code"] for one in found["points"] if one["mark"] == "fail"}
    assert not found["is_complete"]
    assert {"signed", "service", "closed"} <= failed
    assert "应当送达的文书有送达证明" in demo.say("case", "check", visit)
    assert demo.fault("case", "archive", visit) == "case.incomplete"


def test_an_exported_file_verifies_until_a_byte_changes(demo: CommandLine, tmp_path: Path) -> None:
    visit, folder = with_notice(demo), tmp_path / "案卷"
    made = demo.ask("case", "export", visit, "--out", folder, "--originals")
    assert [one["role"] for one in made["members"]] == ["cover", "paper"]
    assert demo.ask("case", "verify", folder)["verdict"] == "genuine"
    assert "与清单一致" in demo.say("case", "verify", folder)
    original = folder / made["members"][1]["file"]
    kept = original.read_bytes()
    original.write_bytes(kept + b" ")
    ran = demo.run("case", "verify", folder)
    assert (ran.code, ran.document["reasons"]) == (1, [f"file_altered {made['members'][1]['file']}"])
    original.unlink()
    assert demo.run("case", "verify", folder).document["verdict"] == "incomplete"
    (folder / "case.pdf").write_bytes((folder / "case.pdf").read_bytes()[:-1])
    assert demo.run("case", "verify", folder).document["verdict"] == "altered"


def test_the_pdf_and_its_manifest_alone_are_enough(demo: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "file"
    said = demo.say("case", "export", with_notice(demo), "--out", folder)
    assert "case.pdf" in said
    assert sorted(path.name for path in folder.iterdir()) == ["case.pdf", "manifest.json"]
    assert demo.ask("case", "verify", folder)["verdict"] == "genuine"


def test_a_place_without_a_manifest_or_that_cannot_be_written_is_trouble(demo: CommandLine, tmp_path: Path) -> None:
    assert demo.fault("case", "verify", tmp_path, code=3) == "cli.file_unreadable"
    blocked = tmp_path / "file"
    blocked.write_text("x")
    visit = with_notice(demo)
    assert demo.fault("case", "export", visit, "--out", blocked, code=3) == "cli.file_unwritable"


def test_the_group_is_known_to_the_command_line() -> None:
    assert parser().parse_args(["case", "check", "v-1"]).group == "case"
