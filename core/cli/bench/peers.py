"""The peers of `bench push` and `bench pull`: Anki's sync server and PouchDB, where they can be put up.

They are no part of the product and of no lock: the scripts in packaging/bench put them into the cache folder beside
the stores, from the registries that this machine's own clients are set to, and answer one line of JSON each. A peer
that cannot be put up is named with the reason, and nothing is compared with it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from core.cli.bench.scripts import scripts_folder
from core.cli.bench.setting import Setting
from core.kernel.records import Record

STOP_AFTER_S = 600


class Peer(Record):
    """What one peer came to; rates of 0 mean that it could not be measured, and `why` says why."""

    name: str
    what: str = ""
    unit: str = ""
    push_rate: float = 0
    pull_rate: float = 0
    why: str = ""


def measured_peers(setting: Setting, count: int) -> tuple[Peer, ...]:
    """Measure every peer with as many records."""
    cache = setting.base / "peers"
    if setting.is_quick:
        return tuple(Peer(name=name, why="left out of a quick run") for name in ("anki", "pouchdb"))
    return tuple(_measured(name, cache, count) for name in ("anki", "pouchdb"))


def _measured(name: str, cache: Path, count: int) -> Peer:
    cache.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, str(scripts_folder() / f"peer_{name}.py"), str(cache), str(count)]
    try:
        ended = subprocess.run(words, check=False, capture_output=True, timeout=STOP_AFTER_S)
    except subprocess.TimeoutExpired:
        return Peer(name=name, why=f"did not end within {STOP_AFTER_S} s")
    if ended.returncode:
        said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        return Peer(name=name, why=f"could not be put up: {said[-1] if said else ended.returncode}")
    return msgspec.json.decode(ended.stdout.splitlines()[-1], type=Peer)
