"""Supervision; empty until its issue."""
