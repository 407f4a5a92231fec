"""People of the demo station: officers with valid, expiring, suspended and cancelled certificates, heads, clerks.

All names are made up. Certificates run from 1 November for five years (domain.md 5.4, S77); their numbers are
opaque and say 示例, because the format was not found.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from core.domain.lists import Origin
from core.domain.officers import CertState, Officer, Role
from core.kernel.records import changed
from core.services.demo.chance import Dice
from core.services.demo.subjects import CULTURE, EMERGENCY, FIRE, HEALTH, KEY_BODIES, MAIN_BODY, URBAN, demo_subjects

SOURCE_ID = "demo-officers"
SUPERVISION_BODY = "湖南湘江新区执法协调监督局(示例)"
"""Where supervisors sit; it inspects nobody, so it is not among the 48 subjects."""
CERT_YEARS = 5
SURNAMES = "王李张刘陈杨黄周吴赵徐孙胡朱高林何郭马罗"
GIVEN_NAMES = tuple(re.findall("..", "志远思敏海涛丽华文博晓琳国平雅婷俊杰春燕宏伟嘉怡明辉玉兰子轩慧敏"))
PLAIN_OFFICERS_A_KEY_BODY = 4
SMALL_BODIES = 12

MAIN_OFFICERS = ("demo-officer-zhangmin", "demo-officer-liqiang")
HEADS: dict[str, str] = {
    MAIN_BODY: "demo-head-main",
    FIRE: "demo-head-fire",
    EMERGENCY: "demo-head-emergency",
    URBAN: "demo-head-urban",
    CULTURE: "demo-head-culture",
    HEALTH: "demo-head-health",
}
"""The head of each key body, by its name; each has a signing key of its own."""

# account name, officer id, name, body, roles, has a certificate
NAMED_PEOPLE: tuple[tuple[str, str, str, str, tuple[Role, ...], bool], ...] = (
    ("zhangmin", MAIN_OFFICERS[0], "张敏", MAIN_BODY, (Role.OFFICER,), True),
    ("liqiang", MAIN_OFFICERS[1], "李强", MAIN_BODY, (Role.OFFICER,), True),
    ("wangjianguo", HEADS[MAIN_BODY], "王建国", MAIN_BODY, (Role.BODY_HEAD,), True),
    ("liufang", "demo-clerk-liufang", "刘芳", MAIN_BODY, (Role.CLERK,), False),
    ("chenjing", "demo-supervisor-chenjing", "陈静", SUPERVISION_BODY, (Role.SUPERVISOR, Role.AUDITOR), False),
    ("zhaolei", "demo-lists-zhaolei", "赵磊", MAIN_BODY, (Role.LIST_ADMIN, Role.CERT_ADMIN), False),
)


def _five_years(begin: date) -> tuple[date, date]:
    return begin, begin.replace(year=begin.year + CERT_YEARS) - timedelta(days=1)


class _Row:
    """Makes the officers of one station in order; every certificate gets the next number."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._dice = Dice(today.year, 48)
        self._next = 0
        self._names: set[str] = {row[2] for row in NAMED_PEOPLE}

    def person(
        self, body: str, *, name: str = "", identifier: str = "", roles: tuple[Role, ...] = (Role.OFFICER,)
    ) -> Officer:
        """Return a person with a certificate that held last year and holds for years to come."""
        self._next += 1
        begin, end = _five_years(date(self._today.year - 2, 11, 1))
        return Officer(
            id=identifier or f"demo-officer-{self._next:03d}",
            name=name or self._new_name(),
            subject=body,
            roles=roles,
            cert_no=f"示例湘A{self._next:06d}",
            cert_from=begin,
            cert_to=end,
            phone=f"139****{self._next:04d}",
            origin=Origin.DEMO,
            source_id=SOURCE_ID,
        )

    def without_certificate(
        self, body: str, *, name: str = "", identifier: str = "", roles: tuple[Role, ...] = ()
    ) -> Officer:
        """Return an auxiliary or a clerk: somebody who never counts as an officer."""
        return changed(
            self.person(body, name=name, identifier=identifier, roles=roles or (Role.OFFICER,)),
            cert_no="",
            cert_from=None,
            cert_to=None,
        )

    def expiring(self, body: str, *, in_days: int) -> Officer:
        """Return somebody whose certificate ends so many days from today (negative: has ended)."""
        end = self._today + timedelta(days=in_days)
        return changed(self.person(body), cert_from=end - timedelta(days=365 * CERT_YEARS), cert_to=end)

    def in_state(self, body: str, state: CertState) -> Officer:
        """Return somebody whose certificate is suspended or revoked."""
        return changed(self.person(body), cert_state=state)

    def _new_name(self) -> str:
        name = ""
        while not name or name in self._names:
            name = self._dice.one_of(SURNAMES) + self._dice.one_of(GIVEN_NAMES)
        self._names.add(name)
        return name


def demo_officers(today: date, head_keys: dict[str, str] | None = None) -> tuple[Officer, ...]:
    """Return the people on the local day. `head_keys`: public keys in hex by the officer id of a head."""
    row = _Row(today)
    people = [
        row.person(body, name=name, identifier=officer, roles=roles)
        if certified
        else row.without_certificate(body, name=name, identifier=officer, roles=roles)
        for _, officer, name, body, roles, certified in NAMED_PEOPLE
    ]
    people += [
        row.person(MAIN_BODY, roles=(Role.UNIT_HEAD, Role.OFFICER)),
        row.person(MAIN_BODY, roles=(Role.LEGAL_REVIEWER,)),
        row.person(MAIN_BODY, roles=(Role.PANEL,)),
    ]
    for body in KEY_BODIES:
        people += _key_body(row, body)
    others = [subject.name for subject in demo_subjects() if subject.name not in KEY_BODIES]
    for body in others[:SMALL_BODIES]:
        people += [row.person(body, roles=(Role.BODY_HEAD,)), row.person(body)]
    keys = head_keys or {}
    return tuple(changed(person, sign_public=keys.get(person.id, "")) for person in people)


def _key_body(row: _Row, body: str) -> list[Officer]:
    """Return the people of a key body: a head, plain officers, and one of every kind that must not go out."""
    people = [row.person(body) for _ in range(PLAIN_OFFICERS_A_KEY_BODY)]
    if body != MAIN_BODY:
        people.append(row.person(body, identifier=HEADS[body], roles=(Role.BODY_HEAD,)))
    people += [
        row.expiring(body, in_days=25 if body == MAIN_BODY else 120),
        row.in_state(body, CertState.SUSPENDED if body in (MAIN_BODY, FIRE, HEALTH) else CertState.REVOKED),
        row.without_certificate(body),
    ]
    if body == MAIN_BODY:
        people += [row.in_state(body, CertState.REVOKED), row.expiring(body, in_days=-20)]
    return people
