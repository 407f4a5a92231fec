"""What commands about papers are given: a kind by name or code, and a file with field values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from core.cli.context import read_file
from core.domain.documents import DocumentKind, kind_of
from core.kernel.errors import Refusal, Trouble


def wanted_kind(text: str) -> DocumentKind:
    """Return the kind that a person named.  Raises Refusal "cli.kind_unknown"."""
    kind = kind_of(text)
    if kind is None:
        raise Refusal("cli.kind_unknown", kind=text)
    return kind


def read_fields(path: Path) -> dict[str, Any]:
    """Return the field values of a YAML file.  Raises Trouble "cli.fields_unreadable"."""
    try:
        found: Any = yaml.safe_load(read_file(path))
    except yaml.YAMLError as error:
        raise Trouble("cli.fields_unreadable", path=str(path)) from error
    if not isinstance(found, dict):
        raise Trouble("cli.fields_unreadable", path=str(path))
    return {str(name): _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_plain(one) for one in value)
    return value if isinstance(value, str) else str(value)
