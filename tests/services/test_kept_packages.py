"""The rules a determination was made by stay at hand: kept before the record, found by their hash, replayed later."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.determinations.rules import RulePackage, package_hash
from core.domain.findings import Determined
from core.domain.visits import VisitState
from core.kernel.clock import FixedClock
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import changed
from core.services.determinations import Determinations
from core.services.kept_packages import KeptPackages
from core.services.rule_packages import shipped_package
from tests.helpers.builders import NOW, account, enterprise, reference, visit
from tests.helpers.fakes import FakeBlobs, FakeStore
from tests.services.test_determinations import finding


@pytest.fixture(scope="module")
def package() -> RulePackage:
    return shipped_package()


def newer(package: RulePackage) -> RulePackage:
    """Return the rules of next year: no list at all."""
    return changed(package, version="2027.1", rules=(), examples=package.examples[:1])


class Station:
    """One store whose program is replaced by a newer one."""

    def __init__(self) -> None:
        self.store, self.blobs = FakeStore(), FakeBlobs()
        self.store.seed(visit(state=VisitState.INSPECTING, inspecting_at=NOW), finding())

    def started(self, package: RulePackage) -> Determinations:
        lists = reference(enterprises=(enterprise(entity_type="有限责任公司", district_code="430104"),))
        return Determinations(self.store, lists, FixedClock(NOW), account(), package, blobs=self.blobs)


def test_a_determination_replays_after_the_rules_were_replaced(package: RulePackage) -> None:
    station = Station()
    kept = station.started(package).determine("f-1").value
    later = station.started(newer(package))
    assert later.replay(kept.id).is_equal
    assert later.today(kept.id).is_same_package is False


def test_the_record_names_where_its_rules_lie(package: RulePackage) -> None:
    station = Station()
    kept = station.started(package).determine("f-1").value
    assert kept.package_blob == kept.package_sha256 == package_hash(package)
    assert kept.package_blob in station.blobs.kept


def test_a_preview_keeps_nothing(package: RulePackage) -> None:
    station = Station()
    station.started(package).preview("f-1")
    assert station.blobs.kept == {}


def test_rules_that_were_never_here_are_asked_for(package: RulePackage) -> None:
    station = Station()
    kept = station.started(package).determine("f-1").value
    station.blobs.kept.clear()
    with pytest.raises(Refusal) as caught:
        station.started(newer(package)).replay(kept.id)
    assert caught.value.code == "determination.other_package"


class DamagedBlobs(FakeBlobs):
    """A disk that gives back other bytes than it was given."""

    def get(self, sha256: str) -> bytes:
        raise Trouble("blobs.damaged", sha256=sha256)


def test_damaged_rules_are_trouble_and_not_absent_rules(package: RulePackage) -> None:
    with pytest.raises(Trouble) as caught:
        KeptPackages(package, blobs=DamagedBlobs()).find("0" * 64)
    assert caught.value.code == "blobs.damaged"


def test_without_a_store_only_given_rules_are_known(package: RulePackage) -> None:
    packages = KeptPackages(newer(package), (package,))
    assert packages.keep() == ""
    assert packages.find(package_hash(package)) is package
    assert packages.find("0" * 64) is None


def test_what_was_determined_before_packages_were_kept_can_still_be_read() -> None:
    plain: dict[str, Any] = {
        "id": "d", "visit": "v", "finding": "f", "package": "area@1", "package_sha256": "00", "engine": "1",
        "proposal": "light", "result": "{}", "made_at": NOW, "made_by": "officer-1",
    }  # fmt: skip
    old = Determined(**plain)
    assert (old.package_blob, old.chosen_by, old.chosen_at) == ("", "", None)
