"""A command line in this process: commands in, exit code, document and sentences out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.cli.main import main
from core.kernel.words import catalogue

OFFICER, HEAD, SUPERVISOR = "zhangmin", "wangjianguo", "chenjing"
OFFICER_IDS = ("demo-officer-zhangmin", "demo-officer-liqiang")
HEAD_ID = "demo-head-main"


@dataclass(frozen=True)
class Ran:
    """What one run left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


@dataclass
class CommandLine:
    """Runs commands at one home, each unlocked anew as from a shell."""

    home: Path
    passwords: dict[str, str]
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def run(self, *words: str | Path, account: str = OFFICER, as_json: bool = True) -> Ran:
        """Run a command and return what it left behind."""
        self.monkeypatch.setenv("MINGJIAN_HOME", str(self.home))
        self.monkeypatch.setenv("MINGJIAN_ACCOUNT", account)
        self.monkeypatch.setenv("MINGJIAN_PASSWORD", self.passwords.get(account, ""))
        self.capsys.readouterr()
        code = main([*map(str, words), *(["--json"] if as_json else [])])
        out, err = self.capsys.readouterr()
        return Ran(code, out, err)

    def ask(self, *words: str | Path, account: str = OFFICER) -> Any:
        """Run a command that must be done and return its document."""
        ran = self.run(*words, account=account)
        assert ran.code == 0, f"{words}: {ran.err}"
        return ran.document

    def say(self, *words: str | Path, account: str = OFFICER) -> str:
        """Run a command that must be done and return what a person reads."""
        ran = self.run(*words, account=account, as_json=False)
        assert ran.code == 0, f"{words}: {ran.err}"
        return ran.out

    def fault(self, *words: str | Path, account: str = OFFICER, code: int = 1) -> str:
        """Run a command that must fail with its three sentences and return the code of the fault."""
        ran = self.run(*words, account=account)
        assert ran.code == code, f"{words}: {ran.code} {ran.out} {ran.err}"
        error = ran.document["error"]
        assert three_sentences(ran.err, error), ran.err
        return error

    def move(self, name: str, visit: str, *words: str | Path, account: str = OFFICER) -> str:
        """Make a move of a visit and return the state it came to."""
        return self.ask("visit", name, visit, *words, account=account)["state"]

    def head_of_chain(self) -> tuple[int, str]:
        """Return how many entries there are and the end of the chain."""
        info = self.ask("station", "info")
        return info["entries"], info["head"]


def three_sentences(err: str, code: str) -> bool:
    """Tell whether a person was told what happened, what is safe and what to do, in one of the languages."""
    lines = err.strip().splitlines()[-3:]
    return len(lines) == 3 and all(lines) and set(catalogue()[code]) >= {"zh", "en"}
