"""The protocol between a station and headquarters: both halves of each step side by side; no HTTP, no SQL.

Holds the entry envelope and its chain (entries.py); the steps themselves come with the sync issue.
"""
