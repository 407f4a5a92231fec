"""Key slots open with their own password and with nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crypto.slots import (
    CHEAP_COST_FOR_TESTS,
    STANDARD_COST,
    KeySlot,
    SlotCost,
    make_slot,
    new_data_key,
    open_slot,
    unlock_delay_s,
)
from core.kernel.errors import Fault, Refusal, Trouble
from core.kernel.records import canonical_bytes, changed, from_plain, parse_json

KEY = bytes(range(32))
passwords = st.text(min_size=1, max_size=40)


def cheap_slot(password: str = "岳麓山-2026", account: str = "zhang") -> KeySlot:
    return make_slot(account, password, KEY, cost=CHEAP_COST_FOR_TESTS)


@given(passwords)
def test_the_right_password_gives_the_data_key_back(password: str) -> None:
    assert open_slot(cheap_slot(password), password) == KEY


@given(passwords, passwords)
def test_any_other_password_is_refused(right: str, wrong: str) -> None:
    if unicodedata.normalize("NFC", right) == unicodedata.normalize("NFC", wrong):
        assert open_slot(cheap_slot(right), wrong) == KEY
        return
    with pytest.raises(Refusal) as refusal:
        open_slot(cheap_slot(right), wrong)
    assert refusal.value.code == "crypto.wrong_password"
    assert refusal.value.params == {"account": "zhang"}


@pytest.mark.parametrize("field", ["salt", "nonce", "wrapped_key", "digest"])
def test_a_flipped_byte_anywhere_in_the_slot_is_called_damage(field: str) -> None:
    slot = cheap_slot()
    whole: bytes = getattr(slot, field)
    for at in range(len(whole)):
        torn = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        with pytest.raises(Trouble) as trouble:
            open_slot(changed(slot, **{field: torn}), "岳麓山-2026")
        assert trouble.value.code == "crypto.slot_damaged"


@pytest.mark.parametrize(
    "forged",
    [
        {"account": "li"},
        {"cost": SlotCost(memory_kib=16, iterations=1, lanes=1)},
        {"salt": bytes(16)},
    ],
)
def test_a_slot_forged_with_a_fitting_digest_still_does_not_open(forged: dict[str, object]) -> None:
    from core.crypto.slots import _digest  # pyright: ignore[reportPrivateUsage]  # a forger can compute it too

    slot = changed(cheap_slot(), **forged)
    with pytest.raises(Refusal):
        open_slot(changed(slot, digest=_digest(slot)), "岳麓山-2026")


@pytest.mark.parametrize(
    "cost",
    [
        SlotCost(memory_kib=2**31, iterations=1, lanes=1),
        SlotCost(memory_kib=64, iterations=10**9, lanes=1),
        SlotCost(memory_kib=8, iterations=1, lanes=4),
        SlotCost(memory_kib=8, iterations=0, lanes=1),
    ],
)
def test_a_slot_that_asks_for_absurd_cost_is_damage_not_a_frozen_laptop(cost: SlotCost) -> None:
    from core.crypto.slots import _digest  # pyright: ignore[reportPrivateUsage]  # a forger can compute it too

    slot = changed(cheap_slot(), cost=cost)
    with pytest.raises(Fault) as fault:
        open_slot(changed(slot, digest=_digest(slot)), "岳麓山-2026")
    assert fault.value.code == "crypto.slot_damaged"


def test_a_slot_of_a_newer_program_says_so() -> None:
    with pytest.raises(Trouble) as trouble:
        open_slot(changed(cheap_slot(), version=2), "岳麓山-2026")
    assert trouble.value.code == "crypto.slot_newer"


def test_an_empty_password_makes_no_slot() -> None:
    with pytest.raises(Refusal) as refusal:
        make_slot("zhang", "", KEY, cost=CHEAP_COST_FOR_TESTS)
    assert refusal.value.code == "crypto.password_empty"


def test_a_slot_comes_back_equal_from_its_stored_form() -> None:
    slot = cheap_slot()
    again = from_plain(KeySlot, parse_json(canonical_bytes(slot)))
    assert again == slot
    assert open_slot(again, "岳麓山-2026") == KEY


def test_two_slots_of_one_password_have_nothing_in_common() -> None:
    one, two = cheap_slot(), cheap_slot()
    assert one.salt != two.salt
    assert one.wrapped_key != two.wrapped_key


def test_the_standard_cost_is_the_one_of_rfc_9106_and_opens() -> None:
    assert (STANDARD_COST.memory_kib, STANDARD_COST.iterations, STANDARD_COST.lanes) == (65536, 3, 4)
    assert open_slot(make_slot("zhang", "p", KEY), "p") == KEY


def test_data_keys_are_new_each_time() -> None:
    assert len({new_data_key() for _ in range(50)}) == 50


def test_the_unlock_delay_grows_to_a_quarter_of_an_hour_and_stays() -> None:
    assert [unlock_delay_s(n) for n in range(12)] == [0, 0, 0, 5, 15, 30, 60, 120, 240, 480, 900, 900]
    assert unlock_delay_s(10_000) == 900


def test_a_slot_written_by_the_first_release_still_opens() -> None:
    written = (
        '{"account":"zhang","cost":{"iterations":1,"lanes":1,"memory_kib":8},'
        '"digest":"dFN9oYSJ4nWDm0RxgtHj6mX/hhBazrD7q3E2pVYrFfc=","nonce":"I1Ll3IR7V4HbZXiY",'
        '"salt":"MEDlI7bOqNSoEKdcUKNAtA==","version":1,'
        '"wrapped_key":"Lm+XjPI7qkIIDJkk/qyr5WZ2d5Um3eVxgIcQF0Uhu66djsVSDTnSwxBebOZmD9YD"}'
    )
    assert open_slot(from_plain(KeySlot, parse_json(written)), "岳麓山-2026") == KEY
