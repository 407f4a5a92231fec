"""Alembic's folder for main.db: one linear history; entries are never migrated."""
