"""Many stations, one headquarters, a bad wire, jumping clocks and dying machines: one process, one seed.

Lives beside `bench simulate`, which runs it by the thousand; the tests run the same engine. May import what the bench
may. Begin with town.py (what a town is and what must hold after the storm), then steps.py (what can happen).
Source: sync.md section 9, level L1.
"""
