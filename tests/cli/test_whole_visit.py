"""A whole visit by commands alone, from the plan to the archive; no test opens a socket (pytest-socket)."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError

from core.codes.make import qr_png
from tests.cli.line import CommandLine
from tests.cli.steps import answer_all, approve, attach_photos, opened, planned, signed_record


def test_sockets_are_blocked_while_these_tests_run() -> None:
    with pytest.raises((SocketBlockedError, UserWarning), match="tried to use socket"):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def test_a_visit_goes_from_its_plan_to_the_archive(demo: CommandLine, tmp_path: Path) -> None:
    visit = planned(demo)
    key = visit["id"]
    assert (visit["state"], visit["is_demo"]) == ("draft", True)
    assert approve(demo, key, tmp_path) == "approved"
    assert demo.move("notify", key) == "notified"
    assert opened(demo, key)["decision"] == "open"
    assert demo.move("arrive", key) == "arrived"
    code = tmp_path / "licence.png"
    code.write_bytes(qr_png(f"http://www.gsxt.gov.cn/index.html?uniscid={visit['uscc']}"))
    assert demo.move("scan", key, "--image", code) == "scanned"
    assert demo.move("identify", key, "--name", "周经理", "--post", "负责人", "--phone", "13900000000") == "scanned"
    assert demo.move("begin", key) == "inspecting"
    assert answer_all(demo, key) > 5
    assert attach_photos(demo, key, tmp_path) > 0
    assert demo.move("conclude", key, "--conclusion", "未发现问题", "--opinion", "无异议") == "recorded"
    assert demo.move("tell", key) == "result_told"
    assert [one["code"] for one in demo.ask("visit", "blockers", key)["blockers"]] == ["record_missing"]
    assert demo.fault("visit", "close", key) == "visit.cannot_close"
    paper = signed_record(demo, key, tmp_path)
    assert demo.ask("visit", "blockers", key)["blockers"] == []
    assert demo.move("close", key) == "closed"
    assert demo.move("archive", key) == "archived"
    pdf = tmp_path / "record.pdf"
    assert demo.ask("document", "render", paper["document"], "--out", pdf)["bytes"] == pdf.stat().st_size
    assert demo.ask("document", "verify", pdf)["verdict"] == "genuine"
    assert demo.ask("log", "verify")["verdict"] == "intact"


def test_a_finding_is_classified_determined_ordered_and_corrected(demo: CommandLine, tmp_path: Path) -> None:
    visit = planned(demo)
    key = visit["id"]
    approve(demo, key, tmp_path)
    demo.move("notify", key)
    opened(demo, key)
    demo.move("arrive", key)
    demo.move("scan", key, "--text", visit["uscc"])
    demo.move("identify", key, "--name", "周经理")
    demo.move("begin", key)
    (listed,) = demo.ask("visit", "checklist", key)["checklists"]
    point = next(one for one in listed["checklist"]["points"] if one["kind"] == "verdict")["id"]
    bad = demo.ask("visit", "answer", key, "--item", listed["item"], "--point", point, "--value", "不合格")
    assert bad["verdict"] == "fail"
    (finding,) = demo.ask("finding", "list", key)["findings"]
    violation = demo.ask("finding", "violations")["violations"][0]["id"]
    demo.ask("finding", "set", finding["id"], "--violation", violation, "--requirement", "七日内改正")
    answer_all(demo, key)
    attach_photos(demo, key, tmp_path)
    demo.move("conclude", key, "--conclusion", "发现问题 1 处", "--measures", "责令改正")
    determined = demo.ask("determine", "finding", finding["id"])
    assert determined["proposal"] == "needs_evidence"
    assert determined["missing"]
    demo.ask("determine", "replay", determined["determination"])
    demo.move("tell", key)
    assert demo.move("order", key, "--correct-by", "2026-03-24") == "correcting"
    assert demo.fault("visit", "close", key) == "visit.cannot_close"
    assert demo.move("corrected", key, "--note", "已按要求改正") == "corrected"
    signed_record(demo, key, tmp_path)
    assert demo.move("close", key) == "closed"
    assert demo.ask("log", "verify")["verdict"] == "intact"
