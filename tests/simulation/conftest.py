"""Towns for the tests of the simulation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.cli.bench.simulation.ends import Makers
from core.cli.bench.simulation.town import Town
from tests.helpers.memory_town import MemoryMakers
from tests.simulation.towns import Story


@pytest.fixture(params=["memory"])
def makers(request: pytest.FixtureRequest) -> Makers:
    return MemoryMakers()


@pytest.fixture
def story(makers: Makers) -> Iterator[Story]:
    town = Town(0, makers, steps=())
    yield Story(town)
    town.close()
