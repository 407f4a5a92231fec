"""Subjects, items, plans, officers and caps of the demo station."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from core.domain.catalog import SubjectKind
from core.domain.lists import ListKind, Origin
from core.domain.officers import CertState, Role, certificate_holds
from core.services.demo.accounts import DEMO_ACCOUNTS
from core.services.demo.items import all_items, demo_items
from core.services.demo.lists import demo_caps, demo_rows
from core.services.demo.officers import HEADS, MAIN_OFFICERS, demo_officers
from core.services.demo.plans import all_plans, demo_plans
from core.services.demo.published import published_items, published_plans, rows_of
from core.services.demo.subjects import KEY_BODIES, MAIN_BODY, demo_subjects

TODAY = date(2026, 3, 17)
DAYS = [TODAY, date(2026, 1, 1), date(2028, 2, 29), date(2026, 12, 31)]


def test_there_are_48_subjects_of_the_three_lawful_kinds() -> None:
    subjects = demo_subjects()
    assert Counter(row.kind for row in subjects) == {
        SubjectKind.ORGAN: 38,
        SubjectKind.AUTHORIZED_ORG: 5,
        SubjectKind.ENTRUSTED_ORG: 5,
    }
    assert len({row.name for row in subjects}) == len({row.agency_abbr for row in subjects}) == 48


def test_an_entrusted_body_names_a_listed_body_and_its_paper() -> None:
    names = {row.name for row in demo_subjects()}
    entrusted = [row for row in demo_subjects() if row.kind is SubjectKind.ENTRUSTED_ORG]
    assert all(row.entrusting_subject in names and row.entrustment_no for row in entrusted)


def test_what_nobody_verified_about_remedies_stays_empty() -> None:
    assert {(row.reconsideration_body, row.court) for row in demo_subjects()} == {("", "")}


def test_615_items_are_165_published_ones_and_450_variants() -> None:
    assert Counter(row.origin for row in all_items()) == {Origin.PUBLISHED: 165, Origin.DEMO: 450}
    assert len({row.id for row in all_items()}) == 615


@pytest.mark.parametrize("today", DAYS)
def test_394_plans_are_56_published_ones_and_338_of_this_year_and_the_last(today: date) -> None:
    plans = all_plans(today)
    assert Counter(row.origin for row in plans) == {Origin.PUBLISHED: 56, Origin.DEMO: 338}
    assert Counter(row.year for row in demo_plans(today)) == {today.year - 1: 169, today.year: 169}
    assert len({row.id for row in plans}) == 394


def test_a_published_row_is_kept_as_its_source_has_it() -> None:
    subjects = {row.name for row in demo_subjects()}
    published = [row for row in all_items() if row.origin is Origin.PUBLISHED]
    assert published == list(published_items())
    assert not subjects & {row.subject for row in published_items()}
    assert [row for row in all_plans(TODAY) if row.origin is Origin.PUBLISHED] == list(published_plans())


def test_no_variant_can_be_cited_as_published() -> None:
    known = {row["source_id"] for row in rows_of("sources")}
    rows = [*demo_items(), *demo_plans(TODAY), *demo_caps(), *demo_officers(TODAY)]
    assert not {row.source_id for row in rows} & known
    # One name is documented; the row that carries it is made up all the same.
    assert {row.source_id for row in demo_subjects() if row.source_id in known} == {"S19"}
    assert {row.origin for row in demo_subjects()} == {Origin.DEMO}


def test_every_variant_belongs_to_a_demo_subject_and_every_subject_has_one() -> None:
    assert {row.subject for row in demo_items()} == {row.name for row in demo_subjects()}


@pytest.mark.parametrize("today", DAYS)
@pytest.mark.parametrize("body", KEY_BODIES)
def test_a_key_body_has_items_and_a_plan_of_the_year_that_holds_on_any_day(body: str, today: date) -> None:
    items = {row.name for row in demo_items() if row.subject == body}
    lines = [row for row in demo_plans(today) if (row.subject, row.year, row.months) == (body, today.year, ())]
    assert len(lines) >= 3
    assert {row.item_name for row in lines} <= items
    assert all(row.filed_on is not None and row.filed_on <= today for row in lines)


def test_every_body_has_a_cap_and_each_is_marked_as_an_example() -> None:
    assert {row.subject for row in demo_caps()} == {row.name for row in demo_subjects()}
    assert all("示例" in row.text and row.times in (2, 4) for row in demo_caps())


@pytest.mark.parametrize("today", DAYS)
def test_there_are_officers_of_every_sort(today: date) -> None:
    people = demo_officers(today)
    states = Counter(row.cert_state for row in people)
    with_cert = [row for row in people if row.cert_no]
    soon = today + timedelta(days=183)
    ending = [row for row in with_cert if certificate_holds(row, on=today) and row.cert_to and row.cert_to <= soon]
    assert len(people) >= 60
    assert len({row.id for row in people}) == len({row.name for row in people}) == len(people)
    assert states[CertState.SUSPENDED] >= 2
    assert states[CertState.REVOKED] >= 2
    assert len(ending) >= 3
    assert len(people) - len(with_cert) >= 6


@pytest.mark.parametrize("today", DAYS)
def test_the_main_officers_certificates_hold_last_year_and_today(today: date) -> None:
    people = {row.id: row for row in demo_officers(today)}
    main = [people[identifier] for identifier in MAIN_OFFICERS]
    assert [row.name for row in main] == ["张敏", "李强"]
    assert {row.subject for row in main} == {MAIN_BODY}
    assert all(certificate_holds(row, on=day) for row in main for day in (today, date(today.year - 1, 1, 1)))


def test_every_key_body_has_a_head_who_signs_with_the_given_key() -> None:
    keys = {head: "ab" * 32 for head in HEADS.values()}
    people = {row.id: row for row in demo_officers(TODAY, keys)}
    assert {people[head].subject for head in keys} == set(KEY_BODIES)
    assert all(people[head].roles == (Role.BODY_HEAD,) and people[head].sign_public for head in keys)


def test_every_account_belongs_to_a_person_of_the_same_name_body_and_roles() -> None:
    people = {row.id: row for row in demo_officers(TODAY)}
    assert [account.shown_name for account in DEMO_ACCOUNTS] == ["张敏", "李强", "王建国", "刘芳", "陈静", "赵磊"]
    for account in DEMO_ACCOUNTS:
        person = people[account.officer]
        assert (account.shown_name, account.subject, account.roles) == (person.name, person.subject, person.roles)


@pytest.mark.parametrize("kind", ListKind)
def test_every_list_has_rows_with_their_own_ids(kind: ListKind) -> None:
    rows = list(demo_rows(kind, TODAY, head_keys={}, enterprises=20))
    assert len({getattr(row, "id", "") for row in rows}) == len(rows) > 0
