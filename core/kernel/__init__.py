"""What every room stands on: clock, ids, errors, records, words, progress.

Imports nothing of ours. Start with errors.py and records.py.
"""
