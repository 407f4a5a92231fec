"""What this machine lacks: looked at without a station, without Qt and without changing anything."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIBRARIES = (
    "PySide6",
    "sqlalchemy",
    "sqlcipher3",
    "reportlab",
    "qrcode",
    "pyzbar",
    "zxingcpp",
    "cryptography",
    "openpyxl",
)
FREE_MB_LEAST = 500
"""Room for a day of visits with photos; our own figure."""


@dataclass(frozen=True)
class Missing:
    """One thing that is missing. `what` has words under `cli.doctor.`."""

    what: str
    name: str


def examine(home: Path) -> tuple[dict[str, Any], tuple[Missing, ...]]:
    """Return what was looked at, and what is missing."""
    from core.codes.decode import missing_decoders

    above = (home.absolute(), *home.absolute().parents)
    nearest = next(folder for folder in above if folder.is_dir())
    # A file may stand where a folder should be, and then nothing can be made below it.
    is_blocked = any(place.exists() and not place.is_dir() for place in above)
    decoders = missing_decoders()
    free_mb = shutil.disk_usage(nearest).free // 2**20
    checks: dict[str, Any] = {
        "python": platform.python_version(),
        "home": str(home),
        "home_exists": home.is_dir(),
        "home_writable": os.access(nearest, os.W_OK) and not is_blocked,
        "free_mb": free_mb,
        "decoders_missing": list(decoders),
        "encoding": sys.getfilesystemencoding(),
        "display": bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or sys.platform == "win32",
    }
    missing = [Missing("library", name) for name in LIBRARIES if importlib.util.find_spec(name) is None]
    missing += [Missing("decoder", name) for name in decoders]
    if not checks["home_writable"]:
        missing.append(Missing("home_writable", str(home)))
    if free_mb < FREE_MB_LEAST:
        missing.append(Missing("free_space", f"{free_mb} MB"))
    if not checks["display"]:
        missing.append(Missing("display", "DISPLAY"))
    return checks, tuple(missing)
