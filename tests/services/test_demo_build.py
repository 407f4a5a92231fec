"""The whole demo station, built over fakes and judged by the real gates."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from core.domain.answers import choose_checklist, progress_of
from core.domain.approvals import check_signature
from core.domain.catalog import Item, Subject
from core.domain.checklists import Answer, AnswerKind, Checklist, CheckPoint, Verdict
from core.domain.determinations.engine import stored
from core.domain.determinations.results import StoredDetermination
from core.domain.duties import open_clocks
from core.domain.enterprises import Enterprise
from core.domain.evidence import Evidence
from core.domain.findings import Determined, Finding
from core.domain.gate_settings import GateSettings
from core.domain.gates import judge
from core.domain.lists import ListKind, ListVersion, Origin
from core.domain.officers import Officer, certificate_holds
from core.domain.plans import Plan
from core.domain.visits import Duty, Visit, VisitKind, VisitState
from core.kernel.clock import BEIJING, FixedClock, local_date
from core.kernel.errors import Cancelled, Refusal
from core.kernel.progress import Stoppable
from core.kernel.records import canonical_bytes, from_plain, parse_json
from core.services.checklists import load_templates
from core.services.closing import TRIGGER_METHOD
from core.services.demo.build import DemoReport, build_demo
from core.services.demo.officers import HEADS, MAIN_OFFICERS
from core.services.demo.subjects import MAIN_BODY
from core.services.gate_loading import load_gate_facts
from core.services.rule_packages import shipped_package
from tests.helpers.fakes import FakeBlobs, FakeReference, FakeStore, fake_sign, fake_verify

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
DAYS = [
    NOW,
    datetime(2026, 1, 1, 0, 30, tzinfo=UTC),
    datetime(2026, 3, 17, 1, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 15, 50, tzinfo=UTC),
    datetime(2027, 1, 6, 3, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 16, 30, tzinfo=UTC),
]
DONE = {VisitState.ARCHIVED, VisitState.CLOSED}
AHEAD = {VisitState.DRAFT, VisitState.APPROVED, VisitState.NOTIFIED}
ENTERPRISES = 1200


class Station:
    """A fake station that the demo can be built into."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.store = FakeStore()
        self.reference = FakeReference()
        self.blobs = FakeBlobs()
        self._keys = iter(range(100))

    @property
    def visits(self) -> list[Visit]:
        return self.store.all(Visit)

    def build(self, **more: object) -> DemoReport:
        return build_demo(
            self.store,
            self.reference,
            FixedClock(self.now),
            new_key=self._key,
            public_of=lambda private: private[::-1],
            # The fake signature is made with the public key, so the private one is turned round.
            sign=lambda private, message: fake_sign(private[::-1], message),
            enterprise_count=ENTERPRISES,
            **({"blobs": self.blobs} | more),  # type: ignore[arg-type]  # the options of build_demo, passed through
        )

    def _key(self) -> bytes:
        return bytes([next(self._keys), *range(31)])

    def gates(self, visit: Visit) -> dict[str, str]:
        with self.store() as work:
            facts = load_gate_facts(
                visit, work, self.reference, now=self.now, settings=GateSettings(), verify=fake_verify
            )
        return {line.gate: line.verdict.value for line in judge(facts)}


class Built(Station):
    """A fake station with the demo in it."""

    def __init__(self, now: datetime, **more: object) -> None:
        super().__init__(now)
        self.report = self.build(**more)


@cache
def station(now: datetime) -> Built:
    return Built(now)


def day_of(visit: Visit) -> date:
    return local_date(visit.arrived_at or visit.planned_from)


@pytest.mark.parametrize("now", DAYS)
def test_the_ready_visit_of_today_passes_every_gate_that_is_due(now: datetime) -> None:
    demo = station(now)
    (ready,) = [visit for visit in demo.visits if visit.id == demo.report.ready_visit]
    verdicts = demo.gates(ready)
    assert (ready.state, ready.officers) == (VisitState.APPROVED, MAIN_OFFICERS)
    assert {gate for gate, verdict in verdicts.items() if verdict != "pass"} == {"code_matches_enterprise", "recusal"}


@pytest.mark.parametrize("now", DAYS)
def test_only_the_gates_that_a_draft_is_there_to_show_stop_it(now: datetime) -> None:
    demo = station(now)
    blocked = Counter(
        gate
        for visit in demo.visits
        if visit.state in AHEAD
        for gate, verdict in demo.gates(visit).items()
        if verdict == "block"
    )
    assert set(blocked) <= {"approval", "annual_cap"}
    assert blocked["annual_cap"] <= 1


def test_one_draft_runs_into_the_cap() -> None:
    demo = station(NOW)
    assert [v.state for v in demo.visits if demo.gates(v)["annual_cap"] == "block" and v.state in AHEAD] == [
        VisitState.DRAFT
    ]


@pytest.mark.parametrize("now", DAYS)
def test_today_has_work_and_about_sixty_visits_are_done(now: datetime) -> None:
    states = Counter(visit.state for visit in station(now).visits)
    assert sum(states[state] for state in DONE) == 60
    assert states[VisitState.APPROVED] >= 2
    assert states[VisitState.DRAFT] >= 4
    assert {VisitState.NOTIFIED, VisitState.CORRECTING, VisitState.CASE_OPENED, VisitState.RESULT_TOLD} <= set(states)


@pytest.mark.parametrize("now", DAYS)
def test_the_same_months_show_a_drop_against_last_year(now: datetime) -> None:
    today = local_date(now)
    made = [day_of(visit) for visit in station(now).visits if visit.inspecting_at is not None]
    last_day = today.replace(year=today.year - 1, day=min(today.day, 28))
    this_year = sum(day.year == today.year for day in made)
    same_months = sum(day.year == today.year - 1 and day <= last_day for day in made)
    assert same_months > this_year or (this_year, today.month, today.day) == (0, 1, 1)


@pytest.mark.parametrize("now", DAYS)
def test_no_move_lies_in_the_future_or_before_the_one_before(now: datetime) -> None:
    for visit in station(now).visits:
        assert visit.remarks == ()
        assert (visit.moved_at or visit.created_at) <= now


def test_instants_are_kept_in_utc() -> None:
    kept = [getattr(visit, name) for visit in station(NOW).visits for name in Visit.__struct_fields__]
    zones = {value.utcoffset() for value in kept if isinstance(value, datetime)}
    assert zones == {timedelta(0)}


@pytest.mark.parametrize("now", DAYS)
def test_every_approval_is_signed_with_the_key_of_the_head_of_that_body(now: datetime) -> None:
    demo = station(now)
    approvals = [visit.approval for visit in demo.visits if visit.approval is not None]
    for approval in approvals:
        head = demo.reference.get(Officer, approval.approver)
        checked = check_signature(approval, head, verify=fake_verify)
        assert (checked.is_genuine, checked.known_key, head.subject) == (True, True, approval.scheme.subject)
    assert len(approvals) > 60


@pytest.mark.parametrize("now", DAYS)
def test_officers_were_lawful_on_the_day_of_every_visit(now: datetime) -> None:
    demo = station(now)
    people: dict[str, Officer] = {row.id: row for row in demo.reference.where(Officer)}
    for visit in demo.visits:
        pair = [people[identifier] for identifier in visit.officers]
        assert len(set(visit.officers)) == 2
        assert all(row.subject == visit.subject and certificate_holds(row, on=day_of(visit)) for row in pair)


def test_visits_bind_rows_that_exist_and_are_made_up() -> None:
    demo = station(NOW)
    for visit in demo.visits:
        rows = [demo.reference.get(Item, item) for item in visit.items]
        plan = demo.reference.find(Plan, visit.plan)
        enterprise = demo.reference.get(Enterprise, visit.enterprise)
        (body,) = demo.reference.where(Subject, name=visit.subject)
        assert {row.origin for row in (*rows, enterprise, body)} == {Origin.DEMO}
        assert all(row.subject == visit.subject for row in rows)
        assert (plan is not None) == (visit.kind in (VisitKind.ROUTINE, VisitKind.SPECIAL))
        assert plan is None or (plan.origin, plan.year) == (Origin.DEMO, visit.planned_from.astimezone(BEIJING).year)
        assert visit.is_demo


def test_duties_of_every_sort_are_running() -> None:
    settings = GateSettings()
    clocks = [clock for visit in station(NOW).visits for clock in open_clocks(visit, NOW, settings)]
    assert {clock.duty for clock in clocks} == {Duty.APPROVAL, Duty.UPLOAD}
    due = [v.correct_by for v in station(NOW).visits if v.state is VisitState.CORRECTING and v.correct_by]
    assert min(due) < local_date(NOW) < max(due)


def test_problems_come_from_answers_and_are_as_many() -> None:
    demo = station(NOW)
    failed = [answer.id for answer in demo.store.all(Answer) if answer.verdict is Verdict.FAIL]
    findings = demo.store.all(Finding)
    assert sorted(failed) == sorted(finding.answer for finding in findings)
    assert len(findings) >= 20
    assert all("示例" in finding.text for finding in findings)


def test_the_versions_are_recorded_marked_and_in_force_since_last_year() -> None:
    demo = station(NOW)
    versions = demo.store.all(ListVersion)
    assert [version.kind for version in versions] == list(ListKind)
    assert all(version.is_demo and version.effective_on == date(2025, 1, 1) for version in versions)
    counts = {version.kind.value: version.row_count for version in versions}
    assert (counts["subjects"], counts["items"], counts["plans"]) == (48, 615, 394)
    assert counts["enterprises"] == ENTERPRISES


def test_the_same_instant_gives_the_same_station() -> None:
    again = Built(NOW)
    assert again.store.rows == station(NOW).store.rows


def test_only_the_heads_get_keys_and_the_report_hands_them_over() -> None:
    report = station(NOW).report
    assert set(report.head_keys) == set(HEADS.values())
    assert len(set(report.head_keys.values())) == len(HEADS)
    assert report.visit_count == len(station(NOW).visits)


def test_a_station_with_visits_is_refused_and_stays_as_it_was() -> None:
    demo = Built(NOW)
    before = dict(demo.store.rows)
    with pytest.raises(Refusal) as refusal:
        demo.build()
    assert refusal.value.code == "demo.station_not_empty"
    assert demo.store.rows == before


def test_a_cancelled_build_writes_no_visit() -> None:
    demo = Station(NOW)
    watched = Stoppable()
    watched.stop = True
    with pytest.raises(Cancelled):
        demo.build(progress=watched)
    assert demo.store.all(Visit) == []


TYPED = Checklist(
    id="typed",
    version=1,
    title="各类问题",
    points=(
        CheckPoint(id="cold", text="冷藏温度", kind=AnswerKind.NUMBER, limit_min="0", limit_max="8", unit="℃"),
        CheckPoint(id="state", text="状况", kind=AnswerKind.CHOICE, choices=("坏", "好"), fail_choices=("坏",)),
        CheckPoint(id="until", text="许可证有效期", kind=AnswerKind.DATE),
        CheckPoint(id="words", text="说明", kind=AnswerKind.TEXT),
        CheckPoint(id="shown", text="证照公示", violation="mk.expired_drink"),
        CheckPoint(id="second", text="台账"),
        CheckPoint(id="why", text="原因", asked_if_point="shown", asked_if_values=("fail",)),
    ),
)


def test_findings_get_different_proposals_from_the_real_engine_and_replay() -> None:
    demo = station(NOW)
    package = shipped_package()
    kept = demo.store.all(Determined)
    for row in kept:
        before = from_plain(StoredDetermination, parse_json(row.result))
        assert canonical_bytes(stored(before.facts, package, on=before.on)).decode() == row.result
    proposals = Counter(row.proposal for row in kept)
    assert {"no_penalty", "ordinary", "needs_evidence"} <= set(proposals)


def test_every_fact_and_violation_of_the_demo_is_known_to_the_package() -> None:
    package = shipped_package()
    variables = {variable.var for variable in package.variables}
    violations = {violation.id for violation in package.violations}
    for finding in station(NOW).store.all(Finding):
        assert set(finding.facts) <= variables
        assert finding.violation in violations | {""}


@pytest.mark.parametrize("now", DAYS)
def test_every_checklist_is_answered_in_full_with_its_photos(now: datetime) -> None:
    demo = station(now)
    templates = load_templates()
    for visit in demo.visits:
        if visit.recorded_at is None:
            continue
        item = demo.reference.get(Item, visit.items[0])
        template = choose_checklist(item.checklist, item.name, templates)
        assert template is not None
        answers = [row for row in demo.store.all(Answer) if row.visit == visit.id]
        evidence = [row for row in demo.store.all(Evidence) if row.visit == visit.id]
        assert progress_of(template, item.id, answers, evidence).is_complete


def test_a_finding_stands_on_the_point_that_asks_about_its_violation_where_there_is_one() -> None:
    demo = station(NOW)
    answers = {row.id: row for row in demo.store.all(Answer)}
    templates = load_templates()
    matched = 0
    for finding in demo.store.all(Finding):
        item = demo.reference.get(Item, finding.item)
        template = choose_checklist(item.checklist, item.name, templates)
        assert template is not None
        about = {p.id for p in template.points if p.violation == finding.violation != "" and not p.asked_if_point}
        assert not about or answers[finding.answer].point in about
        matched += bool(about)
    assert matched >= 10


def test_every_photo_is_the_stand_in_that_says_so() -> None:
    demo = station(NOW)
    evidence = demo.store.all(Evidence)
    assert {row.blob for row in evidence} == set(demo.blobs.kept)
    assert {row.file_name for row in evidence} == {"示例照片.png"}
    assert {v.id for v in demo.visits if v.kind is VisitKind.CASE and v.inspecting_at} == {
        row.visit for row in evidence if row.method == TRIGGER_METHOD
    }


def test_without_a_place_for_photos_there_are_none() -> None:
    assert Built(NOW, blobs=None).store.all(Evidence) == []


def judged(visit: Visit, finding: Finding) -> Determined:
    return Determined(
        id=f"determined-{finding.id}",
        visit=visit.id,
        finding=finding.id,
        package="p",
        package_sha256="",
        engine="e",
        proposal="ordinary",
        result="{}",
        made_at=finding.found_at + timedelta(minutes=1),
        made_by=finding.found_by,
    )


def test_the_items_own_checklist_is_answered_inside_its_limits_and_the_engine_is_asked() -> None:
    demo = Built(NOW, checklist_of=lambda item: TYPED, determine=judged)
    values = {(answer.point, answer.value) for answer in demo.store.all(Answer)}
    findings = demo.store.all(Finding)
    assert {("cold", "8"), ("state", "好"), ("words", "已查看(示例)")} <= values
    failed = {answer.point for answer in demo.store.all(Answer) if answer.verdict is Verdict.FAIL}
    asked_why = {answer.visit for answer in demo.store.all(Answer) if answer.point == "why"}
    assert {"shown", "second"} <= failed
    assert asked_why == {a.visit for a in demo.store.all(Answer) if (a.point, a.verdict) == ("shown", Verdict.FAIL)}
    assert sorted(row.finding for row in demo.store.all(Determined)) == sorted(finding.id for finding in findings)


def test_the_main_body_makes_half_of_the_visits() -> None:
    bodies = Counter(visit.subject for visit in station(NOW).visits)
    assert bodies[MAIN_BODY] * 2 >= len(station(NOW).visits)
    assert len(bodies) == len(HEADS)
