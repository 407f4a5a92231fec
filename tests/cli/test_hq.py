"""`hq …` from the command line: made, accounts, codes, lists, keys; refusals have words and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.cli.main import DONE, REFUSED, main

PASSWORD = "a long password"


class Hq:
    """Runs commands on one headquarters."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._capsys = capsys
        self._patch = monkeypatch

    def run(self, *words: str, account: str = "admin", code: int = DONE, is_json: bool = True) -> Any:
        """Run a command and return its document, or what it printed."""
        self._patch.setenv("MINGJIAN_ACCOUNT", account)
        self._patch.setenv("MINGJIAN_PASSWORD", PASSWORD)
        at = () if words[0] == "init" else ("--hq", str(self.folder))
        said = main(["hq", *words, *at, *(("--json",) if is_json else ())])
        out = self._capsys.readouterr()
        assert said == code, out.err
        return json.loads(out.out) if is_json else out.out


@pytest.fixture
def hq(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Hq:
    """Give a headquarters that was just made."""
    one = Hq(tmp_path / "hq", capsys, monkeypatch)
    made = one.run("init", str(one.folder))
    assert (made["account"], "password" in made) == ("admin", False)
    assert Path(made["root_key_file"]).exists()
    return one


def person(hq: Hq, name: str, role: str, tmp_path: Path) -> None:
    """Add an account with the common password."""
    file = tmp_path / "password"
    file.write_text(PASSWORD, "utf-8")
    hq.run("person-add", name, "--role", role, "--new-password-file", str(file))


def sheet(tmp_path: Path, count: int) -> str:
    """Write a list of bodies."""
    path = tmp_path / "subjects.csv"
    rows = [f"S{number:03d},第{number}局,法定行政机关" for number in range(count)]
    path.write_text("\n".join(("检查主体编码,检查主体名称,主体类型", *rows)) + "\n", "utf-8")
    return str(path)


def test_a_code_is_given_out_and_the_fingerprint_with_it(hq: Hq) -> None:
    said = hq.run("enrol", "--subject", "330106", "--officer", "张敏", "--street", "橘子洲")
    assert len(said["code"]) == 19
    assert said["root_fingerprint"] == hq.run("keys")["root_fingerprint"]
    (listed,) = hq.run("codes")["codes"]
    assert (listed["officer"], listed["device"]) == ("张敏", "")
    assert hq.run("stations") == {"stations": []}
    assert "张敏" in hq.run("codes", is_json=False)


def test_a_list_is_published_and_a_smaller_one_waits_for_a_second_person(hq: Hq, tmp_path: Path) -> None:
    person(hq, "乙", "publisher", tmp_path)
    first = hq.run("publish", "subjects", sheet(tmp_path, 30))
    assert (first["state"], first["version"], first["accepted"], first["parts"]) == ("published", 100_001, 30, 1)
    second = hq.run("publish", "subjects", sheet(tmp_path, 10), "--replace")
    assert (second["state"], second["removed"]) == ("waiting", 20)
    (waiting,) = hq.run("approvals")["approvals"]
    own = hq.run("approve", waiting["id"], code=REFUSED)
    assert own["error"] == "hq.approval_own"
    assert hq.run("approve", "subjects-100002", account="乙")["row_count"] == 10
    assert [one["version"] for one in hq.run("lists")["lists"]] == [100_002]


def test_a_waiting_version_is_rejected(hq: Hq, tmp_path: Path) -> None:
    hq.run("publish", "subjects", sheet(tmp_path, 30))
    hq.run("publish", "subjects", sheet(tmp_path, 1), "--replace")
    assert hq.run("reject", "subjects-100002", "--reason", "wrong") == {"rejected": "subjects-100002"}
    assert hq.run("approvals") == {"approvals": []}


def test_roles_hold(hq: Hq, tmp_path: Path) -> None:
    person(hq, "乙", "viewer", tmp_path)
    for words in (("enrol", "--subject", "1", "--officer", "x"), ("publish", "subjects", sheet(tmp_path, 1))):
        assert hq.run(*words, account="乙", code=REFUSED)["error"] == "hq.role_missing"


def test_a_wrong_password_is_refused(hq: Hq, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "wrong"
    file.write_text("not the password", "utf-8")
    words = ("enrol", "--subject", "1", "--officer", "x", "--password-file", str(file))
    assert hq.run(*words, code=REFUSED)["error"] == "hq.login_wrong"


def test_accounts_are_listed_and_closed(hq: Hq, tmp_path: Path) -> None:
    person(hq, "乙", "viewer", tmp_path)
    hq.run("person-close", "乙")
    assert [(one["name"], one["closed_at"] is None) for one in hq.run("people")["people"]] == [
        ("admin", True),
        ("乙", False),
    ]
    assert hq.run("person-close", "admin", code=REFUSED)["error"] == "hq.last_admin"


def test_the_key_is_rotated_with_the_root_key(hq: Hq) -> None:
    before = hq.run("keys")
    root = next(hq.folder.glob("ROOT-KEY*"))
    fresh = hq.run("rotate-key", str(root))
    after = hq.run("keys")
    assert after["service_fingerprint"] == fresh["service_fingerprint"] != before["service_fingerprint"]
    assert after["root_fingerprint"] == before["root_fingerprint"]


def test_an_unknown_station_is_refused(hq: Hq) -> None:
    assert hq.run("lost", "d-nobody", "--reason", "x", code=REFUSED)["error"] == "sync.device_unknown"


def test_without_a_headquarters_the_commands_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    none = Hq(tmp_path / "none", capsys, monkeypatch)
    assert none.run("people", code=REFUSED)["error"] == "hq.folder_missing"


def test_status_verify_rebuild_and_orphans_of_a_sound_headquarters(hq: Hq, tmp_path: Path) -> None:
    hq.run("publish", "subjects", sheet(tmp_path, 3))
    assert hq.run("status")["quarantined"] == []
    assert hq.run("verify")["bad"] == []
    assert hq.run("rebuild", "--compare")["differing"] == []
    assert hq.run("rebuild")["differing"] == []
    assert hq.run("orphans") == {"orphans": [], "removed": 0}
    assert hq.run("status", is_json=False)
    assert hq.run("loss", "d-nobody", code=REFUSED)["error"] == "sync.device_unknown"


def test_a_backup_is_restored_under_a_new_lineage(
    hq: Hq, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hq.run("publish", "subjects", sheet(tmp_path, 3))
    before = hq.run("status")
    hq.run("backup", str(tmp_path / "hq.backup"))
    other = Hq(tmp_path / "other", capsys, monkeypatch)
    assert other.run("restore", str(tmp_path / "hq.backup"))["entries"] == 1
    assert other.run("status")["epoch"] != before["epoch"]
    assert other.run("keys") == hq.run("keys")
    assert [one["version"] for one in other.run("lists")["lists"]] == [100_001]
    assert other.run("verify")["bad"] == []
    assert other.run("restore", str(tmp_path / "hq.backup"), code=REFUSED)["error"] == "hq.folder_taken"


def test_the_log_is_exported_and_the_day_signed(hq: Hq, tmp_path: Path) -> None:
    hq.run("publish", "subjects", sheet(tmp_path, 3))
    assert hq.run("export", str(tmp_path / "log.gz"))["entries"] == 1
    made = hq.run("checkpoint", "--folder", str(tmp_path / "notes"))
    assert made["name"] in made["note"]
    assert len(made["files"]) == 1
