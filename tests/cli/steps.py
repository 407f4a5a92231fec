"""Stretches of a visit on the command line, for tests that begin further on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from core.kernel.clock import local_date
from tests.cli.line import HEAD, OFFICER_IDS, CommandLine
from tests.helpers.clock import TEST_INSTANT

TODAY = local_date(TEST_INSTANT)
WINDOW = ("--from", f"{TODAY}T08:00", "--to", f"{TODAY}T20:00")


def ready_visit(line: CommandLine) -> dict[str, Any]:
    """Return the approved visit of today that the demo has for its main officers."""
    found = line.ask("visit", "list", "--state", "approved")["visits"]
    return min((one for one in found if OFFICER_IDS[0] in one["officers"]), key=lambda one: one["planned_from"])


def unvisited(line: CommandLine, words: str = "餐") -> dict[str, Any]:
    """Return an enterprise that no visit of the demo concerns."""
    taken = {one["enterprise"] for one in line.ask("visit", "list")["visits"]}
    hits = line.ask("enterprises", "search", words, "--limit", "100")
    return next(hit for hit in hits if hit["id"] not in taken)


def planned(line: CommandLine, *more: str, kind: str = "routine") -> dict[str, Any]:
    """Plan a visit like the ready one at an enterprise that nobody visits yet; return its show-document's visit."""
    like = ready_visit(line)
    words = ["--kind", kind, "--enterprise", unvisited(line)["uscc"], "--item", like["items"][0], *WINDOW, *more]
    for officer in OFFICER_IDS:
        words += ["--officer", officer]
    if kind == "routine":
        words += ["--plan", like["plan"]]
    made = line.ask("visit", "plan", *words)
    return line.ask("visit", "show", made["visit"])["visit"]


def approve(line: CommandLine, visit: str, folder: Path) -> str:
    """Have the head sign the scheme of a visit and take the signed approval; return the state."""
    scheme, signed = folder / "scheme.json", folder / "approval.json"
    line.ask("visit", "scheme", visit, scheme)
    line.ask("visit", "sign-off", scheme, signed, account=HEAD)
    return line.move("approve", visit, "--package", signed)


def opened(line: CommandLine, visit: str) -> dict[str, Any]:
    """Open a visit, with a reason for every gate that asks for one."""
    wanting = line.ask("visit", "show", visit)["need_reason"]
    because = [word for gate in wanting for word in ("--because", f"{gate}=经负责人同意")]
    return line.ask("visit", "open", visit, *because)


def begun(line: CommandLine) -> dict[str, Any]:
    """Bring the ready visit to the inspection and return it as it stands."""
    visit = ready_visit(line)
    key = visit["id"]
    opened(line, key)
    line.move("notify", key)
    line.move("arrive", key)
    line.move("scan", key, "--text", visit["uscc"])
    line.move("identify", key, "--name", "周经理", "--post", "负责人")
    assert line.move("begin", key) == "inspecting"
    return line.ask("visit", "show", key)["visit"]


def good_answer(point: dict[str, Any]) -> str:
    """Return an answer that makes no finding."""
    if point["kind"] == "verdict":
        return "pass"
    if point["kind"] == "number":
        return point["limit_max"] or point["limit_min"] or "0"
    if point["kind"] == "choice":
        return next(choice for choice in point["choices"] if choice not in point["fail_choices"])
    return "2027-03-17" if point["kind"] == "date" else "无"


def answer_all(line: CommandLine, visit: str) -> int:
    """Answer every point that is asked; an answer may make another be asked. Return how many."""
    count = 0
    while wanting := [one for one in checklists(line, visit) if one["progress"]["unanswered"]]:
        for one in wanting:
            points = {point["id"]: point for point in one["checklist"]["points"]}
            for key in one["progress"]["unanswered"]:
                value = good_answer(points[key])
                line.ask("visit", "answer", visit, "--item", one["item"], "--point", key, "--value", value)
                count += 1
    return count


def checklists(line: CommandLine, visit: str) -> list[dict[str, Any]]:
    """Return the checklists of a visit."""
    return line.ask("visit", "checklist", visit)["checklists"]


def attach_photos(line: CommandLine, visit: str, folder: Path) -> int:
    """Attach a picture to every answer that wants one. Return how many."""
    photo = folder / "照片.png"
    Image.new("RGB", (64, 48), "white").save(photo)
    count = 0
    for one in checklists(line, visit):
        answers = {answer["point"]: answer["id"] for answer in one["answers"]}
        for key in one["progress"]["photos_missing"]:
            line.ask("visit", "attach", visit, photo, "--answer", answers[key], "--proves", "许可证")
            count += 1
    return count


def recorded(line: CommandLine, folder: Path) -> dict[str, Any]:
    """Bring the ready visit to its record, everything answered."""
    visit = begun(line)
    answer_all(line, visit["id"])
    attach_photos(line, visit["id"], folder)
    assert line.move("conclude", visit["id"], "--conclusion", "未发现问题") == "recorded"
    return visit


def signed_record(line: CommandLine, visit: str, folder: Path) -> dict[str, Any]:
    """Issue the scene record and fill every block: the party refuses, the others sign on the scanned sheet."""
    paper = line.ask("document", "issue", "scene_record", "--visit", visit)
    sheet = folder / "sheet.png"
    Image.new("L", (64, 48), 200).save(sheet)
    while paper["missing_signatures"]:
        role = paper["missing_signatures"][0]
        how = ("--method", "refused", "--reason", "不愿签名", "--witness", "社区工作人员") if role == "party" else ()
        how = how or ("--method", "ink", "--name", "某人", "--media", str(sheet))
        left = len(paper["missing_signatures"])
        paper = line.ask("document", "sign", paper["document"], "--role", role, *how)
        assert len(paper["missing_signatures"]) < left, role
    return paper
