"""Spreadsheets in and out: headings recognised, every complaint names sheet, row, column and what to do.

Start with reader.py.
"""
