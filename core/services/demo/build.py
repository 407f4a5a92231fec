"""Fill an empty station with the demo: lists, their versions, and the visits of two years.

Read published.py for what is fact, items.py and plans.py for what is made up after it, stories.py for the visits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from core.domain.answers import choose_checklist
from core.domain.catalog import Item
from core.domain.checklists import Answer, Checklist
from core.domain.enterprises import Enterprise
from core.domain.evidence import Evidence
from core.domain.findings import Determined, Finding
from core.domain.lists import ListKind, ListVersion
from core.domain.visits import Visit, VisitState
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Refusal
from core.kernel.progress import Progress, Unwatched
from core.kernel.records import changed
from core.services.checklists import load_templates
from core.services.demo.enterprises import generate
from core.services.demo.inspected import Inspected, inspect
from core.services.demo.items import demo_items
from core.services.demo.judging import Determine, judge_by
from core.services.demo.lists import ENTERPRISE_COUNT, demo_rows, demo_version
from core.services.demo.officers import HEADS, demo_officers
from core.services.demo.stories import Ending, past_stories, running_stories
from core.services.demo.subjects import KEY_BODIES
from core.services.demo.upcoming import upcoming_visits
from core.services.demo.visits import choose, past_visit
from core.services.demo.world import HeadKey, Photo, Sign, World, photo_bytes
from core.services.ports import Blobs, OpenWork, Reference, Work
from core.services.rule_packages import shipped_package


@dataclass(frozen=True)
class DemoReport:
    """What was built. `head_keys` are raw private keys by officer id: the station seals them, nobody prints them."""

    versions: tuple[ListVersion, ...]
    visit_count: int
    ready_visit: str
    """Id of the visit that is approved for today and passes the gates."""
    head_keys: dict[str, bytes]


def _shipped_checklists() -> Callable[[Item], Checklist]:
    templates = load_templates()

    def checklist_of(item: Item) -> Checklist:
        found = choose_checklist(item.checklist, item.name, templates)
        assert found is not None, "a generic checklist ships with the program"
        return found

    return checklist_of


def _photo(blobs: Blobs | None) -> Photo | None:
    if blobs is None:
        return None
    content = photo_bytes()
    return Photo(blob=blobs.put(content), size_bytes=len(content))


def build_demo(
    open_work: OpenWork,
    reference: Reference,
    clock: Clock,
    *,
    new_key: Callable[[], bytes],
    public_of: Callable[[bytes], bytes],
    sign: Sign,
    progress: Progress | None = None,
    enterprise_count: int = ENTERPRISE_COUNT,
    blobs: Blobs | None = None,
    checklist_of: Callable[[Item], Checklist] | None = None,
    determine: Determine | None = None,
) -> DemoReport:
    """Write the demo into an empty station. All but the heads' keys is the same for the same instant.

    The lists are written first, a file each; version records, visits and findings are one transaction.

    Args:
        new_key: Gives a private key; called once for the head of each key body.
        public_of: Gives the public key of a private one.
        sign: (private key, message) -> signature.
        blobs: Takes the stand-in photo; without it the visits have none.
        checklist_of: The checklist of an item; by default those that ship with the program.
        determine: Judges a finding; by default the engine with the package that ships with the program.

    Raises:
        Refusal: "demo.station_not_empty".
    """
    watched = progress or Unwatched()
    now, actor = clock.now(), _actor_of_empty(open_work)
    keys = {head: HeadKey(private, public_of(private)) for head in HEADS.values() for private in (new_key(),)}
    public_keys = {head: key.public.hex() for head, key in keys.items()}
    versions = _write_lists(reference, now, actor, public_keys, enterprise_count, watched)
    world = World(
        now=now,
        officers=demo_officers(local_date(now), public_keys),
        enterprises=tuple(generate(min(enterprise_count, ENTERPRISE_COUNT))),
        head_keys=keys,
        sign=sign,
        checklist_of=checklist_of or _shipped_checklists(),
        photo=_photo(blobs),
        list_versions={version.kind.value: version.version for version in versions},
    )
    with open_work() as work:
        for version in versions:
            work.table(ListVersion).put(version)
        visits = _write_visits(work, world, determine or judge_by(shipped_package()), watched)
    return DemoReport(versions, len(visits), visits[0].id, {head: key.private for head, key in keys.items()})


def _actor_of_empty(open_work: OpenWork) -> str:
    """Return who is at the keyboard of a station without visits."""
    with open_work() as work:
        if work.table(Visit).where():
            raise Refusal("demo.station_not_empty")
        return work.actor


def _write_lists(
    reference: Reference,
    now: datetime,
    actor: str,
    public_keys: dict[str, str],
    enterprise_count: int,
    progress: Progress,
) -> tuple[ListVersion, ...]:
    today = local_date(now)
    rows_of = partial(demo_rows, today=today, head_keys=public_keys, enterprises=enterprise_count)
    versions: list[ListVersion] = []
    for kind in ListKind:
        planned = demo_version(kind, today, imported_at=now, imported_by=actor)
        stored = reference.replace(planned, rows_of(kind), progress=progress, upsert=False)
        versions.append(changed(stored, id=f"{kind.value}-{stored.version}"))
    return tuple(versions)


def _write_visits(work: Work, world: World, determine: Determine, progress: Progress) -> list[Visit]:
    """Put the visits of the past, oldest first, then those that run, then those ahead; return the last first."""
    items = {item.id: item for item in demo_items()}
    sorts = {body: world.enterprises_for(body) for body in KEY_BODIES}
    taken: set[str] = set()
    stories = (*past_stories(world.today), *running_stories(world.today))
    behind: list[Visit] = []
    at_cap: Enterprise | None = None
    for story in stories:
        # Two of the running visits went to one enterprise, which has reached its cap with them.
        repeats = story.ending is Ending.RESULT_TOLD and at_cap is not None
        enterprise = at_cap if repeats and at_cap else choose(sorts[story.body], taken, turn=story.number)
        if story.ending is Ending.UPLOAD_OWED:
            at_cap = enterprise
        visit = past_visit(world, story, enterprise)
        work.table(Visit).put(visit)
        _write_inspected(work, visit, inspect(world, story, visit, items[visit.items[0]]), determine)
        behind.append(visit)
        progress.step(len(behind), len(stories))
    assert at_cap is not None, "one of the running visits owes an upload"
    overdue = next(
        v for v in behind if v.state is VisitState.CORRECTING and v.correct_by and v.correct_by < world.today
    )
    ahead = upcoming_visits(world, taken, at_cap=at_cap, overdue=overdue)
    for visit in ahead:
        work.table(Visit).put(visit)
    return [*ahead, *behind]


def _write_inspected(work: Work, visit: Visit, inspected: Inspected, determine: Determine) -> None:
    for answer in inspected.answers:
        work.table(Answer).put(answer)
    for piece in inspected.evidence:
        work.table(Evidence).put(piece)
    for finding in inspected.findings:
        work.table(Finding).put(finding)
        determined = determine(visit, finding)
        if determined is not None:
            work.table(Determined).put(determined)
