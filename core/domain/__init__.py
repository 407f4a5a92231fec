"""The law: frozen records and pure rules, one module a subject, no I/O.

Imports kernel only. Start with visits.py, then gates.py.
"""
