"""A visit from plan to archive: one method a thing a person does, one transaction a method.

The use cases stand in the order of a visit in visit_preparing.py, visit_on_site.py and visit_ending.py; how a move
is made is in visit_moves.py; reading back is in visit_views.py. Source: design.md section 4; domain.md 1.5 to 1.7.
"""

from __future__ import annotations

from core.services.visit_ending import VisitEnding
from core.services.visit_on_site import VisitOnSite
from core.services.visit_preparing import Opened, VisitPreparing
from core.services.visit_views import Today, VisitReading, VisitView

__all__ = ["Opened", "Today", "VisitView", "Visits"]


class Visits(VisitPreparing, VisitOnSite, VisitEnding, VisitReading):
    """Everything that a person does with a visit.

    Gates are judged afresh at every threshold (entry, begin, record): what was open in the morning may be shut at noon.
    """
