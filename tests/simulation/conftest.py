"""Towns for the tests of the simulation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.cli.bench.simulation.ends import Makers
from core.cli.bench.simulation.running import makers_of
from core.cli.bench.simulation.town import Town
from tests.simulation.towns import Story


@pytest.fixture(params=["model", "real"])
def makers(request: pytest.FixtureRequest) -> Iterator[Makers]:
    """Give the model, and again the real stores: every case is told on both."""
    made = makers_of(request.param)
    yield made
    made.close()


@pytest.fixture
def model_story() -> Iterator[Story]:
    """Give a town of two laptops on the model only, for what is tried at every single place."""
    town = Town(0, makers_of("model"), stations=2, steps=())
    yield Story(town)
    town.close()


@pytest.fixture
def story(request: pytest.FixtureRequest, makers: Makers) -> Iterator[Story]:
    """Give a town of two laptops, or of as many as the test's parameter says; the third is of another body."""
    town = Town(0, makers, stations=getattr(request, "param", 2), steps=())
    yield Story(town)
    town.close()
