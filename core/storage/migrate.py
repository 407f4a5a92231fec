"""Bringing main.db to the schema of this program, with a copy kept before each upgrade."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from core.kernel.errors import Refusal
from core.storage.engine import copy_file

HEAD_REVISION = "0003"
"""The newest revision in migrations/versions; a test compares it with Alembic's own answer."""

MIGRATIONS = Path(__file__).parent / "migrations"


def stored_revision(engine: sa.Engine) -> str:
    """Return the revision of the file, or an empty string for a file without tables."""
    with engine.connect() as connection:
        known = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").first()
        if known is None:
            return ""
        row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
        return str(row[0]) if row else ""


def upgrade(engine: sa.Engine, path: Path) -> None:
    """Bring the file to HEAD_REVISION; does nothing, and imports nothing, where it is there already.

    Raises:
        Refusal: "storage.newer_version", params found, known; a newer program wrote the file.
    """
    found = stored_revision(engine)
    if found == HEAD_REVISION:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if found and found not in known:
        raise Refusal("storage.newer_version", found=found, known=HEAD_REVISION)
    if found:
        keep_copy(engine, path, found)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def keep_copy(engine: sa.Engine, path: Path, revision: str) -> Path:
    """Copy the file beside itself as main-before-<revision>.db, encrypted as it is, and return the copy's path."""
    target = path.with_name(f"{path.stem}-before-{revision}{path.suffix}")
    target.unlink(missing_ok=True)
    copy_file(engine, target)
    return target
