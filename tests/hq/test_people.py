"""Accounts of people at headquarters: passwords, the wait after wrong ones, the last administrator."""

from __future__ import annotations

import pytest

from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.hq.people import HqRole, People
from core.kernel.errors import Refusal
from tests.helpers.headquarters import Headquarters

PASSWORD = "a long password"


@pytest.fixture
def people(hq: Headquarters) -> People:
    """Give the accounts, with one administrator."""
    found = People(hq.store.engines, hq.clock, cost=CHEAP_COST_FOR_TESTS)
    found.add("甲", PASSWORD, HqRole.ADMIN)
    return found


def refusal(people: People, name: str, password: str) -> Refusal:
    """Return how a log-in is refused."""
    with pytest.raises(Refusal) as refused:
        people.check(name, password)
    return refused.value


def test_the_right_password_lets_in(people: People) -> None:
    person = people.check("甲", PASSWORD)
    assert (person.name, person.role) == ("甲", HqRole.ADMIN)


def test_wrong_password_and_unknown_name_sound_the_same(people: People) -> None:
    assert refusal(people, "甲", "wrong").code == "hq.login_wrong"
    assert refusal(people, "乙", PASSWORD).code == "hq.login_wrong"


def test_after_wrong_ones_there_is_a_wait_that_passes(people: People, hq: Headquarters) -> None:
    for _ in range(3):
        refusal(people, "甲", "wrong")
    locked = refusal(people, "甲", PASSWORD)
    assert (locked.code, locked.params) == ("hq.login_locked", {"wait_s": 6})
    hq.clock.advance(seconds=6)
    assert people.check("甲", PASSWORD).name == "甲"
    assert people.check("甲", PASSWORD).name == "甲"


def test_a_new_password_ends_the_wait(people: People) -> None:
    for _ in range(4):
        refusal(people, "甲", "wrong")
        break
    people.set_password("甲", "another long one")
    assert people.check("甲", "another long one").name == "甲"
    assert refusal(people, "甲", PASSWORD).code == "hq.login_wrong"


def test_a_closed_account_lets_nobody_in(people: People) -> None:
    people.add("乙", PASSWORD, HqRole.VIEWER)
    people.close("乙")
    assert refusal(people, "乙", PASSWORD).code == "hq.login_wrong"
    assert [one.name for one in people.all() if one.closed_at] == ["乙"]


def test_the_last_administrator_stays(people: People) -> None:
    people.add("乙", PASSWORD, HqRole.PUBLISHER)
    with pytest.raises(Refusal) as refused:
        people.close("甲")
    assert refused.value.code == "hq.last_admin"


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        ("甲", PASSWORD, "hq.person_exists"),
        ("", PASSWORD, "hq.person_name"),
        ("a\x00b", PASSWORD, "hq.person_name"),
        ("x" * 61, PASSWORD, "hq.person_name"),
        ("乙", "short", "hq.password_short"),
    ],
)
def test_bad_accounts_are_refused(people: People, name: str, password: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        people.add(name, password, HqRole.VIEWER)
    assert refused.value.code == code


def test_who_is_not_there_is_told(people: People) -> None:
    for act in (lambda: people.close("丙"), lambda: people.set_password("丙", PASSWORD)):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "hq.person_unknown"


def test_roles_hold_what_lies_below_them(people: People) -> None:
    publisher = people.add("乙", PASSWORD, HqRole.PUBLISHER)
    assert [publisher.may(role) for role in HqRole] == [True, True, False]
