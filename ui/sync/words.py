"""How sync is put into words: ages, reasons, differences, fields and values of a clash."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.kernel.words import catalogue
from ui.i18n import lang, moment, t, words_or_code

HASH_GROUP = 4
HASH_SHOWN = 32
VALUE_SHOWN = 240
ANSWER = "answer"
"""The family of answers to check points."""


def age(since: datetime, now: datetime) -> str:
    """Return how long ago an instant was, in the largest unit that fits: minutes, hours or days."""
    return span(max(timedelta(), now - since))


def span(length: timedelta) -> str:
    """Return a length of time in the largest unit that fits; less than a minute is one minute."""
    minutes = max(1, int(length.total_seconds()) // 60)
    if minutes < 60:
        return t("ui.sync.minutes", count=minutes)
    if minutes < 24 * 60:
        return t("ui.sync.hours", count=minutes // 60)
    return t("ui.sync.days", count=minutes // (24 * 60))


def when(instant: datetime, now: datetime) -> str:
    """Return an instant of the past with its age: 2026-03-15 09:31 (2 days ago)."""
    return t("ui.sync.ago", at=moment(instant), age=age(instant, now))


def reason(code: str) -> str:
    """Return in one sentence why a sync did not come off."""
    key = f"ui.sync.why.{code}"
    if key in catalogue():
        return t(key)
    # A fault's first sentence says what happened; one that takes parameters cannot be said from the code alone.
    sentences = catalogue().get(code, {}).get(lang())
    if isinstance(sentences, list) and isinstance(sentences[0], str) and "{" not in sentences[0]:
        return sentences[0]
    return t("ui.sync.why_other", code=code)


def doing(note: str) -> str:
    """Return what a session is at, as its progress notes name it."""
    return words_or_code("sync.doing", note)


def differs(difference: Any) -> str:
    """Return what is not equal, where, and what either end holds (core.sync.statement.Difference)."""
    what = words_or_code("sync.differs", difference.what)
    where = t("ui.sync.in_where", what=what, where=difference.where) if difference.where else what
    return t("ui.sync.difference", where=where, here=short(difference.here), there=short(difference.there))


def short(value: str) -> str:
    """Return a value for a line: hashes are cut, nothing becomes a dash."""
    return f"{value[:12]}…" if len(value) > 2 * HASH_SHOWN - 1 else value or "—"


def root(value: str) -> str:
    """Return a hash in groups that two people can read to each other."""
    if not value:
        return "—"
    shown = value[:HASH_SHOWN]
    return " ".join(shown[at : at + HASH_GROUP] for at in range(0, len(shown), HASH_GROUP))


def field_name(family: str, field: str) -> str:
    """Return the name of a field that has two values; the field itself where nobody gave it words."""
    if not field:
        return t("ui.sync.field_whole")
    for key in (f"ui.sync.field.{family}.{field}", f"ui.sync.field.{field}"):
        if key in catalogue():
            return t(key)
    return field


def value_words(family: str, field: str, value: Any) -> str:
    """Return a value of a clash as a person reads it."""
    if not field:
        return t("ui.sync.value_void") if value is None else t("ui.sync.value_kept")
    if value is None or value in ("", [], {}):
        return t("ui.sync.value_none")
    if isinstance(value, bool):
        return t("ui.sync.value_yes") if value else t("ui.sync.value_no")
    if isinstance(value, dict):
        # Records inside records: the parts that a person typed, without names of ours.
        parts = [str(part) for part in value.values() if isinstance(part, str) and part]
        return _cut(" · ".join(parts) or t("ui.sync.value_none"))
    if isinstance(value, list | tuple):
        return _cut("、".join(value_words(family, field, part) for part in value))
    words = _term(family, field, str(value))
    return _cut(words)


def _term(family: str, field: str, value: str) -> str:
    for key in (f"ui.term.{family}_{field}.{value}", f"ui.sync.value.{field}.{value}"):
        if key in catalogue():
            return t(key)
    return value


def _cut(words: str) -> str:
    return words if len(words) <= VALUE_SHOWN else f"{words[:VALUE_SHOWN]}…"
