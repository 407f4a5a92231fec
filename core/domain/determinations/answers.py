"""Every condition's answer as one whole number, so that a table is read, and read again, by a few comparisons.

Each condition of a table has two places (bits) in the number: one that says it holds, one that says it does not. While
neither is set the condition is unknown. All, any and not are worked out here and nowhere else, by Kleene's logic: an
unknown matters only where the known parts leave the answer open. A value that becomes known may settle an unknown, and
never unsettles an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.domain.determinations.kept import Kept
from core.domain.determinations.nodes import Leaf, Node, Test, Values

# What a tree says, asked of the answers to its conditions.
Question = Callable[[int], bool | None]
# A condition's test with its two places: "it holds", "it does not".
Place = tuple[Test, int, int]
# Values whose answers a sheet keeps; a yes/no fact has two, numbers have many.
_VALUES_MAX = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A tree made ready to be asked. One answer of `against` is enough to make it false; 0 where none is."""

    test: Question
    against: int


class _Said(Kept[int]):
    """What a variable's value answers by itself: worked out when it is first met, then kept."""

    def __init__(self, plain: dict[str, list[Place]]) -> None:
        super().__init__(_VALUES_MAX)
        self._plain = plain

    def __missing__(self, key: tuple[str, object]) -> int:
        # True and 1 are equal keys; a variable has one type, so they never meet.
        var, value = key
        return self.keep(key, _filled(self._plain.get(var, ()), {var: value}))


class Sheet:
    """The places of all conditions of some trees, and how facts fill them in.

    Args:
        deciding: Trees that are asked again when a fact is turned over.
        beside: Trees that are asked once.
    """

    def __init__(self, deciding: Iterable[Node], beside: Iterable[Node] = ()) -> None:
        self._places: dict[Test, Place] = {}
        # Conditions that the value of one variable decides, by variable,.
        self._plain: dict[str, list[Place]] = {}
        self._said = _Said(self._plain)
        # All further conditions: over several facts, the history, the day.
        self._joint: list[Place] = []
        self._joint_of: dict[str, list[Place]] = {}
        self._asked: dict[Node, Asked] = {}
        self._node_of: dict[Leaf, Node] = {}
        # Place -> variables that can turn it; variable -> every place that it cannot turn.
        self.turned_by: dict[int, tuple[str, ...]] = {}
        self.others: dict[str, int] = {}
        for node in deciding:
            self._add(node)
        # What only the trees beside look at is not asked again.
        self._turns = {var: (others, tuple(self._joint_of.get(var, ()))) for var, others in self.others.items()}
        for node in beside:
            self._add(node)

    def _add(self, node: Node) -> None:
        if node.leaf is not None:
            self._node_of[node.leaf] = node
            self._add_leaf(node.leaf)
        for part in node.parts:
            self._add(part)

    def _add_leaf(self, leaf: Leaf) -> None:
        if leaf.test is None or leaf.test in self._places:
            return
        holds = 1 << 2 * len(self._places)
        fails = holds << 1
        place = self._places[leaf.test] = (leaf.test, holds, fails)
        self.turned_by[holds] = self.turned_by[fails] = leaf.needs
        for var in leaf.needs:
            self.others[var] = self.others.get(var, -1) & ~(holds | fails)
        if leaf.is_plain:
            self._plain.setdefault(leaf.var, []).append(place)
            return
        self._joint.append(place)
        for var in leaf.needs:
            self._joint_of.setdefault(var, []).append(place)

    def answers(self, known: Values, values: Values) -> int:
        """Return the answers of all conditions.

        Args:
            known: The values of the facts alone.
            values: The same with the engine's own beside.
        """
        # No two variables share a place, so that the sum is the union.
        return sum(map(self._said.__getitem__, known.items())) | _filled(self._joint, values)

    def turned(self, answers: int, values: Values, var: str, other: object) -> int:
        """Return the answers of the deciding trees if one variable had another value and everything else stayed."""
        others, joint = self._turns[var]
        answers = answers & others | self._said[var, other]
        return answers | _filled(joint, {**values, var: other}) if joint else answers

    def asked(self, node: Node) -> Asked:
        """Return a tree of this sheet made ready; the same tree is made ready once."""
        found = self._asked.get(node)
        if found is None:
            found = self._asked[node] = self._ready(node, is_turned=False)
        return found

    def asked_leaf(self, leaf: Leaf) -> Asked:
        """Return a leaf of this sheet made ready, be it a test or the wording of a whole part."""
        return self.asked(self._node_of[leaf])

    def _ready(self, node: Node, *, is_turned: bool) -> Asked:
        """Return the tree, or its negation, ready: "not" is carried down to the conditions by De Morgan's rule."""
        node, is_turned = _without_not(node, is_turned)
        is_any = (node.kind == "any") is not is_turned and node.kind != "leaf"
        holds = fails = 0
        deeper: list[Question] = []
        waiting = [(node, is_turned)]
        while waiting:
            part, part_turned = _without_not(*waiting.pop())
            if part.kind == "leaf":
                yes, no = self._places_of(part)
                holds, fails = (holds | no, fails | yes) if part_turned else (holds | yes, fails | no)
            elif ((part.kind == "any") is not part_turned) is is_any:
                waiting += [(each, part_turned) for each in part.parts]
            else:
                deeper.append(self._ready(part, is_turned=part_turned).test)
        if is_any:
            return Asked(_any_question(holds, fails, tuple(deeper)), 0)
        return Asked(_all_question(holds, fails, tuple(deeper)), fails)

    def _places_of(self, node: Node) -> tuple[int, int]:
        assert node.leaf is not None
        assert node.leaf.test is not None
        return self._places[node.leaf.test][1:]


def _filled(places: Iterable[Place], values: Values) -> int:
    """Return the places that the values settle."""
    answers = 0
    for test, holds, fails in places:
        truth = test(values)
        if truth is not None:
            answers |= holds if truth else fails
    return answers


def _without_not(node: Node, is_turned: bool) -> tuple[Node, bool]:
    while node.kind == "not":
        node, is_turned = node.parts[0], not is_turned
    return node, is_turned


def _all_question(holds: int, fails: int, deeper: tuple[Question, ...]) -> Question:
    """Return the conjunction: false if any part is false, else unknown if any is unknown. Empty is true."""

    def plain(answers: int) -> bool | None:
        if answers & fails:
            return False
        return True if answers & holds == holds else None

    def test(answers: int) -> bool | None:
        found = plain(answers)
        if found is False:
            return False
        for each in deeper:
            truth = each(answers)
            if truth is False:
                return False
            if truth is None:
                found = None
        return found

    return test if deeper else plain


def _any_question(holds: int, fails: int, deeper: tuple[Question, ...]) -> Question:
    """Return the disjunction: true if any part is true, else unknown if any is unknown. Empty is false."""

    def plain(answers: int) -> bool | None:
        if answers & holds:
            return True
        return False if answers & fails == fails else None

    def test(answers: int) -> bool | None:
        found = plain(answers)
        if found is True:
            return True
        for each in deeper:
            truth = each(answers)
            if truth is True:
                return True
            if truth is None:
                found = None
        return found

    return test if deeper else plain
