"""Two laptops in two processes exchange over a socket: one from its window, the other from its command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.station import Session
from tests.helpers.station_town import Town, acquainted, answers_at
from tests.helpers.stations import PASSWORD
from tests.journeys.hq_process import PATIENCE_S, ROOT, free_port
from tests.ui.looking import words_on
from tests.ui.typing_help import type_words
from ui.bus import Bus
from ui.desk import Desk, Memory
from ui.i18n import t
from ui.jobs import LaneJobs
from ui.messages import Messages
from ui.sync.peer import PeerAssistant


@pytest.fixture
def pair(town: Town) -> tuple[Session, Session]:
    return acquainted(town)


@pytest.fixture
def desk(pair: tuple[Session, Session], tmp_path: Path) -> Iterator[Desk]:
    """The desk of the first laptop's window, with real lanes."""
    (tmp_path / "window").mkdir()
    jobs = LaneJobs()
    yield Desk(pair[0], jobs, Bus(), Messages(), Memory(tmp_path / "window"), tmp_path / "window")
    jobs.shut()


@pytest.mark.enable_socket
@pytest.mark.timeout(300)
def test_a_window_and_a_command_line_exchange_over_a_socket(
    qtbot: Any, town: Town, pair: tuple[Session, Session], desk: Desk
) -> None:
    one, two = pair
    shown, port = two.sync.own_fingerprint(), free_port()
    env = {
        **os.environ,
        "MINGJIAN_HOME": str(town.folder / "two"),
        "MINGJIAN_ACCOUNT": "zhangmin",
        "MINGJIAN_PASSWORD": PASSWORD,
    }
    words = ["sync", "peer-wait", "--host", "127.0.0.1", "--port", str(port), "--json"]
    command = [sys.executable, "main.py", *words, "--confirm", one.sync.own_fingerprint()[:9]]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stderr is not None
            assert f"127.0.0.1:{port}" in child.stderr.readline()
            assistant = PeerAssistant(desk)
            qtbot.addWidget(assistant)
            assistant.show()
            type_words(assistant.address, f"127.0.0.1:{port}")
            assistant.call_button.click()
            qtbot.waitUntil(assistant.other.isVisible, timeout=PATIENCE_S * 1000)
            assert shown in words_on(assistant)
            assistant.compared.setChecked(True)
            assistant.agree_button.click()
            qtbot.waitUntil(lambda: assistant.is_done, timeout=PATIENCE_S * 1000)
            assert t("ui.sync.peer_equal") in words_on(assistant)
            out, err = child.communicate(timeout=PATIENCE_S)
        finally:
            child.kill()
    assert child.returncode == 0, err
    assert json.loads(out)["equal"] is True
    assert len(answers_at(one)) == 2
    assert answers_at(two) == answers_at(one)
