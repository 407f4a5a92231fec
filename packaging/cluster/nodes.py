"""Processes of a small cluster on one machine: three etcd members and three PostgreSQL under Patroni.

All listen on 127.0.0.1 and live in one folder that is removed afterwards. PostgreSQL refuses to run as root, so Patroni
runs as the user `postgres` of Debian's package.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ETCD_CLIENT, ETCD_PEER, REST, POSTGRES = 23790, 23800, 28080, 25430
USER = "postgres"
PASSWORD = "only-on-loopback"
# A dead leader is noticed after `ttl` seconds. Ten here; thirty is Patroni's own default.
TTL_S, LOOP_S, RETRY_S = 10, 2, 4


class Process:
    """One program that may be killed and started again."""

    def __init__(self, name: str, command: list[str], folder: Path, *, env: dict[str, str] | None = None) -> None:
        self.name = name
        self._command = command
        self._log = folder / f"{name}.log"
        self._env = {**os.environ, **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a process group of its own; its words go to its log."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env=self._env, start_new_session=True, cwd=self._log.parent
            )

    def kill(self) -> None:
        """Kill -9 it and everything it started."""
        if self._process is not None:
            # It may have died by itself already.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def last_words(self, lines: int = 3) -> str:
        """Return the last lines of its log."""
        said = self._log.read_text("utf-8", errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(f"{self.name}: {line[:200]}" for line in said[-lines:])


class Etcd(Process):
    """One member of three."""

    def __init__(self, number: int, folder: Path) -> None:
        peers = ",".join(f"e{one}=http://127.0.0.1:{ETCD_PEER + one}" for one in range(3))
        client, peer = f"http://127.0.0.1:{ETCD_CLIENT + number}", f"http://127.0.0.1:{ETCD_PEER + number}"
        command = ["etcd", "--name", f"e{number}", "--data-dir", str(folder / f"etcd{number}")]
        command += ["--listen-client-urls", client, "--advertise-client-urls", client]
        command += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
        command += ["--initial-cluster", peers, "--initial-cluster-token", "mingjian", "--initial-cluster-state", "new"]
        super().__init__(f"etcd{number}", command, folder)


class Member(Process):
    """One PostgreSQL under its Patroni."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number = number
        self.data = folder / f"pg{number}"
        config = folder / f"patroni{number}.json"
        config.write_text(json.dumps(_patroni(number, self.data)))
        super().__init__(f"pg{number}", ["runuser", "-u", USER, "--", "patroni", str(config)], folder)

    def kill(self) -> None:
        """Kill -9 Patroni and the PostgreSQL below it, which has left the process group."""
        super().kill()
        pid = self.data / "postmaster.pid"
        if pid.exists():
            subprocess.run(["pkill", "-9", "-f", f"{self.data}"], check=False)
            time.sleep(0.2)

    def role(self) -> str:
        """Return leader, replica, or an empty string where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{REST + self.number}/patroni", timeout=2) as answer:
                said = json.load(answer)
        except (urllib.error.URLError, OSError, ValueError):
            return ""
        return str(said.get("role", "")) if said.get("state") == "running" else ""


def _patroni(number: int, data: Path) -> dict[str, object]:
    tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
    logins = {name: {"username": name, "password": PASSWORD} for name in ("superuser", "replication", "rewind")}
    logins["superuser"]["username"] = USER
    return {
        "scope": "mingjian",
        "name": f"pg{number}",
        "restapi": {"listen": f"127.0.0.1:{REST + number}", "connect_address": f"127.0.0.1:{REST + number}"},
        "etcd3": {"hosts": [f"127.0.0.1:{ETCD_CLIENT + one}" for one in range(3)]},
        "bootstrap": {
            "dcs": {
                "ttl": TTL_S,
                "loop_wait": LOOP_S,
                "retry_timeout": RETRY_S,
                "maximum_lag_on_failover": 1048576,
                "synchronous_mode": True,
                "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 80, "wal_keep_size": "256MB"}},
            },
            "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"],
            "pg_hba": ["host all all 127.0.0.1/32 md5", "host replication all 127.0.0.1/32 md5"],
        },
        "postgresql": {
            "listen": f"127.0.0.1:{POSTGRES + number}",
            "connect_address": f"127.0.0.1:{POSTGRES + number}",
            "data_dir": str(data),
            "bin_dir": tools,
            "pgpass": str(data.parent / f"pgpass{number}"),
            "authentication": logins,
            "parameters": {"unix_socket_directories": str(data.parent), "shared_buffers": "128MB"},
        },
    }


class Cluster:
    """Three and three, in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        shutil.chown(folder, USER)
        folder.chmod(0o755)
        self.folder = folder
        self.etcd = [Etcd(number, folder) for number in range(3)]
        self.members = [Member(number, folder) for number in range(3)]

    @property
    def url(self) -> str:
        """The address of whichever member is the leader."""
        hosts = ",".join(f"127.0.0.1:{POSTGRES + number}" for number in range(3))
        return f"postgresql+psycopg://{USER}:{PASSWORD}@{hosts}/postgres?target_session_attrs=read-write"

    def start(self) -> None:
        """Start everything and wait for a leader with its standbys."""
        for process in (*self.etcd, *self.members):
            process.start()
        self.wait_for(standbys=2, seconds=120)

    def leader(self) -> Member | None:
        """Return the leader, if there is one."""
        return next((one for one in self.members if one.role() in ("master", "leader", "primary")), None)

    def wait_for(self, *, standbys: int, seconds: float) -> float:
        """Wait for a leader and so many standbys; return how long it took.  Raises TimeoutError."""
        began = time.monotonic()
        roles: list[str] = []
        while time.monotonic() - began < seconds:
            roles = [one.role() for one in self.members]
            if roles.count("replica") >= standbys and self.leader() is not None:
                return time.monotonic() - began
            time.sleep(0.5)
        raise TimeoutError(f"no leader with {standbys} standbys after {seconds} s: {roles}")

    def stop(self) -> None:
        """Kill everything."""
        for process in (*self.members, *self.etcd):
            process.kill()
