"""The table of provincial code prefixes, a file that an office can complete without a new program."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from core.domain.codes import ProvincialPrefix
from core.kernel.errors import Trouble
from core.kernel.resources import resources_dir


def provincial_prefixes(path: Path | None = None) -> tuple[ProvincialPrefix, ...]:
    """Return the table, from resources/codes/provincial.toml unless the office keeps its own.

    Entries with an empty prefix are systems whose codes exist and whose form is not known (domain.md section 0, 9);
    they match nothing and are shown as 未核实.

    Raises:
        Trouble: "codes.prefixes_unreadable", params name.
    """
    path = path or resources_dir() / "codes" / "provincial.toml"
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        return msgspec.convert(table["code"], tuple[ProvincialPrefix, ...])
    except (OSError, ValueError, KeyError) as error:
        # tomllib's, msgspec's and UTF-8's complaints are all ValueErrors.
        raise Trouble("codes.prefixes_unreadable", name=path.name) from error
