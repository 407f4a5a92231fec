"""Remedy texts (救济告知): what a paper tells the party about reconsideration and suit.

Source: domain.md 2.4; 行政复议法 (2023) arts 20, 23, 24; 行政诉讼法 arts 45, 46. A missing line is a costly defect:
the period then runs up to a year (行政复议法 art. 20(3)).
"""

from __future__ import annotations

from enum import StrEnum

from core.domain.documents import Block, BlockKind
from core.kernel.records import Record

RECONSIDERATION_DAYS = 60
"""行政复议法 art. 20; calendar days."""
SUIT_AFTER_RECONSIDERATION_DAYS = 15
"""行政诉讼法 art. 45; calendar days."""
SUIT_DIRECT_MONTHS = 6
"""行政诉讼法 art. 46."""


class RemedyKind(StrEnum):
    """Which way is open. SUMMARY: reconsideration first (行政复议法 art. 23). DIRECT: either."""

    SUMMARY = "summary"
    DIRECT = "direct"


class RemedyDates(Record):
    """Last days as printed, for a paper served on `served_on`. An empty one is not printed."""

    served_on: str = ""
    reconsider_until: str = ""
    sue_until: str = ""


def remedy_blocks(
    kind: RemedyKind,
    *,
    reconsideration_body: str,
    court: str = "",
    online_channel: str = "",
    dates: RemedyDates | None = None,
) -> tuple[Block, ...]:
    """Return the remedy paragraphs. A body or court that is not configured is printed as 未核实, never guessed.

    Args:
        reconsideration_body: Where to apply; for the new area it is not obvious and has to be configured.
        court: Where to sue; empty is printed as 有管辖权的人民法院.
        online_channel: For decisions served online (行政复议法 art. 22); empty: none.
        dates: The last days; None: the periods alone.
    """
    has_body = bool(reconsideration_body.strip())
    body = reconsideration_body.strip() or "（复议机关）"
    where = court.strip() or "有管辖权的人民法院"
    days = RECONSIDERATION_DAYS
    if kind is RemedyKind.SUMMARY:
        text = (
            f"如不服本决定，应当自知道或者应当知道本决定之日起{days}日内先向{body}申请行政复议；"
            f"对行政复议决定不服的，可以自收到行政复议决定书之日起{SUIT_AFTER_RECONSIDERATION_DAYS}日内"
            f"依法向{where}提起行政诉讼。未经行政复议，不能直接提起行政诉讼。"
        )
    else:
        text = (
            f"如不服本决定，可以自知道或者应当知道本决定之日起{days}日内向{body}申请行政复议，"
            f"也可以自知道或者应当知道本决定之日起{SUIT_DIRECT_MONTHS}个月内依法向{where}提起行政诉讼。"
        )
    blocks = [Block(kind=BlockKind.PARAGRAPH, text=text, is_unverified=not has_body)]
    last_days = _last_days(kind, dates) if dates else ""
    if last_days:
        blocks.append(Block(kind=BlockKind.PARAGRAPH, text=last_days))
    if online_channel.strip():
        told = f"行政复议申请也可以通过互联网提出，渠道：{online_channel.strip()}。"
        blocks.append(Block(kind=BlockKind.PARAGRAPH, text=told))
    return tuple(blocks)


def _last_days(kind: RemedyKind, dates: RemedyDates) -> str:
    parts: list[str] = []
    if dates.reconsider_until:
        parts.append(f"申请行政复议的期限至{dates.reconsider_until}止")
    if dates.sue_until and kind is RemedyKind.DIRECT:
        parts.append(f"直接提起行政诉讼的期限至{dates.sue_until}止")
    # The period runs from knowledge, so the day is right only for a paper that is served on its own day.
    return f"本文书于{dates.served_on}送达的，{'，'.join(parts)}。" if parts else ""
