"""Lets a station sync over bad cables between two machines, and compares both ends afterwards.

    sudo .venv/bin/python packaging/lines/run.py [--folder FOLDER]

Outside CI. Needs root and iproute2: the two machines are network namespaces, the cable is a veth pair, the weather is
tc's netem (30 % loss, 300 ms each way) and tbf (64 kbit/s), and a plug that is pulled every other second. A weather
that the kernel does not know is named and left out. Everything runs through the command line, as people do it; the line
is TLS with a certificate made for the run. Source: sync.md section 9, L3.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import net  # noqa: E402  # found beside this file
from cryptography import x509  # noqa: E402  # needs the path above
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402  # needs the path above
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402  # needs the path above

from core.station import demo_station  # noqa: E402  # needs the path above

PORT, SUBJECT, OFFICER = 8643, "430104", "zhangmin"
ATTEMPTS_MAX = 40
PASSWORD = "a password for this run only"


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Machine:
    """The command line on one of the machines."""

    def __init__(self, space: str, **environment: str) -> None:
        self.space = space
        self.environment = os.environ | environment

    def command(self, *words: str) -> tuple[str, ...]:
        """Return the command line of a command of ours."""
        return net.inside(self.space, (sys.executable, str(ROOT / "main.py"), "--json", *words))

    def ran(self, *words: str) -> tuple[int, Any]:
        """Run a command; return how it ended and its document."""
        done = subprocess.run(
            self.command(*words), env=self.environment, capture_output=True, text=True, check=False, cwd=ROOT
        )
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else {"error": done.stderr}

    def ask(self, *words: str) -> Any:
        """Run a command that must be done and return its document."""
        code, document = self.ran(*words)
        if code:
            raise SystemExit(f"{words}: {document}")
        return document


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for headquarters' address and return it with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, net.HQ_ADDRESS)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(net.HQ_ADDRESS))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "hq.pem", folder / "hq.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def sync_until_even(station: Machine) -> tuple[int, list[str], float]:
    """Sync until the statement is equal; return how often it took, why the others ended, and the seconds."""
    began, why = time.monotonic(), list[str]()
    for attempt in range(1, ATTEMPTS_MAX + 1):
        code, document = station.ran("sync", "run")
        if code == 0 and document["statement"]["equal"]:
            return attempt, why, time.monotonic() - began
        why.append(str(document.get("error", "not equal")))
    raise SystemExit(f"never even: {why}")


def write_something(station: Machine) -> None:
    """Make some entries that headquarters does not have yet."""
    for kind in ("inspection_notice", "scene_record", "prior_notice"):
        station.ask("sync", "numbers", kind, "--size", "3")


def scenes() -> list[tuple[str, partial[AbstractContextManager[None]]]]:
    """Return the weathers that this kernel can make; tell which it cannot."""
    found: list[tuple[str, partial[AbstractContextManager[None]]]] = []
    for name, words in (("30 % loss and 300 ms", net.NETEM), ("64 kbit/s", net.NARROW)):
        if net.knows(words):
            found.append((name, partial(net.weather, words)))
        else:
            say(f"left out, this kernel has no {words[0]}: {name}")
    return [*found, ("a plug that is pulled", partial(net.flapping))]


def main(folder: Path) -> None:
    """Run every weather, one after the other, and compare both ends at the end."""
    pem, key = certificate(folder)
    hq = Machine(net.HQ, MINGJIAN_HQ=str(folder / "hq"), MINGJIAN_PASSWORD=PASSWORD)
    home = folder / "station"
    _, accounts = demo_station(home)
    password = next(one.password for one in accounts if one.name == OFFICER)
    station = Machine(
        net.STATION,
        MINGJIAN_HOME=str(home),
        MINGJIAN_ACCOUNT=OFFICER,
        MINGJIAN_PASSWORD=password,
        SSL_CERT_FILE=str(pem),
    )
    with net.cable():
        hq.ask("hq", "init", str(folder / "hq"))
        words = hq.command("hq", "serve", "--host", net.HQ_ADDRESS, "--port", str(PORT))
        tls = ("--certificate", str(pem), "--certificate-key", str(key))
        with subprocess.Popen((*words, *tls), env=hq.environment, stdout=subprocess.PIPE, cwd=ROOT) as serving:
            assert serving.stdout is not None
            serving.stdout.readline()
            try:
                code = hq.ask("hq", "enrol", "--subject", SUBJECT, "--officer", OFFICER)["code"]
                station.ask("sync", "enrol", f"https://{net.HQ_ADDRESS}:{PORT}", code)
                for name, scene in scenes():
                    write_something(station)
                    with scene():
                        attempts, why, seconds = sync_until_even(station)
                    say(f"{name}: even after {attempts} attempts, {seconds:.0f} s; {why or 'none broke'}")
                sync_until_even(station)
            finally:
                serving.terminate()
        said, log = station.ask("sync", "statement"), hq.ask("hq", "verify")
    say(
        f"statement equal: {said['equal']}, {said['records']}; headquarters: {log['verdict']}, {log['entries']} entries"
    )
    if not said["equal"] or said["records"]["only_here"] or log["verdict"] != "intact":
        raise SystemExit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--folder", type=Path, help="a new folder; without: one that is removed afterwards")
    asked = parser.parse_args()
    if asked.folder:
        asked.folder.mkdir(parents=True)
        main(asked.folder)
    else:
        with tempfile.TemporaryDirectory(prefix="mj-lines-") as made:
            main(Path(made))
