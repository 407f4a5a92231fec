"""Spreadsheets in and out: lists as offices publish them, recognised by their headings.

The only owner of openpyxl, xlrd and msoffcrypto. Imports domain and the port in core.services.sheet_ports.
Start with tables.py (a sheet to rows), then headings.py (the one alias table) and files.py (a file to sheets).
"""
