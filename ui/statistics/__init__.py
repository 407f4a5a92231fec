"""Statistics; empty until its issue."""
