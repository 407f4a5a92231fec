"""The change bus: tells pages which subjects to read again."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Bus(QObject):
    """`changed` carries a frozenset of core.kernel.changes.Topic."""

    changed = Signal(object)
