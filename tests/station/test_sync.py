"""Stations and headquarters in one process: enrolment, sessions, forks, lists, numbers, decisions, the lease."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.crypto import signing
from core.domain.checklists import Verdict
from core.domain.documents import DocumentKind
from core.domain.numbers import NumberBlock, new_block
from core.domain.shared_state import DeviceStatus, StationDevice
from core.hq.backup import move_durable, positions
from core.kernel.errors import Refusal, Trouble
from core.station import Session, Station
from tests.helpers.station_town import BODY, URL, Town, answers_at, put_answer


def in_order(session: Session) -> None:
    assert session.verify_log().bad == ()
    assert session.differing_rows() == ()


def test_before_enrolment_a_station_is_its_own_authority(town: Town) -> None:
    session = town.station("one")
    status = session.sync.status()
    assert (status.is_enrolled, status.unconfirmed > 0, status.is_forked) == (False, True, False)
    with pytest.raises(Refusal) as refusal:
        session.sync.run()
    assert refusal.value.code == "sync.not_enrolled"


def test_a_look_at_headquarters_changes_nothing_and_gives_the_same_as_enrolling(town: Town) -> None:
    session = town.station("one")
    code = town.code()
    seen = session.sync.preview(URL, code)
    assert not session.sync.status().is_enrolled
    assert session.sync.enrol(URL, code) == seen
    assert seen.own_fingerprint == signing.fingerprint(session.public)
    assert session.sync.status().subject == BODY


def test_a_headquarters_whose_key_the_root_did_not_certify_is_refused(town: Town) -> None:
    session = town.station("one")
    town.keys = type(town.keys)(
        private=town.keys.private,
        root_public=town.keys.root_public,
        root_signature=bytes(64),
        age_identity=town.keys.age_identity,
    )
    with pytest.raises(Refusal) as refusal:
        session.sync.enrol(URL, town.code())
    assert refusal.value.code == "sync.hq_not_certified"
    assert not session.sync.status().is_enrolled


def test_what_was_written_before_enrolling_is_offered_and_both_ends_are_equal(town: Town) -> None:
    session = town.station("one")
    for number in range(4):
        put_answer(session, number)
    session.sync.enrol(URL, town.code())
    report = session.sync.run()
    assert report.state == "even"
    assert report.statement is not None
    assert (report.statement.equal, report.statement.differences) == (True, ())
    assert (session.sync.status().unconfirmed, session.unsynced_count()) == (0, 0)
    assert session.sync.last_statement() == report.statement
    assert session.sync.history()[0].ok
    in_order(session)


def test_inv08_two_stations_see_each_others_answers(town: Town) -> None:
    one, two = town.enrolled("one"), town.enrolled("two")
    put_answer(one, 1, verdict=Verdict.FAIL)
    put_answer(two, 2)
    for session in (one, two, one):
        session.sync.run()
    assert answers_at(one) == answers_at(two)
    assert sorted(answers_at(one)) == ["a-1", "a-2"]
    said = [session.sync.last_statement() for session in (one, two)]
    assert all(each is not None and each.equal for each in said)
    for session in (one, two):
        in_order(session)


def test_f26_two_answers_to_one_point_stand_until_a_person_decides_for_both(town: Town) -> None:
    one, two = town.enrolled("one"), town.enrolled("two")
    put_answer(one, 1, verdict=Verdict.FAIL)
    put_answer(two, 1, verdict=Verdict.NOT_APPLICABLE)
    for session in (one, two, one):
        session.sync.run()
    (clash,) = one.sync.clashes()
    assert {side.value for side in clash.sides} == {"fail", "not_applicable"}
    assert (clash.family, clash.visit, one.sync.status().clash_count) == ("answer", "v-1", 1)
    chosen = next(side for side in clash.sides if side.value == "fail")
    one.sync.resolve("answer", "a-1", {chosen.field: chosen.entry}, "现场复核")
    for session in (one, two):
        session.sync.run()
    assert [answers_at(session)["a-1"].verdict for session in (one, two)] == [Verdict.FAIL, Verdict.FAIL]
    assert [session.sync.clashes() for session in (one, two)] == [(), ()]
    for session in (one, two):
        in_order(session)


def test_a_decision_names_every_field_and_only_values_that_stand(town: Town) -> None:
    one, two = town.enrolled("one"), town.enrolled("two")
    put_answer(one, 1, verdict=Verdict.FAIL)
    put_answer(two, 1)
    for session in (one, two, one):
        session.sync.run()
    codes: list[str] = []
    for chosen in ({}, {"verdict": "nobody's"}):
        with pytest.raises(Refusal) as refusal:
            one.sync.resolve("answer", "a-1", chosen)
        codes.append(refusal.value.code)
    with pytest.raises(Refusal) as refusal:
        one.sync.resolve("answer", "a-9", {})
    assert [*codes, refusal.value.code] == ["sync.choice_incomplete", "sync.choice_unknown", "sync.nothing_to_decide"]


@pytest.mark.parametrize("place", ["push.before", "push.after", "pull"])
def test_f05_f07_a_cut_line_costs_a_repeat_and_nothing_else(town: Town, place: str) -> None:
    session = town.enrolled("one")
    put_answer(session, 1)
    town.cut = lambda where: where == place
    with pytest.raises(Trouble) as trouble:
        session.sync.run()
    assert trouble.value.code == "sync.line_broken"
    status = session.sync.status()
    assert (status.last_error, status.failures, status.last_success_at) == ("sync.line_broken", 1, None)
    town.cut = lambda _: False
    report = session.sync.run()
    assert report.statement is not None
    assert report.statement.equal
    assert session.sync.status().failures == 0
    in_order(session)


def test_numbers_are_leased_by_headquarters_once_enrolled(town: Town) -> None:
    session = town.enrolled("one")
    session.sync.request_numbers(BODY, DocumentKind.SCENE_RECORD, 2026, 20)
    report = session.sync.run()
    assert len(report.outcomes) == 1
    with session.read_work() as work:
        (block,) = work.table(NumberBlock).where()
    assert (block.source, block.last - block.first + 1, block.station) == ("hq", 20, session.device_id)
    assert session.sync.run().outcomes == ()
    assert session.sync.status().unconfirmed == 0
    with session.open_work() as work, pytest.raises(Refusal) as refusal:
        session.numbers.take_in(
            work, body=BODY, agency_abbr="某", kind=DocumentKind.SCENE_RECORD, type_abbr="笔", year=2025, document="d"
        )
    assert refusal.value.code == "numbers.no_block"
    in_order(session)


def test_the_end_of_the_lease_stops_new_visits_and_nothing_else(town: Town) -> None:
    session = town.enrolled("one")
    session.sync.run()
    session.may_begin()
    town.clock.advance(days=31)
    with pytest.raises(Refusal) as refusal:
        session.may_begin()
    assert refusal.value.code == "sync.lease_over"
    put_answer(session, 1)
    session.sync.run()
    session.may_begin()


def test_f15_a_copied_disk_opens_a_new_chain_and_loses_nothing(town: Town, tmp_path: Path) -> None:
    one = town.enrolled("one")
    put_answer(one, 1)
    one.sync.run()
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    copy = town.opened(Station.open(tmp_path / "copy", clock=town.clock))
    put_answer(one, 2)
    one.sync.run()
    put_answer(copy, 3)
    report = copy.sync.run()
    assert report.state in ("forked", "behind")
    assert copy.device_id != one.device_id
    assert copy.sync.status().is_forked
    with pytest.raises(Refusal) as refusal:
        copy.sync.run()
    assert refusal.value.code == "sync.enrol_again"
    put_answer(copy, 4)
    copy.sync.enrol(URL, town.code())
    again = copy.sync.run()
    assert again.statement is not None
    assert (again.state, again.statement.equal, again.statement.differences) == ("even", True, ())
    assert sorted(answers_at(copy)) == ["a-1", "a-2", "a-3", "a-4"]
    in_order(copy)


def test_a_restored_backup_enrols_again_and_hands_over_the_chain_of_before(town: Town) -> None:
    session = town.enrolled("one")
    put_answer(session, 1)
    session.sync.run()
    put_answer(session, 2)
    session.begin_after_restore()
    assert session.sync.status().is_forked
    session.sync.enrol(URL, town.code())
    report = session.sync.run()
    assert report.statement is not None
    assert report.statement.equal
    assert session.sync.status().unconfirmed == 0
    in_order(session)


def test_a_lost_laptop_hands_over_its_chain_and_erases_its_slots(town: Town) -> None:
    session = town.enrolled("one")
    session.sync.run()
    put_answer(session, 1)
    town.enrolment().retire(session.device_id, DeviceStatus.LOST, reason="遗失", by="hq-1")
    report = session.sync.run()
    assert (report.state, report.is_erased) == ("lost", True)
    assert session.sync.status().unconfirmed == 0
    assert Station.open(Path(session.station_info().home), clock=town.clock).accounts() == ()


def test_a_retired_laptop_keeps_its_slots_until_headquarters_has_all_of_it(town: Town) -> None:
    session = town.enrolled("one")
    session.sync.run()
    put_answer(session, 1)
    town.enrolment().retire(session.device_id, DeviceStatus.RETIRED, reason="交回", by="hq-1")
    town.cut = lambda where: where == "push.before"
    with pytest.raises(Trouble):
        session.sync.run()
    assert Station.open(Path(session.station_info().home), clock=town.clock).accounts() == ("zhangmin",)
    town.cut = lambda _: False
    # Headquarters has it all, and would lose it with its own disk.
    assert not session.sync.run().is_erased
    move_durable(town.store, positions(town.store))
    assert session.sync.run().is_erased
    assert session.sync.status().status == "retired"


def test_a_look_before_enrolling_leaves_the_code_to_whoever_enrols(town: Town) -> None:
    code = town.code()
    one, two = town.station("one"), town.station("two")
    looked = one.sync.preview(URL, code)
    assert (looked.subject, town.store.directory.every()) == (BODY, ())
    two.sync.enrol(URL, code)
    with pytest.raises(Refusal) as refusal:
        one.sync.preview(URL, code)
    assert refusal.value.code == "hq.code_used"
    assert two.sync.preview(URL, code).device == two.device_id


def test_numbers_of_before_enrolment_and_leased_ones_never_meet(town: Town) -> None:
    session = town.station("one")
    with session.open_work() as work:
        own = new_block(
            "own-1",
            body=BODY,
            kind=DocumentKind.SCENE_RECORD,
            year=2026,
            station=session.device_id,
            first=1,
            size=200,
            at=town.clock.now(),
        )
        work.table(NumberBlock).put(own)
    session.sync.enrol(URL, town.code())
    session.sync.request_numbers(BODY, DocumentKind.SCENE_RECORD, 2026, 20)
    session.sync.run()
    with session.read_work() as work:
        blocks = sorted(work.table(NumberBlock).where(), key=lambda one: one.first)
    assert [(one.first, one.last, one.is_burnt) for one in blocks] == [(1, 200, True), (201, 220, False)]


def test_keys_that_headquarters_tells_of_are_trusted_except_those_of_lost_laptops(town: Town) -> None:
    one, two = town.enrolled("one"), town.enrolled("two")
    one.sync.run()
    assert two.public in one.trusted_keys().values()
    town.enrolment().retire(two.device_id, DeviceStatus.LOST, reason="遗失", by="hq-1")
    one.sync.run()
    assert two.public not in one.trusted_keys().values()
    with one.read_work() as work:
        assert work.table(StationDevice).get(two.device_id).status is DeviceStatus.LOST


def test_a_second_sync_at_the_same_time_is_refused(town: Town) -> None:
    session = town.enrolled("one")

    def again(_place: str) -> bool:
        with pytest.raises(Refusal) as refusal:
            session.sync.run()
        assert refusal.value.code == "sync.running"
        return False

    town.cut = again
    assert session.sync.run().state == "even"


def test_from_laptop_to_laptop_and_then_to_headquarters_gives_the_same(town: Town, tmp_path: Path) -> None:
    one, two = town.enrolled("one"), town.enrolled("two")
    for session in (one, two):
        session.sync.run()
    put_answer(two, 7)
    path = tmp_path / "peer.isb"
    written = two.sync.export_bundle(path, to=one.device_id)
    taken = one.sync.import_bundle(path)
    assert (written.runs, taken.runs, taken.bad) == (1, 1, ())
    assert "a-7" in answers_at(one)
    assert one.sync.import_bundle(path).is_repeat
    one.sync.run()
    two.sync.run()
    said = [session.sync.last_statement() for session in (one, two)]
    assert all(each is not None and each.equal for each in said)
    for session in (one, two):
        in_order(session)
