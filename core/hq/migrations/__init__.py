"""The steps from one schema of headquarters to the next, on SQLite and PostgreSQL alike; the log is never migrated."""
