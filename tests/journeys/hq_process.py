"""Headquarters as a process of its own, reached through a socket on this machine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 90
ANSWER_LINES = 3
"""Lines of the JSON with which the server tells its address."""
PASSWORD = "a password for the journey only"


def free_port() -> int:
    """Return a port that nobody has just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class HqProcess:
    """A headquarters in a folder; it is spoken to by the command line, and served by a child process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._env = {**os.environ, "MINGJIAN_PASSWORD": PASSWORD, "MINGJIAN_HQ": str(folder)}
        self._child: subprocess.Popen[str] | None = None

    def say(self, *words: str) -> Any:
        """Run one `hq` command and return its answer."""
        command = [sys.executable, "main.py", "--json", "hq", *words]
        answer = subprocess.run(
            command, cwd=ROOT, env=self._env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return json.loads(answer.stdout)

    def serve(self) -> None:
        """Begin to serve; returns when the address was told."""
        command = [sys.executable, "main.py", "--json", "hq", "serve", "--port", str(self.port)]
        self._child = subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=subprocess.PIPE, text=True)
        assert self._child.stdout is not None
        told = [self._child.stdout.readline() for _ in range(ANSWER_LINES)]
        assert any(str(self.port) in line for line in told), told

    def stop(self) -> None:
        """Kill the server, as a cut line or a power failure would."""
        if self._child is not None:
            self._child.kill()
            self._child.wait(timeout=PATIENCE_S)
            assert self._child.stdout is not None
            self._child.stdout.close()
            self._child = None
