"""Composition root of a station: opens a home, unlocks it, and hands out the services of a session.

Window and command line both start here. Start with home.py (Station), then session.py (Session).
"""

from core.station.home import Station, demo_station, new_station
from core.station.session import Session

__all__ = ["Session", "Station", "demo_station", "new_station"]
