"""The window: presentation only, the only package that sees Qt.

Talks to services through core.station. Start with app.py.
"""
