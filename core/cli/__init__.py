"""The command line: the same services as the window, `--json` for scripts, never Qt.

Start with main.py.
"""
