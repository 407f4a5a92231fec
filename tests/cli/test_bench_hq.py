"""What the benches of headquarters are made of; they themselves need a server and a socket, which no test has."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.bench import peers, postgres
from core.cli.bench.exchange import Measured
from core.cli.bench.hq_matter import Chain
from core.cli.bench.peers import measured_peers
from core.cli.bench.setting import Setting
from core.crypto import signing
from core.kernel.errors import Trouble
from core.kernel.progress import Unwatched
from core.sync.runs import check_run, decode_run


def test_the_chains_of_the_bench_are_chains_like_any_other() -> None:
    chain = Chain("bench-1", "bench")
    chain.write_visit(1, answers=5)
    chain.write_visit(2, answers=5)
    checked = [check_run(decode_run(body), chain.public, signing.verify) for body in chain.bodies(5)]
    assert [run.header.count for run in checked] == [5, 5, 2]
    assert [entry.fam for run in checked for entry in run.entries].count("visit") == 2


def test_a_quick_run_names_the_peers_that_it_left_out(tmp_path: Path) -> None:
    found = measured_peers(Setting(10, tmp_path, Unwatched(), is_quick=True), 10)
    assert [(one.name, one.push_rate) for one in found] == [("anki", 0), ("pouchdb", 0)]
    assert all(one.why for one in found)


def test_a_peer_that_cannot_be_put_up_is_named_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "scripts_folder", lambda: tmp_path)
    (tmp_path / "peer_anki.py").write_text("import sys\nsys.exit('no such package')\n")
    (tmp_path / "peer_pouchdb.py").write_text('print(\'{"name":"pouchdb","push_rate":2.5,"pull_rate":5}\')\n')
    anki, pouchdb = measured_peers(Setting(10, tmp_path, Unwatched()), 10)
    assert (anki.push_rate, anki.why) == (0, "could not be put up: no such package")
    assert (pouchdb.push_rate, pouchdb.pull_rate, pouchdb.why) == (2.5, 5, "")


def test_without_a_postgresql_the_bench_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setattr(postgres.shutil, "which", lambda _: None)
    with pytest.raises(Trouble) as trouble, postgres.own_server():
        pytest.fail("there is no server to give")
    assert trouble.value.code == "bench.no_postgresql"


def test_rates_are_changes_by_seconds() -> None:
    assert Measured(10, [2.0, 5.0]).rates == [5, 2]
