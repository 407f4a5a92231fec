"""The protocol's laws under any order of edits, seals, splits, repeats and late mail, found by Hypothesis.

Two stations of one body and one headquarters, all in memory; the halves of push and pull are the real ones.
"""

from __future__ import annotations

import random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.cli.bench.simulation import checks
from core.cli.bench.simulation.ends import Change
from core.cli.bench.simulation.laptop import Laptop
from core.cli.bench.simulation.model_town import ModelMakers
from core.cli.bench.simulation.town import Town
from core.cli.bench.simulation.wire import verified
from core.domain.checklists import Answer
from core.kernel.ids import cell_id, ids_from
from core.kernel.records import to_plain
from core.sync.pull import pull_all
from core.sync.push import push_chain
from core.sync.runs import Run, decode_run, encode_run

WHO = st.integers(0, 1)


def answer(laptop: Laptop, point: int, verdict: str) -> Change:
    """Return an edit of one point of one visit, naming what is shown here as its parents."""
    entity = cell_id("answer", "one visit", str(point))
    body = Answer(
        id=entity, visit="v", item="i", point=str(point), answered_at=laptop.clock.now(), answered_by=laptop.actor
    )
    return Change(family="answer", entity=entity, body=to_plain(body) | {"note": verdict})


class Protocol(RuleBasedStateMachine):
    """Edits, and bodies of pushes that arrive cut anywhere, late, twice and in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.town = Town(0, ModelMakers(), stations=2, steps=())
        self.sent: list[bytes] = []

    @rule(who=WHO, point=st.integers(0, 1), verdict=st.sampled_from("xyz"), count=st.integers(1, 3))
    def edit(self, who: int, point: int, verdict: str, count: int) -> None:
        laptop = self.town.laptops[who]
        with ids_from(self.town.new_id):
            for _ in range(count):
                laptop.save([answer(laptop, point, verdict)], random.Random(0), 0)

    @rule(who=WHO, first=st.integers(1, 6), size=st.integers(1, 4))
    def seal(self, who: int, first: int, size: int) -> None:
        """Seal any piece of a chain; it may arrive at any time from now on."""
        laptop = self.town.laptops[who]
        run = laptop.end.store.own_run(laptop.device, first, entries_max=size, bytes_max=1 << 20)
        if run is not None:
            self.sent.append(encode_run(run))

    @rule(which=st.integers(0, 50))
    def arrive(self, which: int) -> None:
        """Let one of the sealed pieces arrive, maybe again."""
        if self.sent:
            run: Run = decode_run(self.sent[which % len(self.sent)])
            with ids_from(self.town.new_id):
                answer = self.town.centre.desks[0].push(run)
            self.town.ledger.told("push", (run.header.device, answer))

    @rule(who=WHO)
    def push(self, who: int) -> None:
        laptop = self.town.laptops[who]
        line = self.town.good_wire(laptop)
        pushed = push_chain(laptop.end.store, line, laptop.device, line.chain(laptop.device), watch=lambda _: None)
        assert (pushed.state, pushed.left) == ("even", 0)

    @rule(who=WHO, limit=st.integers(1, 5))
    def pull(self, who: int, limit: int) -> None:
        laptop = self.town.laptops[who]
        pull_all(laptop.end.store, self.town.good_wire(laptop), verified, watch=lambda _: None, limit=limit)

    @rule(who=WHO)
    def settle(self, who: int) -> None:
        laptop = self.town.laptops[who]
        torn = sorted(place for place, row in laptop.end.rows().items() if row.clashes)
        if torn:
            with ids_from(self.town.new_id):
                laptop.end.settle(*torn[0], side=0, actor=laptop.actor)
            row = laptop.end.row(*torn[0])
            assert row is not None
            assert row.clashes == ()

    @invariant()
    def inv03_inv04_each_entry_has_effect_once_and_each_chain_comes_out(self) -> None:
        checks.chains_hold(self.town, "org/330106")

    @invariant()
    def inv12_inv23_equal_cursors_have_equal_digests(self) -> None:
        there = self.town.centre.read.digest("org/330106")
        for laptop in self.town.laptops:
            here = laptop.end.store.digest("org/330106")
            if (here.seq, here.epoch) == (there.seq, there.epoch):
                assert here == there

    def teardown(self) -> None:
        """Invariants 8, 9 and 16: whatever the way, at the end everybody has the same."""
        self.town.calm()
        self.town.close()


TestInv03Inv04Inv08Inv09Inv12Inv16 = Protocol.TestCase
TestInv03Inv04Inv08Inv09Inv12Inv16.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
