"""Codes on the command line: pictures in, and what a text means here."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from core.codes.make import qr_png
from tests.cli.line import CommandLine
from tests.cli.steps import ready_visit


def test_the_published_pictures_are_read_as_expected(small: CommandLine, shared_data: Path) -> None:
    folder = shared_data / "published" / "qr"
    with (folder / "expected.csv").open(encoding="utf-8-sig", newline="") as file:
        expected = list(csv.DictReader(file))
    answers = small.ask("scan", "decode", *(folder / row["file"] for row in expected))
    assert [Path(answer["image"]).name for answer in answers] == [row["file"] for row in expected]
    assert len(answers) == 20
    for row, answer in zip(expected, answers, strict=True):
        (text,) = answer["texts"]
        assert set(text) >= {"raw", "kind", "uscc", "valid"}
        assert text["raw"] == row["payload"].replace(r"\n", "\n"), row["file"]
        assert text["kind"] == row["kind"].removeprefix("bare_"), row["file"]
        assert text["uscc"] == (row["uscc"] or None), row["file"]
        assert text["valid"] is (row["uscc_valid"] == "yes"), row["file"]


def test_decoding_needs_no_station(tmp_path: Path, small: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(qr_png("91430104MA4XJT0158"))
    small.home = tmp_path / "nowhere"
    (answer,) = small.ask("scan", "decode", picture)
    assert answer["texts"] == [
        {"raw": "91430104MA4XJT0158", "kind": "uscc", "uscc": "91430104MA4XJT0158", "valid": True}
    ]


def test_a_text_tells_its_enterprise(demo: CommandLine) -> None:
    visit = ready_visit(demo)
    answer = demo.ask("scan", "check", f"http://www.gsxt.gov.cn/index.html?uniscid={visit['uscc']}")
    assert (answer["kind"], answer["valid"]) == ("license_url", True)
    assert answer["enterprise"] == {"id": visit["enterprise"], "name": visit["enterprise_name"]}
    assert visit["enterprise_name"] in demo.say("scan", "check", visit["uscc"])


def test_a_wrong_check_digit_names_nobody(demo: CommandLine) -> None:
    code = ready_visit(demo)["uscc"]
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    answer = demo.ask("scan", "check", wrong)
    assert (answer["valid"], answer["enterprise"]) == (False, None)
    assert "校验码不对" in demo.say("scan", "check", wrong)
    assert "wrong check digit" in demo.say("scan", "check", wrong, "--lang", "en")


def test_a_text_that_means_nothing_is_kept_as_it_is(demo: CommandLine) -> None:
    answer = demo.ask("scan", "check", "随便写的")
    assert (answer["kind"], answer["raw"], answer["enterprise"]) == ("unknown", "随便写的", None)


def test_a_torn_signed_code_is_never_called_good(demo: CommandLine) -> None:
    answer = demo.ask("scan", "check", "MJ1:6BF+70790T9WJWG.FKY*4GO0")
    assert (answer["kind"], answer["document"]["verdict"]) == ("signed", "unknown")
