"""The published schema of rule packages is the one the program goes by, and it tells good packages from bad ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from core.domain.determinations.parsing import parse_package
from core.domain.determinations.rules import package_schema
from core.kernel.errors import Refusal
from core.kernel.records import to_plain
from core.kernel.resources import resources_dir
from core.services.rule_packages import package_paths, plain_package

PUBLISHED = json.loads((resources_dir() / "rules" / "package.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(PUBLISHED)


def test_the_published_schema_is_the_programs_own() -> None:
    assert package_schema() == PUBLISHED


def test_the_published_schema_is_itself_sound() -> None:
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)
    assert PUBLISHED["$defs"]["Condition"]["additionalProperties"] is False


@pytest.mark.parametrize("path", package_paths(), ids=lambda path: path.name)
def test_every_shipped_package_fits_the_published_schema(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(to_plain(plain_package(path)))] == []


def rename(plain: dict[str, Any]) -> None:
    plain["rules"][0]["conditionz"] = {}


def lose_the_source(plain: dict[str, Any]) -> None:
    del plain["rules"][0]["source"]


def unknown_list(plain: dict[str, Any]) -> None:
    plain["rules"][0]["list_type"] = "forgive"


def unknown_operator(plain: dict[str, Any]) -> None:
    plain["rules"][0]["conditions"]["all"][0]["op"] = "=~"


def number_for_a_day(plain: dict[str, Any]) -> None:
    plain["issued_on"] = 20260101


@pytest.mark.parametrize("spoil", [rename, lose_the_source, unknown_list, unknown_operator, number_for_a_day])
def test_what_the_schema_refuses_the_program_refuses_too(spoil: Callable[[dict[str, Any]], None]) -> None:
    plain: dict[str, Any] = copy.deepcopy(to_plain(plain_package(resources_dir() / "rules" / "area.yaml")))
    spoil(plain)
    assert not VALIDATOR.is_valid(plain)
    with pytest.raises(Refusal) as caught:
        parse_package(plain)
    assert (caught.value.code, caught.value.params["problem"]) == ("rules.bad_package", "shape")
