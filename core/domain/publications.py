"""Lists that headquarters publishes: one dated version of one kind, whole and, where that is less, as what changed.

A publication is headquarters' entry `list_version` in the stream ref/<kind>; the entry's `blobs` are the parts of both
forms. A station that holds the version before takes the changes; any other, and one whose file does not fit, the whole.
Source: sync.md 3.9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from core.domain.list_files import ListFile
from core.domain.lists import ListKind, ListVersion

HQ_VERSIONS_FROM = 100_001
"""Numbers of versions that headquarters publishes; a station's own imports stay below."""


class Publication(ListVersion):
    """One published version, with what is needed to fetch and to check its file."""

    whole: ListFile
    changes: ListFile | None = None
    """What makes the version before into this one; None where the whole is better."""
    note: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """SHA-256 of every part of either form."""
        return self.whole.parts + (self.changes.parts if self.changes is not None else ())


def is_published(version: ListVersion) -> bool:
    """Tell whether a version was published by headquarters, not imported here."""
    return version.version >= HQ_VERSIONS_FROM


def in_use(versions: Iterable[ListVersion]) -> tuple[ListVersion, ...]:
    """Return the versions that count: headquarters' alone, as soon as it has published one of the kind."""
    all_of = tuple(versions)
    published = tuple(one for one in all_of if is_published(one))
    return published or all_of


def wanted(publications: Iterable[Publication], *, on: date) -> tuple[Publication, ...]:
    """Return the versions that a station needs: of each kind the one in force on a day, and those of which the day has
    not come; oldest first."""
    published = [one for one in publications if is_published(one)]
    in_force: dict[ListKind, Publication] = {}
    for one in published:
        held = in_force.get(one.kind)
        if one.effective_on <= on and (held is None or _rank(one) > _rank(held)):
            in_force[one.kind] = one
    coming = [one for one in published if one.effective_on > on]
    return tuple(sorted((*in_force.values(), *coming), key=lambda one: (one.kind.value, one.version)))


def _rank(one: Publication) -> tuple[date, int]:
    return one.effective_on, one.version


def steps_to(
    target: Publication, publications: Iterable[Publication], is_held: Callable[[int], bool]
) -> tuple[Publication, ...]:
    """Return the publications whose changes lead from a held version to the target, oldest first.

    None where no such way is known, or where the whole file is no larger than the way.

    Args:
        is_held: Tells whether the file of a version of this kind is here.
    """
    known = {one.version: one for one in publications if one.kind is target.kind}
    steps: list[Publication] = []
    packed_size = 0
    here: Publication | None = target
    while here is not None and here.changes is not None:
        steps.insert(0, here)
        packed_size += here.changes.packed_size
        if packed_size >= target.whole.packed_size:
            return ()
        if is_held(here.changes.base):
            return tuple(steps)
        here = known.get(here.changes.base)
    return ()
