"""Two workers in processes of their own over one PostgreSQL, behind one socket: no shared object at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from core.crypto import signing
from core.hq.headquarters import Headquarters, HqSettings, begin
from core.remote.line import HttpLine
from core.remote.tokens import Caller
from core.remote.transport import new_client
from core.sync.streams import Cursor, Page, home_stream
from core.sync.wire import DeviceKeys, EnrolRequest, PullRequest
from tests.helpers.headquarters import Author
from tests.helpers.house import ROOT

SUBJECT = "330106"
pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.timeout(300)]


@dataclass
class Served:
    """A headquarters that serves on a socket of this machine."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]


@pytest.fixture
def served(tmp_path: Path, postgres_url: str) -> Iterator[Served]:
    """Start `hq serve` with two workers over PostgreSQL on a free port, and stop it afterwards."""
    folder = tmp_path / "hq"
    headquarters, _ = begin(folder, settings=HqSettings(database=postgres_url))
    headquarters.close()
    command = [sys.executable, str(ROOT / "main.py"), "hq", "serve", "--hq", str(folder), "--port", "0"]
    log = (tmp_path / "log").open("wb+")
    process = subprocess.Popen(
        [*command, "--workers", "2", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=log,
        env=os.environ | {"NO_PROXY": "127.0.0.1"},
        start_new_session=True,
    )
    assert process.stdout is not None
    said = b""
    while b"}" not in said:
        line = process.stdout.readline()
        assert line, (tmp_path / "log").read_text()
        said += line
    yield Served(url=json.loads(said)["url"], folder=folder, process=process)
    os.killpg(process.pid, signal.SIGTERM)
    process.stdout.read()
    process.stdout.close()
    process.wait(60)
    log.close()


def test_a_station_enrols_pushes_and_pulls_at_two_workers(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    opened = Headquarters(served.folder)
    code = opened.enrolment.issue(subject=SUBJECT, officer="o-1", by="admin").code
    root = opened.keys.root_public
    opened.close()
    stream = home_stream(SUBJECT)
    author = Author("d-1", stream=stream)
    sign = partial(signing.sign, author.private)
    caller = Caller(device="d-1", public=author.public, sign=sign, now=lambda: 0.0)
    keys = DeviceKeys(device="d-1", public=author.public, seal_recipient="age1")
    # A connection of its own for every call, so that both workers are met.
    for number in range(6):
        with new_client(served.url) as client:
            line = HttpLine(client, caller=caller, verify=signing.verify, root_public=root)
            said = line.enrol(EnrolRequest(code=code, station="s-1", keys=keys))
            assert said.device == "d-1"
            author.answers(2)
            assert line.push(author.run()).have == 2 * (number + 1)
            (page,) = line.pull(PullRequest(cursors=(Cursor(stream=stream),)))
            assert isinstance(page, Page)
            assert page.lines[1:] == tuple(author.lines)
            assert client.get("/ready").json() == {"status": "ready", "schedule": "running"}
    opened = Headquarters(served.folder)
    assert len(opened.store.read.page(stream, 0, limit=500)[1]) == 13
    opened.close()
