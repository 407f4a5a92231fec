"""The badge in the top bar of every page: how much exists only here; amber when the oldest is older than a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QPushButton

from ui.i18n import t
from ui.sync.state_card import is_old
from ui.sync.words import age, when
from ui.theme import Tone
from ui.widgets.basic import button, set_tone


def make_badge() -> QPushButton:
    """Return the badge; it opens the statement."""
    return button("", role="link")


def show_badge(badge: QPushButton, status: Any, now: datetime, *, is_running: bool) -> None:
    """Say what the status says. Amber has its sign beside it, and only where there is somewhere to send to."""
    count, oldest = f"{status.unconfirmed:,}", status.oldest_unsynced_at
    words = t("ui.bar.unsynced", count=count)
    hint = t("ui.bar.unsynced_hint", count=count)
    is_late = bool(status.is_enrolled) and is_old(oldest, now)
    needs_person = bool(status.is_forked)
    if is_late and oldest is not None:
        words = f"! {words} · {age(oldest, now)}"
    elif needs_person:
        words = f"! {t('ui.sync.enrol_again')}"
    if oldest is not None:
        hint = f"{hint}\n{t('ui.sync.oldest', when=when(oldest, now))}"
    if is_running:
        hint = f"{t('ui.sync.running')}\n{hint}"
    badge.setText(words)
    badge.setToolTip(hint)
    badge.setAccessibleName(f"{words}. {hint}".replace("\n", ". "))
    set_tone(badge, Tone.WARN if is_late or needs_person else None)
