"""The pages of the rail, in its order. A subject without a page is not shown."""

from __future__ import annotations

from ui.deadlines.page import DeadlinesPage
from ui.determinations.page import RulesPage
from ui.documents.page import DocumentsPage
from ui.enterprises.page import EnterprisesPage
from ui.lists.page import ListsPage
from ui.plans.page import PlansPage
from ui.settings.page import SettingsPage
from ui.statistics.page import StatisticsPage
from ui.sync.page import SyncPage
from ui.today.page import TodayPage
from ui.visits.page import VisitsPage
from ui.widgets.page import Page

PAGES: tuple[type[Page], ...] = (
    TodayPage,
    VisitsPage,
    EnterprisesPage,
    ListsPage,
    PlansPage,
    DocumentsPage,
    DeadlinesPage,
    RulesPage,
    StatisticsPage,
    SyncPage,
    SettingsPage,
)
