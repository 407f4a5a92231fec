"""Put Anki's library into a cache folder, run its sync server, and measure a push and a pull of notes: CACHE COUNT."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PACKAGE = "anki"
INSTALL_S, START_S = 300, 30
USER, PASSWORD = "bench", "bench"
LOOK_S = 0.1


def main() -> None:
    """Install what is missing; then, in a process that sees it, serve and measure."""
    cache, count = Path(sys.argv[1]) / "anki", int(sys.argv[2])
    if not (cache / "anki").exists():
        words = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(cache)]
        subprocess.run([*words, PACKAGE], check=True, timeout=INSTALL_S, stdout=subprocess.DEVNULL)
    if os.environ.get("PYTHONPATH") != str(cache):
        environment = os.environ | {"PYTHONPATH": str(cache)}
        sys.exit(subprocess.run([sys.executable, __file__, *sys.argv[1:]], env=environment, check=False).returncode)
    with tempfile.TemporaryDirectory(prefix="mingjian-anki-") as name:
        print(json.dumps(measure(Path(name), count)))  # noqa: T201  # the one line that is asked for


def measure(folder: Path, count: int) -> dict[str, Any]:
    """Serve, add notes in one collection, push them, and pull them into another."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "SYNC_USER1": f"{USER}:{PASSWORD}",
        "SYNC_BASE": str(folder / "server"),
        "SYNC_HOST": "127.0.0.1",
        "SYNC_PORT": str(port),
    }
    words = [sys.executable, "-c", "from anki.syncserver import run_sync_server; run_sync_server()"]
    server = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_port(port)
        pushed, pulled = exchange(folder, f"http://127.0.0.1:{port}/", count)
    finally:
        server.terminate()
        server.wait(START_S)
    return {
        "name": "anki",
        "what": "a normal sync of new notes with their cards to its own server, unsigned",
        "unit": "notes/s",
        "push_rate": count / pushed,
        "pull_rate": count / pulled,
    }


def await_port(port: int) -> None:
    """Return once somebody listens."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(LOOK_S)
    sys.exit("the sync server does not listen")


def exchange(folder: Path, url: str, count: int) -> tuple[float, float]:
    """Return the seconds of a push and of a pull of `count` new notes."""
    from anki.collection import Collection  # pyright: ignore[reportMissingImports]  # the peer lies in the cache

    author, reader = (Collection(str(folder / f"{name}.anki2")) for name in ("author", "reader"))
    tokens = [one.sync_login(USER, PASSWORD, url) for one in (author, reader)]
    full(author, tokens[0], is_upload=True)
    full(reader, tokens[1], is_upload=False)
    kind = author.models.by_name("Basic")
    for number in range(count):
        note = author.new_note(kind)
        note["Front"], note["Back"] = f"answer {number} " + "x" * 200, "现场已拍照,见证据清单 " + "y" * 200
        author.add_note(note, 1)
    pushed = normal(author, tokens[0])
    pulled = normal(reader, tokens[1])
    found = reader.note_count()
    if found < count:
        sys.exit(f"only {found} notes arrived")
    return pushed, pulled


def full(collection: Any, token: Any, *, is_upload: bool) -> None:
    """Bring a fresh collection and the server to one start, as a first sync does."""
    answer = collection.sync_collection(token, False)
    collection.close_for_full_sync()
    collection.full_upload_or_download(auth=token, server_usn=answer.server_media_usn, upload=is_upload)
    collection.reopen(after_full_sync=True)


def normal(collection: Any, token: Any) -> float:
    """Return the seconds of one normal sync."""
    begun = time.perf_counter()
    collection.sync_collection(token, False)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
