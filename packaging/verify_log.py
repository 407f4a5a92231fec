"""Checks an exported log of headquarters without any of the program's own code.

Usage: python verify_log.py EXPORT [NOTE ...]

EXPORT is what `hq export` wrote; each NOTE is a checkpoint that was filed outside headquarters. Prints the first bad
position, or what was checked. Ends with 0 when all holds, 1 when something does not, 2 when the file cannot be read.

What is checked: every line lies in its author's chain (SHA-256); every run is sealed by its author (Ed25519); every
stream is numbered without a gap, hashed and dated (receipts); every checkpoint is signed, and its root is what the
streams give. Needs only the library `cryptography`.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ZERO, ORIGIN = bytes(32), "mingjian/hq"


class Bad(Exception):
    """Something does not hold; the text says where and why."""


def is_good(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_sealed(keys: list[bytes], device: str, last: int, chain: bytes, seal: str) -> bool:
    text = b"seal1" + device.encode() + last.to_bytes(8, "big") + chain
    return any(is_good(key, text, bytes.fromhex(seal)) for key in keys)


def root_of(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return hashlib.sha256(b"\x00" + leaves[0] if leaves else b"").digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


class Stream:
    """One stream while it is read."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.name = str(told["stream"])
        self.told = told
        self.head = self.receipt = ZERO
        self.seq = 0
        self.told_chains: dict[str, dict[str, Any]] = {}
        self.chains: dict[str, tuple[int, bytes]] = {}
        self.standings: dict[int, tuple[bytes, bytes]] = {0: (ZERO, ZERO)}

    def keys(self, device: str, hq_keys: list[bytes]) -> list[bytes]:
        if device == f"hq/{self.name}":
            return hq_keys
        return [bytes.fromhex(self.told_chains[device]["public"])] if device in self.told_chains else []

    def take_run(self, run: dict[str, Any], lines: list[bytes], hq_keys: list[bytes]) -> None:
        device, first, where = run["run"], run["first"], f"{self.name} {run['first_seq']}"
        n, chain = self.chains.get(device, (0, ZERO))
        if run["first_seq"] != self.seq + 1 or len(lines) != run["entries"]:
            raise Bad(f"{self.name} {self.seq + 1}: entries are missing or out of order")
        if first != n + 1 or bytes.fromhex(run["prev"]) != chain:
            raise Bad(f"{where}: the run does not follow the chain of {device}")
        for place, line in enumerate(lines):
            self.seq, number = self.seq + 1, first + place
            if json.loads(line)["n"] != number:
                raise Bad(f"{self.name} {self.seq}: the line says another number than {number}")
            chain = hashlib.sha256(chain + line).digest()
            order = b"%d|%s|%d|" % (self.seq, device.encode(), number)
            self.head = hashlib.sha256(self.head + order + hashlib.sha256(line).digest()).digest()
        last = first + len(lines) - 1
        self.chains[device] = (last, chain)
        if chain.hex() != run["head"]:
            raise Bad(f"{where}: a line between {run['first_seq']} and {self.seq} was changed")
        if not is_sealed(self.keys(device, hq_keys), device, last, chain, run["seal"]):
            raise Bad(f"{where}: the seal of {device} is not good")
        numbers = f"{first} {run['entries']} {run['suite']} {run['first_seq']} {run['bytes']}"
        said = [run[name] for name in ("prev", "head", "seal", "received_at", "device_status")]
        text = "\x1f".join((self.name, device, numbers, *said))
        self.receipt = hashlib.sha256(self.receipt + text.encode()).digest()
        self.standings[self.seq] = (self.head, self.receipt)

    def check_fork(self, fork: dict[str, Any], hq_keys: list[bytes]) -> None:
        device, chain = fork["fork"], bytes.fromhex(fork["prev"])
        for line in fork["lines"]:
            chain = hashlib.sha256(chain + line.encode()).digest()
        last = fork["first"] + len(fork["lines"]) - 1
        is_good_seal = is_sealed(self.keys(device, hq_keys), device, last, chain, fork["seal"])
        if chain.hex() != fork["head"] or not is_good_seal:
            raise Bad(f"{self.name}: a run of {device} that parted at {fork['first']} was changed")

    def end(self) -> None:
        if [self.told[k] for k in ("seq", "head", "receipt")] != [self.seq, self.head.hex(), self.receipt.hex()]:
            raise Bad(f"{self.name} {min(self.seq, self.told['seq'])}: the stream does not end as it says")
        for device, end in self.told_chains.items():
            n, chain = self.chains.get(device, (0, ZERO))
            if (n, chain.hex()) != (end["n"], end["chain"]):
                raise Bad(f"{self.name}: the chain of {device} does not end as it says")


def check_note(note: str, standings: list[Any], hq_keys: list[bytes], streams: dict[str, Stream]) -> None:
    text, found, signature = note.rpartition(f"\n\N{EM DASH} {ORIGIN} ")
    lines = text.splitlines()
    if not found or len(lines) != 5 or lines[0] != ORIGIN:
        raise Bad("a checkpoint is no signed note")
    if not any(is_good(key, text.encode(), base64.b64decode(signature)[4:]) for key in hq_keys):
        raise Bad(f"checkpoint {lines[1]}: the signature is not good")
    leaves: list[bytes] = []
    for name, seq in sorted(standings, key=lambda one: one[0].encode()):
        if name not in streams or seq not in streams[name].standings:
            raise Bad(f"checkpoint {lines[1]}: {name} does not reach {seq} any more")
        parts = (name, str(seq), *(base64.b64encode(part).decode() for part in streams[name].standings[seq]))
        leaves.append("".join(f"{part}\n" for part in parts).encode())
    if root_of(leaves) != base64.b64decode(lines[4]):
        raise Bad(f"checkpoint {lines[1]}: what it signed is not what the streams give")


class Export:
    """The file while it is read: line after line, each kind in its place."""

    def __init__(self, notes: list[str]) -> None:
        self.filed = {note.splitlines()[1]: note for note in notes}
        self.hq_keys: list[bytes] = []
        self.streams: dict[str, Stream] = {}
        self.stream = Stream({"stream": ""})
        self.run: dict[str, Any] | None = None
        self.lines: list[bytes] = []
        self.checkpoints = 0

    def take(self, item: dict[str, Any]) -> None:
        if "line" in item:
            self.lines.append(item["line"].encode())
            return
        self.close_run()
        if "format" in item:
            self.hq_keys = [bytes.fromhex(key) for key in item["hq_keys"]]
        elif "stream" in item:
            self.close_stream()
            self.stream = self.streams[item["stream"]] = Stream(item)
        elif "device" in item:
            self.stream.told_chains[item["device"]] = item
        elif "run" in item:
            self.run, self.lines = item, []
        elif "fork" in item:
            self.stream.check_fork(item, self.hq_keys)
        else:
            self.close_stream()
            self.checkpoints += 1
            note = self.filed.pop(item["checkpoint"], item["note"])
            check_note(note, item["standings"], self.hq_keys, self.streams)

    def close_run(self) -> None:
        if self.run is not None:
            self.stream.take_run(self.run, self.lines, self.hq_keys)
        self.run = None

    def close_stream(self) -> None:
        if self.stream.name:
            self.stream.end()
        self.stream = Stream({"stream": ""})

    def end(self) -> str:
        self.close_run()
        self.close_stream()
        if self.filed:
            raise Bad(f"checkpoint {min(self.filed)}: it is not in the export any more")
        entries = sum(stream.seq for stream in self.streams.values())
        return f"all holds: {len(self.streams)} streams, {entries} entries, {self.checkpoints} checkpoints"


def main(arguments: list[str]) -> int:
    try:
        export = Export([Path(name).read_text("utf-8") for name in arguments[1:]])
        with gzip.open(arguments[0], "rt", encoding="utf-8", newline="\n") as file:
            for line in file:
                export.take(json.loads(line))
        said, code = export.end(), 0
    except Bad as bad:
        said, code = f"BAD  {bad}", 1
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        said, code = f"the file cannot be read: {type(error).__name__}: {error}", 2
    sys.stdout.write(f"{said}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if sys.argv[1:] else __doc__)
