"""What holds for every command: exit codes, one document, both languages, no Qt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli import enterprises
from core.cli.context import Context
from core.cli.main import main, parser
from core.kernel.errors import Cancelled
from tests.cli.line import CommandLine, three_sentences
from tests.helpers.house import ROOT


def commands() -> list[tuple[str, ...]]:
    """Return every command of the parser, such as ("visit", "plan")."""
    found: list[tuple[str, ...]] = []
    for name, group in _children(parser()).items():
        inner = _children(group)
        found += [(name, one) for one in inner] if inner else [(name,)]
    return found


def _children(of: object) -> dict[str, object]:
    for action in getattr(of, "_actions", []):
        if isinstance(getattr(action, "choices", None), dict):
            return dict(action.choices)
    return {}


def test_every_move_of_the_design_is_a_command() -> None:
    moves = "plan approve notify open arrive scan identify answer attach refuse conclude tell close abort late-scan"
    wanted = {("visit", one) for one in f"{moves} show list resume settle answer-rest sign-off archive".split()}
    wanted |= {("lists", one) for one in ("import", "export", "status", "template")}
    wanted |= {("station", one) for one in ("new", "info", "doctor")}
    wanted |= {("backup", "make"), ("backup", "restore"), ("log", "verify"), ("scan", "decode"), ("scan", "check")}
    wanted |= {("document", one) for one in ("kinds", "issue", "render", "verify", "numbers")}
    assert wanted - set(commands()) == set()


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == 0
    out = capsys.readouterr().out
    assert " ".join(command) in out
    assert "--json" in out


@pytest.mark.parametrize(
    "words",
    [(), ("fly",), ("visit",), ("visit", "plan"), ("lists", "import", "pets", "x"), ("--lang", "fr", "station")],
)
def test_a_command_that_is_written_wrongly_is_usage(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(list(words)) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_refusal_has_three_sentences_and_one_document(small: CommandLine, lang: str) -> None:
    ran = small.run("visit", "show", "none", "--lang", lang)
    assert (ran.code, set(ran.document)) == (1, {"error", "params", "words"})
    assert three_sentences(ran.err, "cli.visit_unknown")
    assert ("没有找到检查 none。" in ran.err) is (lang == "zh")
    plain = small.run("visit", "show", "none", "--lang", lang, as_json=False)
    assert (plain.code, plain.out) == (1, "")


def test_options_may_stand_before_or_after_the_command(small: CommandLine) -> None:
    before = main(["--home", str(small.home), "--json", "--lang", "en", "lists", "status", "--account", "zhangmin"])
    assert before == 1, "no password was given"
    assert "No password was given for zhangmin." in small.capsys.readouterr().err


def test_a_defect_is_loud_and_has_its_own_exit_code(small: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("core.services.demo.enterprises.write_csv", fail)
    ran = small.run("enterprises", "generate", "1", "x.csv")
    assert (ran.code, ran.out) == (70, "")
    assert "ZeroDivisionError" in ran.err
    assert "程序出错了" in ran.err


def test_stopping_long_work_is_said_and_has_its_own_exit_code(
    small: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_context: Context) -> None:
        raise Cancelled

    monkeypatch.setattr(enterprises, "_search", stop)
    ran = small.run("enterprises", "search", "x")
    assert (ran.code, ran.out) == (130, "")
    assert "没有留下做到一半的内容" in ran.err


def test_who_asks_comes_from_options_before_the_environment(small: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(small.passwords["zhangmin"] + "\n", "utf-8")
    small.passwords = {}
    assert small.ask("lists", "status", "--password-file", file)["lists"]
    assert small.fault("lists", "status", "--account", "nobody", "--password-file", file) == "unlock.account_missing"
    assert small.fault("lists", "status", "--password-file", tmp_path / "away", code=3) == "cli.file_unreadable"


def test_wrong_passwords_make_the_next_one_wait(small: CommandLine) -> None:
    right, small.passwords = small.passwords, {"zhangmin": "wrong"}
    for _ in range(3):
        assert small.fault("lists", "status") == "crypto.wrong_password"
    small.passwords = right
    assert small.fault("lists", "status") == "unlock.wait"


def test_several_accounts_without_a_name_are_listed(demo: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MINGJIAN_ACCOUNT", raising=False)
    assert main(["--home", str(demo.home), "--json", "lists", "status"]) == 1
    err = demo.capsys.readouterr().err
    assert "zhangmin" in err
    assert "wangjianguo" in err


def test_a_command_never_loads_qt(small: CommandLine) -> None:
    code = "import sys, main; main.main(sys.argv[1:]); print(sorted(m for m in sys.modules if 'PySide' in m))"
    words = ["--home", str(small.home), "--account", "zhangmin", "--json", "station", "doctor"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, env=env, check=True)
    assert ran.stdout.strip().endswith("[]")


def test_a_reader_that_has_enough_is_no_failure(small: CommandLine) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ran = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), "station", "doctor", "--home", str(small.home)],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_terminal_without_chinese_letters_still_gets_an_answer(small: CommandLine) -> None:
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    words = ["visit", "show", "none", "--home", str(small.home), "--json"]
    ran = subprocess.run([sys.executable, str(ROOT / "main.py"), *words], capture_output=True, env=env, check=False)
    assert ran.returncode == 1
    assert b"\\u6ca1" in ran.stderr
