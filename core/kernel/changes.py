"""What a use case changed, so that pages know what to read again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Topic(StrEnum):
    """A subject whose pages may have to re-read."""

    CATALOG = "catalog"
    PLANS = "plans"
    ENTERPRISES = "enterprises"
    OFFICERS = "officers"
    LISTS = "lists"
    VISITS = "visits"
    CHECKLISTS = "checklists"
    EVIDENCE = "evidence"
    FINDINGS = "findings"
    DETERMINATIONS = "determinations"
    DOCUMENTS = "documents"
    NUMBERS = "numbers"
    DEADLINES = "deadlines"
    SETTINGS = "settings"
    SYNC = "sync"


@dataclass(frozen=True)
class Done(Generic[T_co]):
    """The answer of a use case: its value and the topics it touched."""

    value: T_co
    changed: frozenset[Topic] = frozenset()
