"""Bringing headquarters' database to the schema of this program; a newer database is refused."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from core.kernel.errors import Refusal

HEAD_REVISION = "h0002"
"""The newest revision in migrations/versions; a test compares it with Alembic's own answer."""

MIGRATIONS = Path(__file__).parent / "migrations"


def stored_revision(engine: sa.Engine) -> str:
    """Return the revision of the database, or an empty string for one without tables."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return ""
        row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
        return str(row[0]) if row else ""


def upgrade(engine: sa.Engine) -> None:
    """Bring the database to HEAD_REVISION; does nothing, and imports nothing, where it is there already.

    Raises:
        Refusal: "hq.newer_version", params found, known; a newer program wrote the database.
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
        raise Refusal("hq.newer_version", found=found, known=HEAD_REVISION)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
