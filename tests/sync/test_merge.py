"""What an entity is, from everything that was written about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.sync.merge import GONE, Change, leaves, project
from tests.sync.chains import NOW


def change(identifier: str, *parents: str, at: int = 0, op: str = "put", **body: Any) -> Change:
    """Return a change; `at` orders changes as the clock of their devices would."""
    return Change(
        id=identifier,
        hlc=f"{at:012x}-0000",
        actor=f"o-{identifier}",
        at=NOW + timedelta(seconds=at),
        parents=parents,
        op="void" if op == "void" else "put",
        body=body,
    )


BASE = change("base", verdict="pass", note="", photos=[])


def test_a_single_change_is_the_record() -> None:
    found = project([BASE])
    assert (found.parents, found.body, found.clashes) == (("base",), BASE.body, ())


def test_a_chain_of_changes_is_its_last() -> None:
    later = change("later", "base", at=1, verdict="fail", note="", photos=[])
    found = project([later, BASE])
    assert (found.parents, found.body) == (("later",), later.body)


def test_f26_two_officers_who_changed_different_fields_are_one_record() -> None:
    mine = change("mine", "base", at=1, verdict="fail", note="", photos=[])
    theirs = change("theirs", "base", at=2, verdict="pass", note="门锁损坏", photos=[])
    found = project([BASE, mine, theirs])
    assert found.clashes == ()
    assert found.body == {"verdict": "fail", "note": "门锁损坏", "photos": []}
    assert found.parents == ("mine", "theirs")


def test_f26_two_values_of_one_field_are_both_kept_with_author_and_time() -> None:
    mine = change("mine", "base", at=1, verdict="fail", note="", photos=[])
    theirs = change("theirs", "base", at=2, verdict="not_checked", note="", photos=[])
    found = project([BASE, mine, theirs])
    (clash,) = found.clashes
    assert clash.field == "verdict"
    assert [(side.value, side.actor, side.entry) for side in clash.sides] == [
        ("fail", "o-mine", "mine"),
        ("not_checked", "o-theirs", "theirs"),
    ]
    assert found.parents == ("theirs",)


def test_inv09_an_edit_of_the_shown_value_does_not_settle_the_clash() -> None:
    mine = change("mine", "base", at=1, verdict="fail", note="", photos=[])
    theirs = change("theirs", "base", at=2, verdict="not_checked", note="", photos=[])
    edit = change("edit", "theirs", at=3, verdict="not_applicable", note="", photos=[])
    found = project([BASE, mine, theirs, edit])
    assert [side.value for side in found.clashes[0].sides] == ["fail", "not_applicable"]


def test_a_decision_that_names_every_leaf_settles_the_clash() -> None:
    mine = change("mine", "base", at=1, verdict="fail", note="", photos=[])
    theirs = change("theirs", "base", at=2, verdict="not_checked", note="", photos=[])
    decided = change("decided", "mine", "theirs", at=3, verdict="fail", note="", photos=[])
    found = project([decided, theirs, mine, BASE])
    assert (found.parents, found.clashes, found.body) == (("decided",), (), decided.body)


def test_lists_to_which_both_only_added_hold_what_both_added() -> None:
    mine = change("mine", "base", at=1, verdict="pass", note="", photos=["p-1"])
    theirs = change("theirs", "base", at=2, verdict="pass", note="", photos=["p-2"])
    found = project([BASE, mine, theirs])
    assert found.body is not None
    assert found.body["photos"] == ["p-1", "p-2"]
    assert found.clashes == ()


def test_the_same_value_twice_is_no_clash() -> None:
    mine = change("mine", "base", at=1, verdict="fail", note="", photos=[])
    theirs = change("theirs", "base", at=2, verdict="fail", note="", photos=[])
    assert project([BASE, mine, theirs]).clashes == ()


def test_a_quiet_field_takes_the_newest_and_makes_no_clash() -> None:
    mine = change("mine", "base", at=1, verdict="fail", note="", photos=[], answered_by="o-1")
    theirs = change("theirs", "base", at=2, verdict="fail", note="", photos=[], answered_by="o-2")
    found = project([BASE, mine, theirs], quiet=("answered_by",))
    assert found.body is not None
    assert (found.body["answered_by"], found.clashes) == ("o-2", ())


def test_twins_made_without_knowing_each_other_clash_where_they_differ() -> None:
    mine = change("mine", at=1, verdict="pass", note="一")
    theirs = change("theirs", at=2, verdict="pass", note="二")
    assert [clash.field for clash in project([mine, theirs]).clashes] == ["note"]


def test_a_void_beside_a_change_is_told_as_a_clash_and_the_change_is_shown() -> None:
    gone = change("gone", "base", at=3, op="void")
    theirs = change("theirs", "base", at=2, verdict="fail", note="", photos=[])
    found = project([BASE, gone, theirs])
    assert found.clashes[0].field == GONE
    assert [side.value for side in found.clashes[0].sides] == [theirs.body, None]
    assert found.body == theirs.body


def test_a_void_alone_is_gone() -> None:
    assert project([BASE, change("gone", "base", at=1, op="void")]).body is None


def test_a_forged_ring_of_parents_shows_every_value() -> None:
    one = change("one", "two", at=1, verdict="pass")
    two = change("two", "one", at=2, verdict="fail")
    assert [one.id, two.id] == [leaf.id for leaf in leaves([two, one])]
    assert [side.value for side in project([one, two]).clashes[0].sides] == ["pass", "fail"]
