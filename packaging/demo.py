"""The demo station on the command line: `accounts HOME` lists who may unlock it, `visit HOME` makes a visit.

Only commands that a person could type are used; each is shown before it runs, and the first that fails ends the visit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
ACCOUNTS_FILE = "demo-accounts.json"
OFFICER = "zhangmin"
OFFICER_ID = "demo-officer-zhangmin"


def tell(words: str) -> None:
    """Write a line that stays in order with what the commands write."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class CommandLine:
    """Runs commands of main.py as the demo officer."""

    def __init__(self, home: Path) -> None:
        self._home = home
        accounts = json.loads((home / ACCOUNTS_FILE).read_text("utf-8"))["accounts"]
        self._password = next(one["password"] for one in accounts if one["name"] == OFFICER)

    def ask(self, *words: str) -> Any:
        """Return the JSON answer of a command that only looks; nothing is shown."""
        ran = self._run(*words, "--json", output=subprocess.PIPE)
        return json.loads(ran.stdout)

    def do(self, *words: str) -> None:
        """Show a command, run it and show what it answers."""
        tell(f"\n$ python main.py {' '.join(words)}")
        self._run(*words, output=None)

    def _run(self, *words: str, output: int | None) -> subprocess.CompletedProcess[str]:
        person = {"MINGJIAN_ACCOUNT": OFFICER, "MINGJIAN_PASSWORD": self._password, "MINGJIAN_HOME": str(self._home)}
        command = [sys.executable, str(ROOT / "main.py"), *words]
        ran = subprocess.run(command, env=os.environ | person, stdout=output, text=True, check=False)
        if ran.returncode:
            raise SystemExit(ran.returncode)
        return ran


def show_accounts(home: Path) -> None:
    """List the accounts with their passwords; they belong to made-up people."""
    for account in json.loads((home / ACCOUNTS_FILE).read_text("utf-8"))["accounts"]:
        tell(f"  {account['name']:14} {account['role']:12} {account['password']}")


def ready_visit(line: CommandLine) -> dict[str, Any]:
    """Return the demo officer's approved visit whose time has come."""
    visits = line.ask("visit", "list")["visits"]
    now = datetime.now(UTC)
    ready = [
        one
        for one in visits
        if one["state"] == "approved"
        and OFFICER_ID in one["officers"]
        and datetime.fromisoformat(one["planned_from"]) <= now <= datetime.fromisoformat(one["planned_to"])
    ]
    if ready:
        return min(ready, key=lambda one: one["planned_from"])
    tell("没有已批准的检查可做:演示检查已经做完。 / No approved visit is left: the demo visit has been made.")
    raise SystemExit(0)


def good_answer(point: dict[str, Any]) -> str:
    """Return an answer that makes no finding."""
    if point["kind"] == "verdict":
        return "pass"
    if point["kind"] == "number":
        return point["limit_max"] or point["limit_min"] or "0"
    if point["kind"] == "choice":
        return next(choice for choice in point["choices"] if choice not in point["fail_choices"])
    return f"{datetime.now().astimezone().date() + timedelta(days=365)}" if point["kind"] == "date" else "无"


def answer_all(line: CommandLine, visit: str) -> None:
    """Answer every point that is asked; an answer may make another point be asked."""
    while True:
        lists = line.ask("visit", "show", visit)["checklists"]
        if not any(one["progress"]["unanswered"] for one in lists):
            return
        for one in lists:
            points = {point["id"]: point for point in one["checklist"]["points"]}
            for key in one["progress"]["unanswered"]:
                value = good_answer(points[key])
                line.do("visit", "answer", visit, "--item", one["item"], "--point", key, "--value", value)


def attach_photos(line: CommandLine, visit: str, folder: Path) -> None:
    """Attach a picture to every answer that wants one."""
    photo = folder / "licence.png"
    Image.new("RGB", (640, 480), "white").save(photo)
    for one in line.ask("visit", "show", visit)["checklists"]:
        answers = {answer["point"]: answer["id"] for answer in one["answers"]}
        for key in one["progress"]["photos_missing"]:
            line.do("visit", "attach", visit, str(photo), "--answer", answers[key], "--proves", "示例照片")


def make_record(line: CommandLine, visit: str, folder: Path, out: Path) -> None:
    """Issue the scene record, have every block signed in ink with the scanned sheet, write the PDF and check it."""
    sheet = folder / "signed-sheet.png"
    Image.new("L", (620, 877), "white").save(sheet)
    record = line.ask("document", "issue", "scene_record", "--visit", visit)
    for role in dict.fromkeys(record["missing_signatures"]):
        for _ in range(record["missing_signatures"].count(role)):
            line.do("document", "sign", record["document"], "--role", role, "--name", "已签", "--media", str(sheet))
    paper = out / f"{record['short_code']}.pdf"
    line.do("document", "render", record["document"], "--out", str(paper))
    line.do("document", "verify", str(paper))


def make_visit(home: Path) -> None:
    """Make today's visit, from the gates to the closing."""
    line = CommandLine(home)
    visit = ready_visit(line)
    key = visit["id"]
    tell(f"{visit['enterprise_name']}  {visit['uscc']}")
    line.do("visit", "open", key)
    line.do("visit", "notify", key)
    line.do("visit", "arrive", key)
    line.do("visit", "scan", key, "--text", visit["uscc"])
    line.do("visit", "identify", key, "--name", "周经理", "--post", "负责人")
    line.do("visit", "begin", key)
    answer_all(line, key)
    with TemporaryDirectory() as folder:
        attach_photos(line, key, Path(folder))
        line.do("visit", "conclude", key, "--conclusion", "未发现问题")
        make_record(line, key, Path(folder), home / "exports")
    line.do("visit", "tell", key)
    line.do("visit", "close", key)
    line.do("log", "verify")


if __name__ == "__main__":
    {"accounts": show_accounts, "visit": make_visit}[sys.argv[1]](Path(sys.argv[2]))
