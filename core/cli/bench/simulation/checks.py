"""What must hold after the storm. The numbers are those of sync.md section 4.

Everything is counted again from the log that headquarters gives out; nothing of the stores' own counting is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.cli.bench.simulation.ends import Broken
from core.cli.bench.simulation.laptop import Laptop
from core.cli.bench.simulation.ledger import read_log
from core.cli.bench.simulation.place import Place
from core.cli.bench.simulation.wire import deliver_all
from core.domain.families import BY_NAME, Scope
from core.domain.shared_state import TASK_MOVES, KeptEntry, Task
from core.kernel.records import from_plain, to_plain
from core.sync.digest import NOTHING, added, leaf_value
from core.sync.entries import CHAIN_START, Entry, decode, next_chain
from core.sync.judge import GOOD, judge
from core.sync.merge import Projection, change_of, leaves, project
from core.sync.statement import statement
from core.sync.streams import is_hq


@dataclass(frozen=True)
class Held:
    """One effective entry of a stream."""

    line: bytes
    entry: Entry
    by_hq: bool


def effective(place: Place, stream: str) -> dict[str, Held]:
    """Return the effective entries of a stream, counted from its log: the first of an id, and what hq kept."""
    found: dict[str, Held] = {}
    for run in read_log(place.centre.read, stream):
        by_hq = is_hq(run.header.device)
        for line in run.lines:
            entry = decode(line)
            for one in opened(Held(line, entry, by_hq)):
                found.setdefault(one.entry.id, one)
    return found


def opened(held: Held) -> Iterator[Held]:
    """Give an entry, and the one that headquarters took in inside of it."""
    yield held
    if held.by_hq and held.entry.fam == "kept_entry" and judge(held.entry, by_hq=True) == GOOD:
        kept = from_plain(KeptEntry, held.entry.body)
        inner = kept.line.encode()
        yield Held(inner, decode(inner), by_hq=is_hq(kept.device))


# After the storm.


def must_survive(place: Place) -> dict[str, dict[str, bytes]]:
    """Return stream to entries that some surviving disk or headquarters holds now: none of them may be missing later.

    Entries of headquarters itself that a restore undid are superseded by what it wrote since; what it had kept of
    others inside of them is not.
    """
    must: dict[str, dict[str, bytes]] = {stream: {} for stream in place.ledger.streams}
    for stream, kept in must.items():
        kept |= {identifier: one.line for identifier, one in effective(place, stream).items()}
    for laptop in place.laptops:
        for line in laptop.end.held().values():
            by_officer = decode(line).actor.startswith("officer-")
            for one in opened(Held(line, decode(line), by_hq=not by_officer)):
                if one.entry.actor.startswith("officer-"):
                    must[laptop.home].setdefault(one.entry.id, one.line)
    return must


def after_the_storm(place: Place, must: dict[str, dict[str, bytes]]) -> None:
    """Check all that must hold once everyone has synced over a good wire."""
    for laptop in place.laptops:
        laptop.check_saved()
    streams = {stream: effective(place, stream) for stream in place.ledger.streams}
    for stream, held in streams.items():
        chains_hold(place, stream)
        gone = [identifier for identifier in must[stream] if identifier not in held]
        if gone:
            raise Broken(17, f"{stream} lacks {gone}")
        _one_outcome_each(stream, held)
        _same_everywhere(place, stream, held)
    _rows_of_the_log(place, streams)
    _nothing_is_damaged(place)
    _nothing_of_others(place)
    _repeats_change_nothing(place)
    _rot_is_seen(place)


def chains_hold(place: Place, stream: str) -> None:
    """Invariants 3 and 4: each device's numbers are 1 … n without a hole, and its chain comes out."""
    ends: dict[str, tuple[int, bytes]] = {}
    for run in read_log(place.centre.read, stream):
        device = run.header.device
        n, chain = ends.get(device, (0, CHAIN_START))
        if (run.header.first, run.header.prev) != (n + 1, chain):
            raise Broken(4, f"{device} goes on at {run.header.first} after {n}")
        for line in run.lines:
            n, chain = n + 1, next_chain(chain, line)
            if decode(line).n != n:
                raise Broken(4, f"{device} has {decode(line).n} at {n}")
        if (n, chain) != (run.header.last, run.header.head):
            raise Broken(4, f"{device}: the chain does not come out at {n}")
        ends[device] = (n, chain)
    for device, (n, chain) in ends.items():
        said = place.ledger.chain_of(device) if not is_hq(device) else None
        if said is not None and (said.have, said.head) != (n, chain):
            raise Broken(4, f"{device}: the log ends at {n}, headquarters says {said.have}")


def _one_outcome_each(stream: str, held: dict[str, Held]) -> None:
    """Invariants 10 and 11: one outcome a command, legal moves only; nothing of headquarters' was written by others."""
    outcomes = [one.entry.ent for one in held.values() if one.by_hq and one.entry.fam == "outcome"]
    asked = {
        one.entry.ent
        for one in held.values()
        if one.entry.fam == "command" and judge(one.entry, by_hq=one.by_hq) == GOOD
    }
    if len(outcomes) != len(set(outcomes)) or asked - set(outcomes):
        twice = len(outcomes) - len(set(outcomes))
        raise Broken(11, f"{stream}: {twice} commands were answered twice, these not: {asked - set(outcomes)}")
    tasks: dict[str, Task] = {}
    for one in held.values():
        if one.by_hq and one.entry.fam == "task":
            task = from_plain(Task, one.entry.body)
            before = tasks.get(task.id)
            if before and (task.version != before.version + 1 or task.state not in TASK_MOVES[before.state]):
                raise Broken(11, f"task {task.id} went from {before.state} {before.version} to {task.state}")
            tasks[task.id] = task


def _same_everywhere(place: Place, stream: str, held: dict[str, Held]) -> None:
    """Invariants 8, 9 and 23: leaves and counts are those of the log, at headquarters and on every laptop."""
    families: dict[str, int] = {}
    by_place: dict[tuple[str, str], list[Held]] = {}
    for one in held.values():
        families[one.entry.fam] = families.get(one.entry.fam, 0) + 1
        by_place.setdefault((one.entry.fam, one.entry.ent), []).append(one)
    total = 0
    for (family, entity), ones in by_place.items():
        named = {parent for one in ones for parent in one.entry.parents}
        total += sum(leaf_value(family, entity, one.entry.id) for one in ones if one.entry.id not in named)
    digest = added(NOTHING, total)
    there = place.centre.read.digest(stream)
    if (there.leaves, there.families) != (digest, families):
        raise Broken(9, f"{stream}: headquarters counts {there.families}, the log gives {families}")
    for laptop in place.laptops:
        if stream not in _read_by(place, laptop):
            continue
        here = laptop.end.store.digest(stream)
        if (here.seq, here.head) != (there.seq, there.head) or (here.seq and here.epoch != there.epoch):
            raise Broken(8, f"laptop {laptop.number} stands at {here.seq} of {stream}, headquarters at {there.seq}")
        if (here.leaves, here.families) != (digest, families):
            raise Broken(8, f"laptop {laptop.number} counts {here.families}, the log of {stream} gives {families}")


def _read_by(place: Place, laptop: Laptop) -> frozenset[str]:
    """Return the streams that a laptop has to its end; none where headquarters gives it nothing any more."""
    if place.is_closed(laptop):
        return frozenset()
    return frozenset(cursor.stream for cursor in laptop.end.store.cursors())


def _rows_of_the_log(place: Place, streams: dict[str, dict[str, Held]]) -> None:
    """Invariants 8 and 9: what a laptop shows is what the logs of all the streams that it reads say."""
    for laptop in place.laptops:
        read = _read_by(place, laptop)
        if read:
            # One id may stand in two streams: each stream counts its own first.
            wanted = _rows(one for stream in sorted(read) for one in streams[stream].values())
            _same_rows(laptop, wanted, _twins(laptop, streams[laptop.home]))


def _rows(held: Iterable[Held]) -> dict[tuple[str, str], Projection]:
    rows: dict[tuple[str, str], Projection] = {}
    by_place: dict[tuple[str, str], list[Held]] = {}
    for one in held:
        by_place.setdefault((one.entry.fam, one.entry.ent), []).append(one)
    for (name, entity), ones in by_place.items():
        family = BY_NAME.get(name)
        if family is None or family.scope is Scope.STATION:
            continue
        good = [change_of(one.entry) for one in ones if judge(one.entry, by_hq=one.by_hq) == GOOD]
        if good:
            rows[name, entity] = project(good, quiet=family.quiet)
            # Invariant 9: what any leaf says is shown, or stands in a clash.
            for leaf in leaves(good) if not rows[name, entity].clashes else ():
                if leaf.id not in rows[name, entity].parents:
                    raise Broken(9, f"{name} {entity}: {leaf.id} is neither shown nor in a clash")
    return rows


def _twins(laptop: Laptop, held: dict[str, Held]) -> set[tuple[str, str]]:
    """Return what this laptop itself forged under somebody else's id: only its own screen believes that."""
    own = (decode(line) for line in laptop.saved.values())
    return {(one.fam, one.ent) for one in own if one.id in held and held[one.id].entry != one}


def _same_rows(laptop: Laptop, wanted: dict[tuple[str, str], Projection], twins: set[tuple[str, str]]) -> None:
    here = {place: row for place, row in laptop.end.rows().items() if BY_NAME[place[0]].scope is not Scope.STATION}
    for where in {*here, *wanted} - twins:
        if _plain(where[0], here.get(where)) != _plain(where[0], wanted.get(where)):
            raise Broken(8, f"laptop {laptop.number}, {where}: {here.get(where)} here, {wanted.get(where)} by the log")


def _plain(family: str, row: Projection | None) -> object:
    if row is None or (row.body is None and not row.clashes):
        # A voided row and one that never was are shown alike: not at all.
        return None
    clashes = sorted((clash.field, sorted(side.entry for side in clash.sides)) for clash in row.clashes)
    # With every default written out, as a record has it.
    body = to_plain(from_plain(BY_NAME[family].record, row.body)) if row.body is not None else None
    return body, clashes


def _nothing_is_damaged(place: Place) -> None:
    """Invariants 12 and 21: what the program itself checks of every disk holds: chains, seals, rows, counts."""
    ends = {"headquarters": place.centre.faults()}
    ends |= {f"laptop {laptop.number}": laptop.end.faults() for laptop in place.laptops}
    for name, faults in ends.items():
        if faults:
            raise Broken(12, f"{name}: {faults}")


def _nothing_of_others(place: Place) -> None:
    """Invariant 15: no laptop holds an entry of a body that is not its own."""
    for laptop in place.laptops:
        for line in laptop.end.held().values():
            if not is_from(place, decode(line).actor, laptop.body):
                raise Broken(15, f"laptop {laptop.number} of {laptop.body} holds {line[:120]!r}")


def is_from(place: Place, actor: str, body: str) -> bool:
    """Tell whether an author works for a body, or at headquarters."""
    if not actor.startswith("officer-"):
        return True
    number = int(actor.removeprefix("officer-"))
    return any(one.body == body for one in place.laptops if one.number % 100 == number % 100)


def _repeats_change_nothing(place: Place) -> None:
    """Invariants 3 and 16: every body that was ever sent, sent once more, moves nothing."""
    before = [place.centre.read.digest(stream) for stream in place.ledger.streams]
    deliver_all(place.post)
    if [place.centre.read.digest(stream) for stream in place.ledger.streams] != before:
        raise Broken(3, "a repeat changed what headquarters holds")


def _rot_is_seen(place: Place) -> None:
    """Invariant 23: a laptop whose disk lost something in silence is not told that all is equal."""
    for laptop in place.laptops:
        if place.is_closed(laptop) or not laptop.end.rot(0):
            continue
        line = place.good_wire(laptop)
        if statement(laptop.end.store, line, at=laptop.clock.now()).equal:
            raise Broken(23, f"laptop {laptop.number} lost something and is told that all is equal")
        return
