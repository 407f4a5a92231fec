"""Why a decision is as it is, condition by condition, from the determinations that are kept with the findings.

The engine proposes and the head decides: where something else was taken, its proposal's reasons are no reasons of the
decision, and nothing is filled in (行政处罚法 art. 57; domain.md 3.3).
"""

from __future__ import annotations

import msgspec

from core.domain.determinations.explanation import explain
from core.domain.determinations.results import Determination, StoredDetermination
from core.domain.document_forms import Value
from core.domain.documents import DocumentKind
from core.domain.findings import Determined, Finding
from core.kernel.records import changed, from_plain, parse_json
from core.kernel.words import text
from core.services.document_values import VisitPapers

_NO_PENALTY = frozenset({"no_penalty", "time_barred", "not_made_out"})
_WANTED = {
    DocumentKind.NO_PENALTY_DECISION: _NO_PENALTY,
    DocumentKind.PENALTY_DECISION: frozenset({"light", "mitigate", "ordinary"}),
    DocumentKind.ORDER_TO_CORRECT: _NO_PENALTY | {"light", "mitigate"},
}
_COUNT = "一二三四五六七八九十"


def reasons_of(kind: DocumentKind, papers: VisitPapers) -> dict[str, Value]:
    """Return `reasons` and `rule_text` for the kinds that say them; empty if no determination fits the decision."""
    wanted = _WANTED.get(kind, frozenset[str]())
    told: list[str] = []
    rules: list[str] = []
    for finding in papers.findings:
        newest = _newest(finding, papers.determined)
        if newest is None or newest.chosen or newest.proposal not in wanted:
            continue
        answer = _read(newest)
        if answer is None:
            continue
        told.extend(_told(finding, answer))
        rules.extend(f"{rule.rule}@{answer.package}" for rule in answer.matched)
    values: dict[str, Value] = {"reasons": "\n".join(told), "rule_text": "、".join(dict.fromkeys(rules))}
    return {name: value for name, value in values.items() if value}


def reason_lines(answer: Determination) -> tuple[str, ...]:
    """Return the lines of the explanation that say which list entry and which conditions decided."""
    # Where a fact came from is an id of ours, which says nothing to the party; it stays with the determination.
    answer = changed(answer, lines=tuple(changed(line, source="") for line in answer.lines))
    # What is said without conditions and entries is the proposal and its surroundings, no reason of it.
    beside = set(explain(changed(answer, lines=(), matched=()), "zh"))
    return tuple(line.removeprefix("· ") for line in explain(answer, "zh") if line not in beside)


def _told(finding: Finding, answer: Determination) -> list[str]:
    lines = reason_lines(answer)
    if not lines:
        return []
    proposal = text(f"determination.proposal.{answer.proposal}", "zh")
    row = f"（{text(f'determination.row.{answer.row}', 'zh')}）" if answer.row else ""
    head = f"对“{finding.text.rstrip('。')}”的认定：{proposal}{row}。"
    ends = ["；"] * (len(lines) - 1) + ["。"]
    numbered = enumerate(zip(lines, ends, strict=True), 1)
    return [head, *(f"（{_chinese(place)}）{line.rstrip('。；')}{end}" for place, (line, end) in numbered)]


def _newest(finding: Finding, determined: tuple[Determined, ...]) -> Determined | None:
    found = (one for one in determined if one.finding == finding.id)
    return max(found, key=lambda one: (one.made_at, one.id), default=None)


def _read(kept: Determined) -> Determination | None:
    try:
        return from_plain(StoredDetermination, parse_json(kept.result)).determination
    except (msgspec.DecodeError, msgspec.ValidationError):
        # One of an engine that is no longer here: its reasons cannot be read, so the officer writes them.
        return None


def _chinese(number: int) -> str:
    """Return 一 to 九十九."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _COUNT[tens - 1]) + ("十" if tens else "") + (_COUNT[ones - 1] if ones else "")
