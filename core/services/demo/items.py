"""The 615 items of the demo station: 165 published ones and 450 variants for the demo subjects.

The published items belong to bodies of other regions, so no demo body may inspect by them; the variants bind
the same matter to the demo bodies. A variant carries Origin.DEMO and its source id says after which source it
was modelled, it is never that source's id. Source of the number: domain.md 1.2 (S01).
"""

from __future__ import annotations

from functools import cache

from core.domain.catalog import Item, Subject, SubjectKind
from core.domain.lists import Origin
from core.kernel.records import changed
from core.services.demo.published import published_items
from core.services.demo.subjects import TOWN_FIELD, demo_subjects, subject_matter

ITEM_COUNT = 615
VARIANT_COUNT = 450
ENTRUSTED_ITEMS_MAX = 12


def field_of(subject: str) -> str:
    """Return the field of a published item by the subject its list names."""
    return next(field for words, field in subject_matter()["item_fields"] if words in subject)


@cache
def _by_field() -> dict[str, tuple[Item, ...]]:
    found: dict[str, list[Item]] = {}
    for item in published_items():
        found.setdefault(field_of(item.subject), []).append(item)
    return {field: tuple(items) for field, items in found.items()}


def _wanted(subject: Subject) -> tuple[Item, ...]:
    """Return the published items a body's own list is modelled on, best fitting first."""
    field = subject_matter()["borrowed"].get(subject.field, subject.field)
    own = _by_field()[field]
    if subject.kind is SubjectKind.ENTRUSTED_ORG:
        return own[:ENTRUSTED_ITEMS_MAX]
    # A body that borrows another's field takes a few, to look like a list of its own.
    return own if field == subject.field else own[:4]


@cache
def _town_pool() -> tuple[Item, ...]:
    """Return what towns and streets choose from: their fields' items, one field after the other in turn."""
    rows = [_by_field()[field] for field in subject_matter()["town_fields"]]
    longest = max(map(len, rows))
    return tuple(row[place] for place in range(longest) for row in rows if place < len(row))


@cache
def demo_items() -> tuple[Item, ...]:
    """Return the 450 variants, subject by subject."""
    towns = [subject for subject in demo_subjects() if subject.field == TOWN_FIELD]
    chosen = {subject.name: _wanted(subject) for subject in demo_subjects() if subject.field != TOWN_FIELD}
    left = VARIANT_COUNT - sum(map(len, chosen.values()))
    each, more = divmod(left, len(towns))
    chosen |= {town.name: _town_pool()[: each + (place < more)] for place, town in enumerate(towns)}
    return tuple(
        _variant(subject, number, model)
        for subject in demo_subjects()
        for number, model in enumerate(chosen[subject.name], start=1)
    )


def _variant(subject: Subject, number: int, model: Item) -> Item:
    return changed(
        model,
        id=f"demo-item-{subject.id[-2:]}-{number:03d}",
        subject=subject.name,
        level="县级",
        origin=Origin.DEMO,
        source_id=f"demo-{model.source_id}",
    )


def all_items() -> tuple[Item, ...]:
    """Return the variants and the published items, 615 together."""
    return demo_items() + published_items()
