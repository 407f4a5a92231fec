"""What the demo visits are made of, and the clock of one made-up visit."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from core.domain.catalog import Item
from core.domain.checklists import Checklist
from core.domain.enterprises import Enterprise
from core.domain.officers import Officer, Role, certificate_holds
from core.domain.plans import Plan
from core.kernel.clock import BEIJING, local_date
from core.kernel.resources import resources_dir
from core.services.demo.items import demo_items
from core.services.demo.plans import demo_plans
from core.services.demo.published import calendar_days
from core.services.demo.subjects import demo_subjects

Sign = Callable[[bytes, bytes], bytes]
"""(private key, message) -> signature."""


@dataclass(frozen=True)
class HeadKey:
    """The signing key of a head, raw bytes."""

    private: bytes
    public: bytes


@dataclass(frozen=True)
class Photo:
    """The one picture that stands in for every photo; it says 示例照片 on its face."""

    blob: str
    size_bytes: int


def photo_bytes() -> bytes:
    """Return the stand-in picture, PNG."""
    return (resources_dir() / "demo" / "photo.png").read_bytes()


@dataclass(frozen=True)
class World:
    """Everything the visits refer to. `now` is the instant at which the station is made."""

    now: datetime
    officers: Sequence[Officer]
    enterprises: Sequence[Enterprise]
    head_keys: Mapping[str, HeadKey]
    sign: Sign
    checklist_of: Callable[[Item], Checklist]
    photo: Photo | None = None
    """None: the visits have no photos."""
    list_versions: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def today(self) -> date:
        """The local day."""
        return local_date(self.now)

    def item_named(self, body: str, name: str) -> Item:
        """Return the item of a body by its name."""
        return next(item for item in demo_items() if (item.subject, item.name) == (body, name))

    def plans_of(self, body: str, year: int) -> tuple[Plan, ...]:
        """Return the demo plan lines that a body leads in a year."""
        return tuple(plan for plan in demo_plans(self.today) if (plan.subject, plan.year) == (body, year))

    def officers_of(self, body: str, on: date) -> tuple[Officer, ...]:
        """Return the plain officers of a body whose certificates hold that day and today."""
        return tuple(
            officer
            for officer in self.officers
            if officer.subject == body
            and officer.roles == (Role.OFFICER,)
            and certificate_holds(officer, on=on)
            and certificate_holds(officer, on=self.today)
        )

    def head_of(self, body: str) -> Officer:
        """Return the head of a key body."""
        return next(o for o in self.officers if o.subject == body and Role.BODY_HEAD in o.roles)

    def enterprises_for(self, body: str) -> tuple[Enterprise, ...]:
        """Return the enterprises in business whose industry the body visits."""
        heads = tuple(visit_matter()["industries"][field_of_body(body)])
        return tuple(e for e in self.enterprises if e.status == "存续" and e.industry_code.startswith(heads))


@cache
def visit_matter() -> dict[str, Any]:
    """Return resources/demo/visits.toml."""
    return tomllib.loads((resources_dir() / "demo" / "visits.toml").read_text("utf-8"))


def field_of_body(body: str) -> str:
    """Return the field of a demo subject."""
    return next(subject.field for subject in demo_subjects() if subject.name == body)


def at_local(day: date, hour: int, minute: int = 0) -> datetime:
    """Return the instant of a Beijing wall-clock time, in UTC."""
    return datetime.combine(day, time(hour, minute), BEIJING).astimezone(UTC)


def is_working(day: date) -> bool:
    """Tell whether a day is worked: the published calendar first, else Monday to Friday."""
    return _exceptions().get(day, day.weekday() < 5)


@cache
def _exceptions() -> dict[date, bool]:
    return {row.day: row.is_working for row in calendar_days()}


def working_day_at_or_before(day: date) -> date:
    """Return the day, or the last working day before it."""
    while not is_working(day):
        day -= timedelta(days=1)
    return day


def demo_id(at: datetime, *parts: str) -> str:
    """Return an id in the form of a UUIDv7 that is the same every time: the instant and a digest of the parts."""
    digest = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:10], "big")
    millis = int(at.timestamp() * 1000)
    # 48 bits of time, version 7, 12 bits, variant 2, 62 bits (RFC 9562).
    low = (2 << 62) | (digest & ((1 << 62) - 1))
    return str(UUID(int=(millis << 80) | (7 << 76) | ((digest >> 62 & 0xFFF) << 64) | low))
