"""Taking in what others wrote: lines of a page or of a colleague's run become held entries, rows and leaf sums.

Everything here runs inside the caller's transaction. Source: sync.md 3.4 to 3.8; invariants 7 to 10, 13, 16, 19, 23.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from core.domain.families import BY_NAME, Scope
from core.domain.shared_state import KeptEntry
from core.kernel.records import Record, from_plain
from core.storage import projection
from core.storage.held import (
    ForeignPlace,
    Held,
    Key,
    Own,
    OwnPlace,
    foreign_places,
    held_of,
    known_entities,
    own_places,
)
from core.sync.digest import leaf_value
from core.sync.entries import Entry, decode
from core.sync.judge import GOOD, ID_CLASH, LATER_PROGRAM, judge, read
from core.sync.runs import CheckedRun
from core.sync.streams import is_hq

KEPT = "kept_entry"


class Line(NamedTuple):
    """One line on its way in. `chain` is empty for an entry inside an entry of headquarters (KeptEntry)."""

    entry: Entry
    raw: bytes
    device: str
    n: int
    chain: bytes
    seq: int | None
    by_hq: bool


class Taken(NamedTuple):
    """What lines changed."""

    touched: tuple[Key, ...]
    own: int
    clashes: int
    pending: int
    families: Counter[str]
    """Entries with effect, by family."""
    leaves: int
    """By how much the sum of the stream's leaves moved."""


class _Plan:
    """What is to be written for some lines; filled line by line, in order."""

    def __init__(self) -> None:
        self.inserts: list[tuple[object, ...]] = []
        self.moves: list[tuple[object, ...]] = []
        self.own_marks: list[tuple[OwnPlace, int]] = []
        self.judged_anew: set[Key] = set()
        self.effective: list[Entry] = []
        self.fresh: list[Held] = []
        self.pending = 0


def lines_of(runs: Sequence[CheckedRun], first_seq: int | None) -> list[Line]:
    """Return the lines of runs in order, each entry that headquarters kept behind the entry that carries it."""
    lines: list[Line] = []
    seq = first_seq
    for run in runs:
        by_hq = is_hq(run.header.device)
        for entry, raw, chain in zip(run.entries, run.lines, run.chains, strict=True):
            lines.append(Line(entry, raw, run.header.device, entry.n, chain, seq, by_hq))
            if by_hq and entry.fam == KEPT and entry.op == "put":
                lines += _kept(entry, seq)
            seq = None if seq is None else seq + 1
    return lines


def _kept(carrier: Entry, seq: int | None) -> list[Line]:
    try:
        kept = from_plain(KeptEntry, carrier.body)
        raw = kept.line.encode()
        inner = decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        # Nothing that can be read is inside; the carrier itself is judged by its body.
        return []
    by_hq = is_hq(kept.device)
    line = Line(inner, raw, kept.device, kept.n, b"", seq, by_hq)
    # Headquarters may have lost a carrier and taken it in again inside another one.
    return [line, *(_kept(inner, seq) if by_hq and inner.fam == KEPT and inner.op == "put" else [])]


def take_lines(connection: sa.Connection, own: Own, stream: str, lines: Sequence[Line]) -> Taken:
    """Keep the lines and bring rows, clashes and leaves up to date. Lines with a `seq` stand in the stream."""
    identifiers = [line.entry.id for line in lines]
    ours = own_places(connection, own, identifiers)
    others = foreign_places(connection, identifiers)
    known = known_entities(connection, {line.entry.ent for line in lines})
    plan = _planned(lines, own, stream, ours, others)
    _write(connection, plan)
    return _followed_up(connection, own, stream, plan, known)


def _planned(
    lines: Sequence[Line],
    own: Own,
    stream: str,
    ours: Mapping[str, OwnPlace],
    others: Mapping[str, list[ForeignPlace]],
) -> _Plan:
    plan = _Plan()
    here: dict[str, bytes] = {}
    if own.home not in ("", stream):
        # Ids are counted stream by stream, as headquarters counts them: an entry of ours hides none of another stream.
        ours = {}
    for line in lines:
        identifier = line.entry.id
        if identifier not in ours and identifier not in others and identifier not in here:
            # Nearly every line of a first load: nothing is known of it.
            here[identifier] = line.raw
            verdict, record = read(line.entry, by_hq=line.by_hq)
            _add(plan, own, stream, line, verdict, has_effect=line.seq is not None, record=record)
            continue
        mine, theirs = ours.get(identifier), others.get(identifier, ())
        before = identifier in here or _is_in(stream, own, mine, theirs)
        has_effect = line.seq is not None and not before
        if mine is not None and _is_own_line(line, mine):
            if line.seq is not None and (line.chain or not mine.confirmed_seq):
                plan.own_marks.append((mine, line.seq if line.chain else -line.seq))
        elif (place := _held_place(line, theirs)) is not None:
            if line.seq is not None and not place.seq:
                verdict = _verdict(line, stream, here, mine, theirs)
                _move(plan, line, stream, place, verdict, has_effect=has_effect)
        else:
            verdict = _verdict(line, stream, here, mine, theirs)
            _add(plan, own, stream, line, verdict, has_effect=has_effect, is_new=mine is None)
            has_effect = False
        if has_effect:
            plan.effective.append(line.entry)
        here.setdefault(identifier, line.raw)
    return plan


def _add(
    plan: _Plan,
    own: Own,
    stream: str,
    line: Line,
    verdict: str,
    *,
    has_effect: bool,
    is_new: bool = True,
    record: Record | None = None,
) -> None:
    """Plan a line that is not held yet; `is_new`: nor is its entry, as one of our own."""
    entry, seq, device = line.entry, line.seq, line.device
    counts = seq is None or has_effect
    plan.pending += verdict in LATER_PROGRAM
    place = stream if seq is not None else ""
    plan.inserts.append(
        (
            entry.id,
            device,
            line.n,
            place,
            seq,
            entry.fam,
            entry.ent,
            entry.visit,
            line.raw,
            line.chain,
            int(counts),
            verdict,
        )
    )
    if has_effect:
        plan.effective.append(entry)
    if counts and is_new:
        plan.fresh.append(Held(entry, device in own.devices, stream if has_effect else "", verdict == GOOD, record))


def _is_in(stream: str, own: Own, mine: OwnPlace | None, theirs: Collection[ForeignPlace]) -> bool:
    if mine is not None and mine.confirmed_seq and stream == own.home:
        return True
    return any(place.seq and place.stream == stream for place in theirs)


def _is_own_line(line: Line, mine: OwnPlace) -> bool:
    # An entry that headquarters kept outside the chain is known by its id alone: its line has no chain value there.
    place = (mine.device, mine.n, mine.raw)
    return (line.device, line.n, line.raw) == place and (not line.chain or line.chain == mine.chain)


def _held_place(line: Line, theirs: Collection[ForeignPlace]) -> ForeignPlace | None:
    """Return where a line is held already."""
    for place in theirs:
        same = (place.device, place.n) == (line.device, line.n) and place.raw == line.raw
        if same and (place.chain == line.chain or not line.chain):
            return place
    return None


def _move(plan: _Plan, line: Line, stream: str, place: ForeignPlace, verdict: str, *, has_effect: bool) -> None:
    """Plan that a held line finds its place in the stream, and what that makes of it."""
    assert line.seq is not None, "only the stream gives places"
    # One that headquarters kept inside another has no place of its own in the stream's order.
    seq = line.seq if line.chain else -line.seq
    plan.moves.append((stream, seq, int(has_effect), verdict, place.pos))
    if verdict != place.verdict:
        plan.judged_anew.add((line.entry.fam, line.entry.ent))


def _verdict(
    line: Line, stream: str, here: Mapping[str, bytes], mine: OwnPlace | None, theirs: Collection[ForeignPlace]
) -> str:
    """Return why a line may not make rows. In a stream the first of an id counts, as at headquarters; what a colleague
    brought has no order yet."""
    in_order = line.seq is not None
    held = [one.raw for one in theirs if (one.seq or not in_order) and one.stream in ("", stream)]
    if mine is not None and (mine.confirmed_seq or not in_order):
        held.append(mine.raw)
    if line.entry.id in here:
        held.append(here[line.entry.id])
    return ID_CLASH if any(raw != line.raw for raw in held) else judge(line.entry, by_hq=line.by_hq)


_INSERT = (
    "INSERT INTO foreign_entry(id, device, n, stream, seq, fam, ent, visit, raw, chain, effect, verdict)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _write(connection: sa.Connection, plan: _Plan) -> None:
    if plan.inserts:
        connection.exec_driver_sql(_INSERT, plan.inserts)
    if plan.moves:
        connection.exec_driver_sql(
            "UPDATE foreign_entry SET stream = ?, seq = ?, effect = ?, verdict = ? WHERE pos = ?", plan.moves
        )
    live = [(seq, place.n) for place, seq in plan.own_marks if not place.is_past]
    if live:
        connection.exec_driver_sql("UPDATE entry SET confirmed_seq = ? WHERE n = ?", live)
    past = [(seq, place.device, place.n) for place, seq in plan.own_marks if place.is_past]
    if past:
        connection.exec_driver_sql("UPDATE past_entry SET confirmed_seq = ? WHERE device = ? AND n = ?", past)


def _followed_up(connection: sa.Connection, own: Own, stream: str, plan: _Plan, known: set[str]) -> Taken:
    fresh: defaultdict[Key, list[Held]] = defaultdict(list)
    for held in plan.fresh:
        fresh[held.entry.fam, held.entry.ent].append(held)
    effective: defaultdict[Key, list[Entry]] = defaultdict(list)
    for entry in plan.effective:
        effective[entry.fam, entry.ent].append(entry)
    changed = dict.fromkeys((*fresh, *effective, *sorted(plan.judged_anew)))
    asked = {key[1] for key in changed if key[1] in known or key not in fresh}
    older = held_of(connection, own, asked)
    all_of = {key: older[key] if key[1] in asked else fresh[key] for key in changed}
    leaves = sum(_leaves_moved(key, entries, all_of[key], stream) for key, entries in effective.items())
    touched, clashes = _project(connection, {key: all_of[key] for key in changed if _is_shown_anew(key, fresh, plan)})
    return Taken(
        touched=touched,
        own=len(plan.own_marks),
        clashes=clashes,
        pending=plan.pending,
        families=Counter(entry.fam for entry in plan.effective),
        leaves=leaves,
    )


def _leaves_moved(key: Key, entries: Sequence[Entry], held: Sequence[Held], stream: str) -> int:
    if len(held) == 1 and len(entries) == 1:
        return leaf_value(*key, entries[0].id)
    return leaf_sum(held, stream) - leaf_sum(held, stream, without=entries)


def leaf_sum(held: Iterable[Held], stream: str, *, without: Sequence[Entry] = ()) -> int:
    """Return the sum of the leaves that one entity has in a stream, judged on the envelopes alone.

    Args:
        without: Entries that are left out, to know the sum before they came.
    """
    gone = {entry.id for entry in without}
    standing = {one.entry.id: one.entry for one in held if one.stream == stream and one.entry.id not in gone}
    named = {parent for entry in standing.values() for parent in entry.parents if parent != entry.id}
    return sum(leaf_value(entry.fam, entry.ent, entry.id) for entry in standing.values() if entry.id not in named)


def _is_shown_anew(key: Key, fresh: Mapping[Key, Sequence[Held]], plan: _Plan) -> bool:
    family = BY_NAME.get(key[0])
    if family is None:
        return False
    # A row of headquarters' is what stands in the stream: one that had lost its place and found it again counts anew.
    is_moved = family.scope is Scope.HQ or key in plan.judged_anew
    return is_moved or any(projection.counts(family, one) for one in fresh.get(key, ()))


def _project(connection: sa.Connection, held: Mapping[Key, Sequence[Held]]) -> tuple[tuple[Key, ...], int]:
    changed = {key: projection.shown(BY_NAME[key[0]], entries) for key, entries in held.items()}
    projection.write_shown(connection, changed)
    return tuple(changed), sum(1 for one in changed.values() if one.clashes)


def judge_again(connection: sa.Connection, own: Own) -> int:
    """Judge what an older program could not read, and make its rows; return how many entries are read now.

    Raises nothing of its own; what still cannot be read stays as it is (invariant 19, F28).
    """
    marks = ", ".join("?" * len(LATER_PROGRAM))
    sql = f"SELECT pos, raw, device, verdict FROM foreign_entry WHERE verdict != '' AND verdict IN ({marks})"
    rows = connection.exec_driver_sql(sql, tuple(sorted(LATER_PROGRAM))).all()
    read: list[tuple[str, int]] = []
    keys: set[Key] = set()
    for pos, raw, device, verdict in rows:
        entry = decode(raw)
        fresh = judge(entry, by_hq=is_hq(device))
        if fresh != verdict:
            read.append((fresh, pos))
            keys.add((entry.fam, entry.ent))
    if read:
        connection.exec_driver_sql("UPDATE foreign_entry SET verdict = ? WHERE pos = ?", read)
        project_again(connection, own, keys)
    return len(read)


def project_again(connection: sa.Connection, own: Own, keys: Collection[Key]) -> None:
    """Make the rows of some entities anew from all that is held of them."""
    held = held_of(connection, own, {entity for _, entity in keys})
    known = {key: BY_NAME[key[0]] for key in keys if key[0] in BY_NAME}
    projection.write_shown(connection, {key: projection.shown(family, held[key]) for key, family in known.items()})


def pending(connection: sa.Connection) -> int:
    """Return how many held entries only a later program will read."""
    marks = ", ".join("?" * len(LATER_PROGRAM))
    sql = f"SELECT count(*) FROM foreign_entry WHERE verdict != '' AND verdict IN ({marks})"
    return int(connection.exec_driver_sql(sql, tuple(sorted(LATER_PROGRAM))).scalar_one())
