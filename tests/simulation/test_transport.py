"""However entries travel: any split of the chains, any order, any repetition give one and the same headquarters."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from core.cli.bench.simulation.model_hq import HqState, ModelDesk, ModelHq, effective_in
from core.cli.bench.simulation.wire import verified
from core.crypto import signing
from core.sync.hq_pen import HqPen
from core.sync.runs import Run, decode_run, encode_run
from tests.helpers.clock import standing_clock
from tests.helpers.headquarters import HQ_KEY, STREAM, Author

ENTRIES = 7
State = tuple[dict[str, bytes], bytes, dict[str, int], dict[str, bytes]]


def written() -> tuple[Author, Author]:
    """Return two officers who answered the same points, the second once with an eye on the first."""
    one, two = Author("d-1"), Author("d-2")
    for number in range(ENTRIES):
        first = one.answer(number % 3, identifier=f"e1-{number}", note=f"one {number}")
        parents = (first.id,) if number % 2 else ()
        two.answer(number % 3, identifier=f"e2-{number}", parents=parents, note=f"two {number}")
    return one, two


AUTHORS = written()


class There:
    """A headquarters in memory that knows the two."""

    def __init__(self) -> None:
        self.hq = ModelHq(HqState(epoch="e"))
        self.hq.open_stream(STREAM, signing.public_key_of(HQ_KEY))
        for author in AUTHORS:
            self.hq.add_device(author.device, STREAM, author.public)
        pen = HqPen(lambda message: signing.sign(HQ_KEY, message), standing_clock().now)
        self.desk = ModelDesk(self.hq, pen, verified)

    def take(self, run: Run) -> str:
        """Take a run in as it comes over a line or on a stick; return the verdict."""
        return self.desk.push(decode_run(encode_run(run))).verdict

    def state(self) -> State:
        """Return what is effective, the sum of the leaves, and where each chain ends."""
        digest = self.hq.digest(STREAM)
        lines = {name: line for name, (line, _, _) in effective_in(self.hq.state, STREAM).items()}
        ends = {author.device: self.desk.chain(author.device).head for author in AUTHORS}
        return lines, digest.leaves, dict(digest.families), ends


def plainly() -> State:
    """Return what comes of both chains, each brought once and whole."""
    there = There()
    for author in AUTHORS:
        assert there.take(author.run()) == "taken"
    return there.state()


RUNS = st.tuples(st.integers(0, 1), st.integers(1, ENTRIES), st.integers(1, ENTRIES))


@settings(max_examples=40)
@given(drawn=st.lists(RUNS, max_size=25))
def test_inv16_any_split_order_and_repetition_come_to_the_same(drawn: list[tuple[int, int, int]]) -> None:
    there = There()
    for who, first, count in drawn:
        run = AUTHORS[who].run(first, min(count, ENTRIES - first + 1))
        # What does not join on yet is told to be a gap, and changes nothing.
        before = there.state()
        if there.take(run) == "gap":
            assert there.state() == before
    for author in AUTHORS:
        assert there.take(author.run()) == "taken"
    assert there.state() == plainly()
