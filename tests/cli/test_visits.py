"""The lawful ways beside the ordinary one, and what the commands of a visit refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.codes.make import qr_png
from core.kernel.clock import FixedClock
from tests.cli.line import HEAD_ID, OFFICER_IDS, SUPERVISOR, CommandLine
from tests.cli.steps import (
    answer_all,
    approve,
    attach_photos,
    begun,
    opened,
    planned,
    ready_visit,
    recorded,
    signed_record,
)

OTHER = "91430104MA4XJT0158"


def arrived(line: CommandLine) -> dict[str, Any]:
    visit = ready_visit(line)
    opened(line, visit["id"])
    line.move("notify", visit["id"])
    assert line.move("arrive", visit["id"]) == "arrived"
    return visit


def shown(line: CommandLine, visit: str) -> dict[str, Any]:
    return line.ask("visit", "show", visit)["visit"]


def test_an_opened_visit_answers_in_the_shape_that_scripts_rely_on(demo: CommandLine) -> None:
    answer = opened(demo, ready_visit(demo)["id"])
    assert {"visit", "state", "decision", "gates"} <= set(answer)
    assert answer["decision"] == "open"
    assert len(answer["gates"]) >= 10
    for line in answer["gates"]:
        assert {"gate", "verdict", "facts", "citation", "as_of", "change"} <= set(line)
        assert line["verdict"] in {"pass", "warn", "block", "unknown"}


def test_a_visit_that_may_not_go_in_says_why_and_is_refused(demo: CommandLine) -> None:
    draft = planned(demo)
    ran = demo.run("visit", "open", draft["id"])
    assert ran.code == 1
    assert ran.document["decision"] == "blocked"
    assert [one["gate"] for one in ran.document["gates"] if one["verdict"] == "block"] == ["approval"]
    assert len(ran.err.strip().splitlines()) == 3
    assert shown(demo, draft["id"])["opened_at"] is None


def test_looking_at_the_gates_changes_nothing(demo: CommandLine) -> None:
    before = demo.head_of_chain()
    assert demo.ask("visit", "gates", ready_visit(demo)["id"])["gates"]
    assert demo.head_of_chain() == before


def test_a_reason_without_a_gate_is_refused(demo: CommandLine) -> None:
    assert demo.fault("visit", "open", ready_visit(demo)["id"], "--because", "joint_visit") == "cli.reason_unclear"


def test_a_reason_for_a_gate_that_does_not_exist_is_refused(demo: CommandLine) -> None:
    visit = ready_visit(demo)["id"]
    assert demo.fault("visit", "open", visit, "--because", "no_such_gate=经负责人同意") == "cli.gate_unknown"
    assert shown(demo, visit)["overrides"] == []


@pytest.mark.parametrize(("lang", "words"), [("zh", "还没有做现场检查笔录"), ("en", "there is no scene record yet")])
def test_a_person_reads_line_by_line_what_blocks_closing(demo: CommandLine, lang: str, words: str) -> None:
    ran = demo.run("visit", "close", ready_visit(demo)["id"], "--lang", lang, as_json=False)
    assert (ran.code, ran.out) == (1, "")
    assert words in [line.strip() for line in ran.err.splitlines()]


def test_a_visit_is_found_by_its_number_too(demo: CommandLine) -> None:
    visit = ready_visit(demo)
    assert shown(demo, visit["number"].lower())["id"] == visit["id"]
    assert demo.fault("visit", "show", "000000-0000") == "cli.visit_unknown"


def test_an_enterprise_must_be_named_so_that_one_is_meant(demo: CommandLine) -> None:
    words = ("--item", "i", "--officer", "a", "--from", "2026-03-17T08:00", "--to", "2026-03-17T20:00")
    assert demo.fault("visit", "plan", "--enterprise", "公司", *words) == "cli.enterprise_unclear"
    assert demo.fault("visit", "plan", "--enterprise", OTHER, *words) == "cli.enterprise_unknown"


def test_a_code_in_a_picture_with_others_is_the_one_of_the_licence(demo: CommandLine, tmp_path: Path) -> None:
    visit = arrived(demo)
    door = tmp_path / "door.png"
    door.write_bytes(
        _side_by_side("https://example.org/menu", f"http://www.gsxt.gov.cn/index.html?uniscid={visit['uscc']}")
    )
    demo.move("scan", visit["id"], "--image", door)
    scan = shown(demo, visit["id"])["scan"]
    assert (scan["uscc"], scan["source"], scan["uscc_valid"]) == (visit["uscc"], "image", True)


def _side_by_side(*texts: str) -> bytes:
    import io

    from PIL import Image

    codes = [Image.open(io.BytesIO(qr_png(text))).convert("L") for text in texts]
    wall = Image.new("L", (sum(one.width for one in codes) + 60, max(one.height for one in codes)), 255)
    at = 0
    for code in codes:
        wall.paste(code, (at, 0))
        at += code.width + 60
    out = io.BytesIO()
    wall.save(out, "PNG")
    return out.getvalue()


def test_another_enterprises_code_stops_the_visit_at_the_door(demo: CommandLine) -> None:
    visit = arrived(demo)
    demo.move("scan", visit["id"], "--text", OTHER)
    demo.move("identify", visit["id"], "--name", "周经理")
    assert demo.fault("visit", "begin", visit["id"]) == "gates.blocked"
    assert demo.move("scan", visit["id"], "--text", visit["uscc"]) == "scanned"
    assert demo.move("begin", visit["id"]) == "inspecting"


def test_the_way_without_a_code_keeps_its_reason(demo: CommandLine) -> None:
    visit = arrived(demo)
    assert demo.move("scan", visit["id"], "--no-code", "code_damaged", "--note", "码牌被撕") == "scanned"
    demo.move("identify", visit["id"], "--name", "周经理")
    assert demo.move("begin", visit["id"]) == "inspecting"
    (kept,) = shown(demo, visit["id"])["deviations"]
    assert (kept["path"], kept["reason_code"], kept["duty"]) == ("no_code_shown", "code_damaged", "none")


def test_a_broken_network_owes_an_upload_that_is_made_good(demo: CommandLine, tmp_path: Path) -> None:
    visit = begun(demo)["id"]
    demo.move("scan", visit, "--network-down", "no_network")
    assert visit in [one["visit"] for one in demo.ask("visit", "clocks")["clocks"]]
    answer_all(demo, visit)
    attach_photos(demo, visit, tmp_path)
    demo.move("conclude", visit, "--conclusion", "未发现问题")
    demo.move("tell", visit)
    signed_record(demo, visit, tmp_path)
    assert demo.fault("visit", "close", visit) == "visit.cannot_close"
    demo.move("uploaded", visit)
    assert demo.move("close", visit) == "closed"


def test_a_failing_system_lets_the_scan_wait_and_a_supervisor_may_settle_it(
    demo: CommandLine, held_clock: FixedClock
) -> None:
    visit = arrived(demo)["id"]
    assert demo.move("scan", visit, "--later", "system_failure", "--system-down") == "late_scan_pending"
    demo.move("identify", visit, "--name", "周经理")
    demo.move("begin", visit)
    held_clock.advance(days=4)
    words = ("--duty", "scan", "--note", "系统修复后无法补扫")
    assert demo.fault("visit", "settle", visit, *words) == "visit.not_supervisor"
    demo.move("settle", visit, *words, account=SUPERVISOR)
    assert [one for one in demo.ask("visit", "clocks")["clocks"] if one["visit"] == visit] == []


def test_an_emergency_runs_from_the_oral_report_to_the_archive(demo: CommandLine, tmp_path: Path) -> None:
    visit = planned(demo, "--trigger", "complaint", "--trigger-no", "示例-1", kind="case")
    key = visit["id"]
    told = ("--oral", HEAD_ID, "--reason", "gas_leak", "--note", "燃气泄漏报警")
    assert demo.move("approve", key, *told) == "approval_pending_makeup"
    assert opened(demo, key)["decision"] == "open"
    demo.move("arrive", key)
    assert demo.move("scan", key, "--later", "gas_leak") == "late_scan_pending"
    demo.move("identify", key, "--name", "周经理")
    demo.move("begin", key)
    trigger = tmp_path / "report.pdf"
    trigger.write_bytes(b"%PDF-1.4 report")
    demo.ask("visit", "attach", key, trigger, "--method", "trigger", "--proves", "报警记录")
    answer_all(demo, key)
    attach_photos(demo, key, tmp_path)
    assert demo.fault("visit", "conclude", key, "--conclusion", "险情已排除") == "visit.late_scan_first"
    demo.move("late-scan", key, "--text", visit["uscc"])
    assert shown(demo, key)["scan"]["is_late"] is True
    demo.move("conclude", key, "--conclusion", "险情已排除")
    demo.move("tell", key)
    signed_record(demo, key, tmp_path)
    assert demo.fault("visit", "close", key) == "visit.cannot_close"
    approve(demo, key, tmp_path)
    assert shown(demo, key)["approval"]["is_makeup"] is True
    assert demo.move("close", key) == "closed"
    assert demo.move("archive", key) == "archived"


def test_a_refusal_stops_and_may_be_taken_up_again(demo: CommandLine) -> None:
    visit = arrived(demo)["id"]
    assert demo.move("refuse", visit, "--reason", "no_reason_given", "--note", "拒绝入内") == "refused"
    assert demo.fault("visit", "scan", visit, "--text", OTHER) == "visit.illegal_move"
    assert demo.move("resume", visit, "--note", "企业同意检查") == "arrived"
    assert shown(demo, visit)["refused"]["reason_code"] == "no_reason_given"


def test_a_visit_may_be_given_up_and_filed(demo: CommandLine) -> None:
    visit = ready_visit(demo)["id"]
    assert demo.move("abort", visit, "--reason", "企业停业") == "aborted"
    assert demo.move("archive", visit) == "archived"
    assert demo.fault("visit", "arrive", visit) == "visit.illegal_move"


def test_only_a_head_signs_and_only_for_the_visit_that_is_named(demo: CommandLine, tmp_path: Path) -> None:
    visit, other = planned(demo), ready_visit(demo)
    scheme, signed = tmp_path / "scheme.json", tmp_path / "approval.json"
    demo.ask("visit", "scheme", visit["id"], scheme)
    assert demo.fault("visit", "sign-off", scheme, signed) == "approval.no_key"
    assert not signed.exists()
    demo.ask("visit", "sign-off", scheme, signed, account="wangjianguo")
    assert demo.fault("visit", "approve", other["id"], "--package", signed) == "approval.other_visit"
    signed.write_text(signed.read_text("utf-8").replace(visit["subject"], "别的局"), "utf-8")
    assert demo.fault("visit", "approve", visit["id"], "--package", signed) == "approval.not_good"
    signed.write_bytes(b"{}")
    assert demo.fault("visit", "approve", visit["id"], "--package", signed) == "approval.not_a_package"
    assert demo.fault("visit", "approve", visit["id"]) == "cli.approval_missing"
    assert shown(demo, visit["id"])["state"] == "draft"


def test_what_is_revised_falls_back_to_draft(demo: CommandLine) -> None:
    visit = ready_visit(demo)["id"]
    assert demo.move("revise", visit, "--assistants", "1", "--to", "2026-03-18T18:00") == "draft"
    assert shown(demo, visit)["assistants"] == 1
    assert shown(demo, visit)["planned_to"] == "2026-03-18T10:00:00Z"


def test_rights_and_recusal_are_kept_as_told(demo: CommandLine) -> None:
    visit = arrived(demo)
    demo.move("scan", visit["id"], "--text", visit["uscc"])
    demo.move("identify", visit["id"], "--name", "周经理", "--relation", "店长", "--id-kind", "身份证")
    demo.move("tell-rights", visit["id"], "--recusal-officer", OFFICER_IDS[1])
    demo.move("decide-recusal", visit["id"], "rejected")
    assert demo.move("begin", visit["id"]) == "inspecting"
    after = shown(demo, visit["id"])
    assert (after["recusal_asked"], after["recusal_officers"]) == (True, [OFFICER_IDS[1]])
    assert after["recusal_decision"] == "rejected"


def test_officers_may_be_replaced_after_a_leader_was_told(demo: CommandLine) -> None:
    visit = arrived(demo)
    officers = ("--officer", OFFICER_IDS[0], "--officer", "demo-officer-010")
    demo.move("replace-officers", visit["id"], *officers, "--leader", HEAD_ID, "--reason", "other")
    assert shown(demo, visit["id"])["officers"] == [OFFICER_IDS[0], "demo-officer-010"]
    assert "approval" in [one["duty"] for one in demo.ask("visit", "clocks")["clocks"] if one["visit"] == visit["id"]]


def test_evidence_is_described_voided_and_given_back_byte_for_byte(demo: CommandLine, tmp_path: Path) -> None:
    visit = begun(demo)["id"]
    photo = tmp_path / "门头.png"
    photo.write_bytes(qr_png("x"))
    piece = demo.ask("visit", "attach", visit, photo, "--made-at", "2026-03-17T08:55")
    assert (piece["kind"], piece["file_name"], piece["made_at"]) == ("photo", "门头.png", "2026-03-17T00:55:00Z")
    assert demo.fault("visit", "attach", visit, photo) == "evidence.already_attached"
    demo.ask("visit", "describe", piece["id"], "--proves", "经营场所")
    demo.ask("visit", "save-evidence", piece["id"], tmp_path / "back.png")
    assert (tmp_path / "back.png").read_bytes() == photo.read_bytes()
    demo.ask("visit", "void-evidence", piece["id"], "--reason", "拍错了")
    (kept,) = demo.ask("visit", "evidence", visit)["evidence"]
    assert (kept["proves"], kept["is_void"], kept["void_reason"]) == ("经营场所", True, "拍错了")


def test_the_rest_of_an_item_may_be_left_unchecked_but_not_called_good(demo: CommandLine) -> None:
    visit = begun(demo)
    item = visit["items"][0]
    assert demo.run("visit", "answer-rest", visit["id"], "--item", item, "--verdict", "pass").code == 2
    assert demo.ask("visit", "answer-rest", visit["id"], "--item", item, "--verdict", "not_checked")["answered"] > 5
    (listed,) = demo.ask("visit", "checklist", visit["id"])["checklists"]
    assert listed["progress"]["unanswered"] == []


def test_a_paper_is_signed_by_the_visit_it_belongs_to(demo: CommandLine, tmp_path: Path) -> None:
    visit = recorded(demo, tmp_path)["id"]
    refused = ("--role", "party", "--method", "refused", "--reason", "不愿签名", "--witness", "社区工作人员")
    assert demo.fault("visit", "sign", visit, *refused) == "cli.paper_missing"
    paper = demo.ask("document", "issue", "scene_record", "--visit", visit)
    signed = demo.ask("visit", "sign", visit, *refused)
    assert (signed["document"], signed["number"]) == (paper["document"], paper["number"])
    assert "party" not in signed["missing_signatures"]
    assert demo.fault("visit", "sign", visit, "--role", "officer") == "documents.signature_incomplete"


def test_findings_are_added_set_told_facts_and_voided(demo: CommandLine) -> None:
    visit = begun(demo)
    made = demo.ask("finding", "add", visit["id"], "--item", visit["items"][0], "--text", "通道堆物")
    key = made["id"]
    assert demo.fault("finding", "set", key) == "cli.nothing_to_set"
    assert demo.fault("finding", "set", key, "--violation", "none-such") == "cli.violation_unknown"
    assert demo.ask("finding", "set", key, "--corrected-on-spot")["corrected_on_spot"] is True
    assert demo.ask("finding", "fact", key, "harm_minor", "true")["facts"] == {"harm_minor": True}
    assert demo.ask("finding", "fact", key, "people", "-3")["facts"] == {"harm_minor": True, "people": -3}
    assert demo.ask("finding", "fact", key, "people")["facts"] == {"harm_minor": True}
    demo.ask("finding", "void", key, "--reason", "记错了")
    assert demo.ask("finding", "list", visit["id"])["findings"] == []
    assert len(demo.ask("finding", "list", visit["id"], "--all")["findings"]) == 1


def test_today_and_the_list_show_what_there_is(demo: CommandLine) -> None:
    today = demo.ask("visit", "today")
    assert today["day"] == "2026-03-17"
    assert today["counts"]["due"] == len(today["due"]) > 0
    states = {one["state"] for one in demo.ask("visit", "list")["visits"]}
    assert {"draft", "approved", "archived", "correcting"} <= states
    visit = ready_visit(demo)
    assert [one["id"] for one in demo.ask("visit", "list", visit["number"])["visits"]] == [visit["id"]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_view_of_a_visit_reads_as_words(demo: CommandLine, lang: str) -> None:
    visit = begun(demo)["id"]
    for words in (["show", visit], ["gates", visit], ["checklist", visit], ["blockers", visit], ["evidence", visit],
                  ["list"], ["today"], ["clocks"]):  # fmt: skip
        out = demo.say("visit", *words, "--lang", lang)
        assert out.strip(), words
    is_chinese = any("一" <= letter <= "鿿" for letter in demo.say("visit", "blockers", visit, "--lang", lang))
    assert is_chinese or lang == "en"
