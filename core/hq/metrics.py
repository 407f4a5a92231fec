"""Figures of one worker in the text format of Prometheus. No library: the format is a dozen lines.

Source: Prometheus text exposition format 0.0.4.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from core.hq.duties import DutyLine

CONTENT_TYPE = "text/plain; version=0.0.4"
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0)

Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counts requests, their time and their bytes; gauges are read when somebody asks."""

    def __init__(self) -> None:
        self._requests: dict[Labels, int] = defaultdict(int)
        self._buckets: dict[Labels, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS_S) + 1))
        self._seconds: dict[Labels, float] = defaultdict(float)
        self._bytes: dict[Labels, int] = defaultdict(int)
        self._events: dict[Labels, int] = defaultdict(int)

    def request(self, route: str, method: str, status: int, *, seconds: float, received: int, sent: int) -> None:
        """Count one request that was answered."""
        self._requests[_labels(route=route, method=method, status=str(status))] += 1
        timed = _labels(route=route)
        self._buckets[timed][bisect_left(BOUNDS_S, seconds)] += 1
        self._seconds[timed] += seconds
        self._bytes[_labels(direction="in")] += received
        self._bytes[_labels(direction="out")] += sent

    def event(self, what: str) -> None:
        """Count something that happened, such as a fork."""
        self._events[_labels(what=what)] += 1

    def text(self, gauges: Mapping[str, tuple[str, float]], duties: Iterable[DutyLine] = ()) -> str:
        """Return everything; `gauges` are name to (help, value)."""
        lines: list[str] = []
        lines += _family("mingjian_requests_total", "counter", "Requests answered.", self._requests.items())
        lines += self._histogram()
        lines += _family("mingjian_bytes_total", "counter", "Bytes of bodies.", self._bytes.items())
        lines += _family("mingjian_events_total", "counter", "Things that happened.", self._events.items())
        for name, (said, value) in gauges.items():
            lines += _family(name, "gauge", said, [((), value)])
        lines += _duties(tuple(duties))
        return "\n".join(lines) + "\n"

    def _histogram(self) -> Iterator[str]:
        name = "mingjian_request_seconds"
        yield f"# HELP {name} Time from request to answer."
        yield f"# TYPE {name} histogram"
        for labels, counts in self._buckets.items():
            total = 0
            for bound, count in zip((*(f"{bound:g}" for bound in BOUNDS_S), "+Inf"), counts, strict=True):
                total += count
                yield f"{name}_bucket{_shown((*labels, ('le', bound)))} {total}"
            yield f"{name}_sum{_shown(labels)} {self._seconds[labels]:.6f}"
            yield f"{name}_count{_shown(labels)} {total}"


def _duties(duties: Sequence[DutyLine]) -> Iterator[str]:
    named = [(_labels(duty=one.name), one) for one in duties]
    ended = [(labels, int(one.ended_at.timestamp())) for labels, one in named if one.ended_at is not None]
    failed = [(labels, int(bool(one.error))) for labels, one in named]
    yield from _family("mingjian_duty_ended_timestamp_seconds", "gauge", "When a duty last ended.", ended)
    yield from _family("mingjian_duty_failed", "gauge", "Whether a duty failed the last time.", failed)


def _family(name: str, kind: str, said: str, values: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    yield f"# HELP {name} {said}"
    yield f"# TYPE {name} {kind}"
    for labels, value in values:
        yield f"{name}{_shown(labels)} {value:g}" if isinstance(value, float) else f"{name}{_shown(labels)} {value}"


def _labels(**named: str) -> Labels:
    return tuple(named.items())


def _shown(labels: Labels) -> str:
    if not labels:
        return ""
    escaped = ((name, value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")) for name, value in labels)
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped) + "}"
