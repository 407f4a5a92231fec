"""Kills what can be killed of a headquarters on three PostgreSQL, under load, and looks for what was lost or doubled.

    sudo .venv/bin/python packaging/cluster/run.py [--devices 8] [--calm 5]

Outside CI. Needs Debian's patroni, etcd-server and postgresql, which it installs; listens on 127.0.0.1 only, in a
folder that it removes. It starts three etcd members, three PostgreSQL under Patroni with a synchronous standby, and two
workers of `hq serve`; then, while every device pushes without end: the leader dies and comes back, a worker dies, an
etcd member dies and comes back, the next leader dies and comes back. At the end the log must hold every entry that was
acknowledged, in its author's order, without a gap, each chain as its author knows it. Source: sync.md 9 (L4), 10.7.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402  # needs the path above
from load import Writer  # noqa: E402  # found beside this file
from nodes import Cluster, Member, Process  # noqa: E402  # needs the path above

from core.crypto import boxes, signing  # noqa: E402  # needs the path above
from core.remote.line import HttpLine  # noqa: E402  # needs the path above
from core.remote.tokens import Caller  # noqa: E402  # needs the path above
from core.remote.transport import new_client  # noqa: E402  # needs the path above
from core.sync.ports import Line  # noqa: E402  # needs the path above
from core.sync.streams import home_stream  # noqa: E402  # needs the path above
from core.sync.wire import DeviceKeys, EnrolRequest  # noqa: E402  # needs the path above

WORKERS = (28180, 28181)
ADMIN = "admin"
SUBJECTS = 4


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def install() -> None:
    """Install what is missing from Debian's packages."""
    if all(shutil.which(name) for name in ("patroni", "etcd", "runuser")):
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends"]
    command += ["patroni", "etcd-server", "python3-etcd", "postgresql"]
    subprocess.run(command, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def hq(home: Path, url: str, *words: str, password: str = "") -> dict[str, Any]:
    """Run one command of headquarters and return what it said."""
    command = [sys.executable, str(ROOT / "main.py"), "hq", *words, "--json", "--database-url", url]
    if words[0] != "init":
        command += ["--hq", str(home)]
    env = {**os.environ, "MINGJIAN_ACCOUNT": ADMIN, "MINGJIAN_PASSWORD": password}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if ran.returncode != 0:
        raise RuntimeError(f"hq {' '.join(words)}: {ran.stdout}{ran.stderr}")
    return json.loads(ran.stdout)


def worker(home: Path, url: str, port: int) -> Process:
    """Return one worker of headquarters."""
    command = [sys.executable, str(ROOT / "main.py"), "hq", "serve", "--port", str(port)]
    command += ["--hq", str(home), "--database-url", url]
    return Process(f"worker{port}", command, home.parent)


def line_to(port: int, caller: Caller | None = None) -> Line:
    """Return a line to one worker; pushes need nobody to prove who he is."""
    return HttpLine(new_client(f"http://127.0.0.1:{port}"), caller=caller, verify=signing.verify)


def admitted(home: Path, url: str, count: int, *, password: str) -> list[Writer]:
    """Return devices that were taken in by a one-time code each, spread over a few streams."""
    lines = [partial(line_to, port) for port in WORKERS]
    writers: list[Writer] = []
    for number in range(count):
        subject = f"某局{number % SUBJECTS}"
        writer = Writer(f"d-load{number:02d}", home_stream(subject), lines)
        words = ("enrol", "--subject", subject, "--officer", f"o-{number}")
        code = hq(home, url, *words, password=password)["code"]
        keys = DeviceKeys(
            device=writer.device, public=writer.public, seal_recipient=boxes.recipient_of(boxes.new_identity())
        )
        caller = Caller(writer.device, writer.public, partial(signing.sign, writer.private), time.time)
        line_to(WORKERS[0], caller).enrol(EnrolRequest(code=code, station=f"s-load{number:02d}", keys=keys))
        writers.append(writer)
    return writers


def wait_for_workers() -> None:
    """Wait until both workers answer.  Raises TimeoutError."""
    for port in WORKERS:
        for _ in range(120):
            with suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{port}/ready", timeout=2).status_code == 200:
                    break
            time.sleep(0.5)
        else:
            raise TimeoutError(f"the worker on port {port} does not answer")


def restart(cluster: Cluster, member: Member, what: str) -> None:
    """Kill the member, wait for another leader, and bring it back."""
    say(f"{what}: kill -9 {member.name}")
    member.kill()
    began = time.monotonic()
    while (leader := cluster.leader()) is None or leader is member:
        if time.monotonic() - began > 90:
            raise TimeoutError("no new leader within 90 s")
        time.sleep(0.3)
    say(f"  {leader.name} leads after {time.monotonic() - began:.1f} s")
    member.start()
    say(f"  {member.name} is back after {cluster.wait_for(standbys=2, seconds=120):.1f} s more")


def storm(cluster: Cluster, workers: list[Process], *, calm_s: float) -> None:
    """Kill one thing after the other."""
    leader = cluster.leader()
    assert leader is not None
    restart(cluster, leader, "leader")
    time.sleep(calm_s)
    say("worker: kill -9, and started again")
    workers[0].kill()
    time.sleep(calm_s)
    workers[0].start()
    say("etcd: kill -9 a member, and started again")
    cluster.etcd[0].kill()
    time.sleep(calm_s)
    cluster.etcd[0].start()
    leader = cluster.leader()
    assert leader is not None
    restart(cluster, leader, "the next leader")
    time.sleep(calm_s)


def report(writers: list[Writer], seconds: float) -> None:
    """Print what the devices saw."""
    total = sum(writer.counts.acknowledged for writer in writers)
    failed = sum(writer.counts.failed for writer in writers)
    repeated = sum(writer.counts.repeated for writer in writers)
    stall = max(writer.counts.longest_stall_s for writer in writers)
    codes = {code for writer in writers for code in writer.counts.codes}
    say(f"{total} entries acknowledged in {seconds:.0f} s ({total / seconds:.0f} a second), {failed} attempts failed,")
    say(f"{repeated} runs sent again, longest stall {stall:.1f} s; faults seen: {', '.join(sorted(codes)) or 'none'}")


def check(home: Path, url: str, writers: list[Writer]) -> int:
    """Compare headquarters' word on every chain with its author's, and let it walk every stream; return the faults."""
    faults = 0
    for writer in writers:
        # The last run once more changes nothing, and is answered with what is held.
        said = line_to(WORKERS[0]).push(writer.last_run)
        if (said.have, said.head) != (writer.counts.acknowledged, writer.chain):
            say(f"{writer.device}: acknowledged {writer.counts.acknowledged}, headquarters has {said.have}")
            faults += 1
    found = hq(home, url, "verify")
    say(f"hq verify: {found['verdict']}, {found['entries']} entries")
    return faults + len(found["bad"])


def main() -> int:
    """Run it; exit 0 when nothing was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=8)
    parser.add_argument("--calm", type=float, default=5.0, help="seconds between two kills")
    args = parser.parse_args()
    install()
    folder = Path(tempfile.mkdtemp(prefix="mingjian-cluster-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "nodes")
    workers: list[Process] = []
    writers: list[Writer] = []
    try:
        cluster.start()
        leader = cluster.leader()
        say(f"{leader.name if leader else None} leads three")
        home = folder / "hq"
        password = hq(home, cluster.url, "init", str(home))["password"]
        workers = [worker(home, cluster.url, port) for port in WORKERS]
        for one in workers:
            one.start()
        wait_for_workers()
        writers = admitted(home, cluster.url, args.devices, password=password)
        for writer in writers:
            writer.start()
        began = time.monotonic()
        time.sleep(args.calm)
        storm(cluster, workers, calm_s=args.calm)
        for writer in writers:
            writer.stop()
        report(writers, time.monotonic() - began)
        # A worker that began while there was no leader has ended with a sentence; a service manager begins it again.
        workers[0].kill()
        workers[0].start()
        wait_for_workers()
        faults = check(home, cluster.url, writers)
        say("nothing lost, nothing twice" if not faults else f"{faults} faults")
        return 1 if faults else 0
    finally:
        for process in workers:
            process.kill()
            say(process.last_words())
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
