"""Unified social credit codes (统一社会信用代码) for made-up enterprises, both check digits right.

Source: GB 32100-2015 and GB 11714-1997 (domain.md 5.1). The serial part is looked up three characters at a
time, because a million codes are made at once.
"""

from __future__ import annotations

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
SERIAL_HEAD = "MA"
BLOCK = 31**3
SERIALS = BLOCK * BLOCK
"""How many codes there are for one prefix: "MA" and six free characters."""

OrganisationSum = int
CodeSum = int
Block = tuple[str, OrganisationSum, CodeSum]


def _organisation_value(character: str) -> int:
    """Return the GB 11714 value: digits count for themselves, A is 10."""
    return int(character) if character.isdigit() else ord(character) - ord("A") + 10


def _code_sum(text: str, *, at: int) -> int:
    return sum(CHARACTERS.index(c) * WEIGHTS[at + place] for place, c in enumerate(text))


def _organisation_sum(text: str, *, at: int) -> int:
    return sum(_organisation_value(c) * ORGANISATION_WEIGHTS[at + place] for place, c in enumerate(text))


def _blocks(*, organisation_at: int) -> list[Block]:
    texts = (a + b + c for a in CHARACTERS for b in CHARACTERS for c in CHARACTERS)
    return [(t, _organisation_sum(t, at=organisation_at), _code_sum(t, at=8 + organisation_at)) for t in texts]


class UsccMaker:
    """Makes the code of a prefix (8 characters) and a serial number below SERIALS."""

    def __init__(self, prefixes: tuple[str, ...]) -> None:
        self._first = _blocks(organisation_at=2)
        self._second = _blocks(organisation_at=5)
        self._head_organisation_sum = _organisation_sum(SERIAL_HEAD, at=0)
        self._heads = {prefix: (prefix + SERIAL_HEAD, _code_sum(prefix + SERIAL_HEAD, at=0)) for prefix in prefixes}
        # GB 11714: 11 less the remainder; 10 is written X, 11 is written 0.
        checks = ["0" if r == 0 else "X" if r == 1 else str(11 - r) for r in range(11)]
        self._organisation_checks = [(c, CHARACTERS.index(c) * WEIGHTS[16]) for c in checks]

    def code(self, prefix: str, serial: int) -> str:
        """Return the 18 characters. Different serials give different codes."""
        high, low = divmod(serial, BLOCK)
        first, first_organisation, first_sum = self._first[high]
        second, second_organisation, second_sum = self._second[low]
        head, head_sum = self._heads[prefix]
        remainder = (self._head_organisation_sum + first_organisation + second_organisation) % 11
        check, check_sum = self._organisation_checks[remainder]
        total = head_sum + first_sum + second_sum + check_sum
        return f"{head}{first}{second}{check}{CHARACTERS[-total % 31]}"
