"""`bench growth`: search, save and opening a visit on stores of growing size, and the curve as a picture."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence

from core.cli.bench.encrypt import visit_opener
from core.cli.bench.figures import median, rounded, seconds, settle
from core.cli.bench.queries import typed_queries
from core.cli.bench.save import saver
from core.cli.bench.setting import Setting
from core.kernel.ids import new_id
from core.kernel.records import Record

SIZES = (10_000, 100_000, 1_000_000, 4_000_000)
TARGETS = 15
ROUNDS = 200
COLOURS = {"search": "#1f6feb", "save": "#b35900", "open": "#1a7f37"}
NAMES = {"search": "search, one key", "save": "save one answer", "open": "open a visit of 50 answers"}
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 800, 380, 60, 260, 30, 50


class Point(Record):
    """The medians of one gesture at one size, by the clock and by the processor.

    The curve is drawn by the processor: other programs and the disk of the day do not bend it.
    """

    what: str
    rows: int
    ms: float
    busy_ms: float


def measure(setting: Setting) -> tuple[Point, ...]:
    """Return the medians at every size up to the setting's; each store is made if it is not there."""
    found: list[Point] = []
    for rows in SIZES:
        if rows <= setting.rows:
            found += _points(Setting(rows, setting.base, setting.progress, setting.is_quick))
    return tuple(found)


def _points(setting: Setting) -> Iterator[Point]:
    store = setting.store
    rounds = setting.times(ROUNDS)
    with store.session() as session:
        search = session.enterprises.search
        queries = typed_queries(store.rows, setting.times(TARGETS))
        texts = [text for query in queries for text in query.prefixes()]
        keys = iter(texts)
        works = {
            "search": (lambda: search(next(keys), limit=20), len(texts)),
            "save": (saver(session.open_work, new_id()), rounds),
            "open": (visit_opener(session.read_work, store.rows), rounds),
        }
        for what, (work, times) in works.items():
            settle()
            samples: list[tuple[float, float]] = []
            for _ in range(times):
                busy = time.process_time()
                waited = seconds(work)
                samples.append((waited, time.process_time() - busy))
            ms, busy_ms = (rounded(median([one[side] for one in samples]) * 1000) for side in (0, 1))
            yield Point(what=what, rows=store.rows, ms=ms, busy_ms=busy_ms)


def exponent(points: Sequence[Point], what: str) -> float:
    """Return p of the best fit busy_ms ~ rows**p: 1 is linear growth, 0 none; a logarithm lies near 0.1 here."""
    own = [(math.log(one.rows), math.log(one.busy_ms)) for one in points if one.what == what]
    if len(own) < 2:
        return 0.0
    mean_x, mean_y = (sum(pair[side] for pair in own) / len(own) for side in (0, 1))
    return sum((x - mean_x) * (y - mean_y) for x, y in own) / sum((x - mean_x) ** 2 for x, _ in own)


def picture(points: Sequence[Point]) -> str:
    """Return the curves as SVG: rows to the right (logarithmic), milliseconds upwards (linear)."""
    sizes = sorted({one.rows for one in points})
    highest = max(one.busy_ms for one in points) * 1.15

    def x_of(rows: int) -> float:
        span = math.log(sizes[-1] / sizes[0]) or 1.0
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(rows / sizes[0]) / span

    def y_of(ms: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * ms / highest

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
        'font-size="12"><rect width="100%" height="100%" fill="white"/>',
        f'<text x="{LEFT}" y="18">median processor ms by enterprises in the encrypted store</text>',
    ]
    for step in range(5):
        ms = highest * step / 4
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y_of(ms):.1f}" y2="{y_of(ms):.1f}" stroke="#ddd"/>'
            f'<text x="{LEFT - 8}" y="{y_of(ms) + 4:.1f}" text-anchor="end">{ms:.1f}</text>'
        )
    parts += [f'<text x="{x_of(one):.1f}" y="{HEIGHT - 28}" text-anchor="middle">{one:,}</text>' for one in sizes]
    for what in COLOURS:
        own = sorted((one for one in points if one.what == what), key=lambda one: one.rows)
        if own:
            parts.append(_curve(what, [(x_of(one.rows), y_of(one.busy_ms)) for one in own], exponent(points, what)))
    return "\n".join([*parts, "</svg>", ""])


def _curve(what: str, places: Sequence[tuple[float, float]], power: float) -> str:
    colour = COLOURS[what]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places)
    x, y = places[-1]
    words = f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{NAMES[what]} (rows^{power:.2f})</text>'
    return f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}{words}'
