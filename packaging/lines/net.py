"""Two machines on one: network namespaces with a cable between them, and the weather on that cable."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress

HQ, STATION = "mj-hq", "mj-station"
HQ_ADDRESS, STATION_ADDRESS = "10.213.7.1", "10.213.7.2"
CABLE = "mj0"
NETEM = ("netem", "loss", "30%", "delay", "300ms", "50ms")
NARROW = ("tbf", "rate", "64kbit", "burst", "4kb", "latency", "2s")
UP_S, DOWN_S = 2.0, 2.0


def ip(*words: str) -> None:
    """Run one command of iproute2."""
    subprocess.run(("ip", *words), check=True, capture_output=True, text=True)


def inside(space: str, words: Sequence[str]) -> tuple[str, ...]:
    """Return a command as it runs on one of the machines."""
    return ("ip", "netns", "exec", space, *words)


@contextmanager
def cable() -> Generator[None]:
    """Make the two machines and the cable; take them away afterwards."""
    take_away()
    try:
        for space in (HQ, STATION):
            ip("netns", "add", space)
            ip("-n", space, "link", "set", "lo", "up")
        ip("-n", HQ, "link", "add", CABLE, "type", "veth", "peer", "name", CABLE, "netns", STATION)
        for space, address in ((HQ, HQ_ADDRESS), (STATION, STATION_ADDRESS)):
            ip("-n", space, "address", "add", f"{address}/30", "dev", CABLE)
            ip("-n", space, "link", "set", CABLE, "up")
        yield
    finally:
        take_away()


def take_away() -> None:
    """Take away what an earlier run may have left."""
    for space in (HQ, STATION):
        with suppress(subprocess.CalledProcessError):
            ip("netns", "delete", space)


def knows(weather: Sequence[str]) -> bool:
    """Tell whether this kernel can make that weather."""
    words = ("tc", "qdisc", "add", "dev", CABLE, "root", *weather)
    if subprocess.run(inside(HQ, words), capture_output=True, check=False).returncode:
        return False
    clear(HQ)
    return True


@contextmanager
def weather(words: Sequence[str]) -> Generator[None]:
    """Let both directions of the cable have that weather."""
    for space in (HQ, STATION):
        subprocess.run(inside(space, ("tc", "qdisc", "add", "dev", CABLE, "root", *words)), check=True)
    try:
        yield
    finally:
        for space in (HQ, STATION):
            clear(space)


def clear(space: str) -> None:
    """Make the weather good again."""
    subprocess.run(inside(space, ("tc", "qdisc", "del", "dev", CABLE, "root")), check=True)


@contextmanager
def flapping() -> Generator[None]:
    """Pull the plug and put it back, again and again."""
    stop = threading.Event()

    def flap() -> None:
        while not stop.wait(UP_S):
            ip("-n", STATION, "link", "set", CABLE, "down")
            stop.wait(DOWN_S)
            ip("-n", STATION, "link", "set", CABLE, "up")

    thread = threading.Thread(target=flap)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        ip("-n", STATION, "link", "set", CABLE, "up")
