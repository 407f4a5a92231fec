"""All knowledge and work of Mingjian; no Qt anywhere below this line.

Imports go down only: cli > hq | station > storage, papers, codes, crypto, sheets, remote > sync > services
> domain > kernel.
Start reading with station.py (how the pieces are put together).
"""
