"""Document numbers (文号): blocks leased to a station, their use, and the gap report.

A number is never given twice and never given back; a voided one keeps its reason. An unenrolled station makes its
own blocks. Source: domain.md 2.1 (offline numbering); 行政处罚法 art. 52 wants on-the-spot forms pre-numbered.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from core.domain.documents import DocumentKind
from core.kernel.errors import Refusal
from core.kernel.ids import cell_id
from core.kernel.records import Record, changed

DEFAULT_PATTERN = "{agency_abbr}{type_abbr}〔{year}〕{seq}号"
# Below this many unused numbers the officer is warned. Source: domain.md 2.1.
LOW_WATER = 5
OWN_BLOCK_SIZE = 200
"""Numbers in a block that an unenrolled station makes for itself."""


class UseState(StrEnum):
    """未用, 占用, 作废."""

    UNUSED = "unused"
    TAKEN = "taken"
    VOID = "void"


class NumberBlock(Record):
    """Numbers first … last of one body, kind and year, for one station. `next_seq` is the first never touched."""

    id: str
    body: str
    kind: DocumentKind
    year: int
    station: str
    first: int
    last: int
    next_seq: int
    leased_at: datetime
    is_burnt: bool = False
    """The station was restored or lost: what is unused here must never be used."""
    burnt_reason: str = ""
    source: str = "own"
    """own: made by an unenrolled station; hq: leased."""


class NumberUse(Record):
    """What became of one number. A number without a record is unused."""

    id: str
    block: str
    seq: int
    text: str
    state: UseState
    document: str = ""
    reason: str = ""
    at: datetime
    by: str


class Gap(Record):
    """A number that is neither on a document nor explained."""

    block: str
    seq: int
    why: str
    """no_record: passed over without a trace; no_document: taken, but no such document."""


class BlockReport(Record):
    """One block for the numbers page."""

    block: NumberBlock
    unused: int
    taken: int
    void: int
    is_low: bool
    gaps: tuple[Gap, ...]
    voided: tuple[NumberUse, ...] = ()
    """Spoiled numbers, each with its reason."""


def new_block(
    identifier: str,
    *,
    body: str,
    kind: DocumentKind,
    year: int,
    station: str,
    first: int,
    size: int,
    at: datetime,
    source: str = "own",
) -> NumberBlock:
    """Return a fresh block of `size` numbers from `first`."""
    assert size > 0
    assert first > 0
    return NumberBlock(
        id=identifier,
        body=body,
        kind=kind,
        year=year,
        station=station,
        first=first,
        last=first + size - 1,
        next_seq=first,
        leased_at=at,
        source=source,
    )


def remaining(block: NumberBlock) -> int:
    """Return how many numbers of the block may still be taken."""
    return 0 if block.is_burnt else max(0, block.last - block.next_seq + 1)


def is_low(blocks: Iterable[NumberBlock]) -> bool:
    """Tell whether fewer than five numbers are left in all blocks of one body, kind and year (domain.md 2.1)."""
    return sum(remaining(block) for block in blocks) < LOW_WATER


def block_for(blocks: Iterable[NumberBlock], *, year: int) -> NumberBlock | None:
    """Return the block of that year to take from: the one with the lowest free number. Years never mix."""
    usable = [block for block in blocks if block.year == year and remaining(block)]
    return min(usable, key=lambda block: block.next_seq, default=None)


def next_first(blocks: Iterable[NumberBlock], *, year: int) -> int:
    """Return where a new own block of the year begins: behind every number ever allotted, burnt ones too."""
    return max((block.last for block in blocks if block.year == year), default=0) + 1


def take(block: NumberBlock, text: str, *, document: str, at: datetime, by: str) -> tuple[NumberBlock, NumberUse]:
    """Return the block after its next number was taken, and the use.

    Raises:
        Refusal: "numbers.block_exhausted", params kind, year.
    """
    if not remaining(block):
        raise Refusal("numbers.block_exhausted", kind=block.kind.value, year=block.year)
    use = NumberUse(
        id=use_id(block.id, block.next_seq),
        block=block.id,
        seq=block.next_seq,
        text=text,
        state=UseState.TAKEN,
        document=document,
        at=at,
        by=by,
    )
    return changed(block, next_seq=block.next_seq + 1), use


def void(use: NumberUse, reason: str, *, at: datetime, by: str) -> NumberUse:
    """Return the use as 作废. The number stays used up.

    Raises:
        Refusal: "numbers.void_reason_missing", params number; "numbers.already_void", params number.
    """
    if not reason.strip():
        raise Refusal("numbers.void_reason_missing", number=use.text)
    if use.state is UseState.VOID:
        raise Refusal("numbers.already_void", number=use.text)
    return changed(use, state=UseState.VOID, reason=reason.strip(), at=at, by=by)


def overlaps(block: NumberBlock, other: NumberBlock) -> bool:
    """Tell whether two blocks of one series hold the same numbers; a block does not overlap itself."""
    is_one_series = (block.body, block.kind, block.year) == (other.body, other.kind, other.year)
    return is_one_series and block.id != other.id and other.first <= block.last and block.first <= other.last


def burnt(block: NumberBlock, reason: str) -> NumberBlock:
    """Return the block as burnt: a number given back could be printed twice."""
    return changed(block, is_burnt=True, burnt_reason=reason)


def use_id(block: str, seq: int) -> str:
    """Return the id of a number's use, so that one number can have one record only."""
    return cell_id("number_use", block, str(seq))


def format_number(pattern: str, *, agency_abbr: str, type_abbr: str, year: int, seq: int) -> str:
    """Return the number as printed: 〔〕 and no leading zeros (GB/T 9704-2012 7.2.5).

    Raises:
        Refusal: "numbers.pattern_invalid", params pattern: it lacks {seq} or {year}, or names something unknown.
    """
    known = {"agency_abbr": agency_abbr, "type_abbr": type_abbr, "year": str(year), "seq": str(seq)}
    if "{seq}" not in pattern or "{year}" not in pattern:
        raise Refusal("numbers.pattern_invalid", pattern=pattern)
    try:
        return pattern.format(**known)
    except (KeyError, IndexError, ValueError) as error:
        raise Refusal("numbers.pattern_invalid", pattern=pattern) from error


def report(block: NumberBlock, uses: Iterable[NumberUse], documents: Iterable[str]) -> BlockReport:
    """Return the counts of a block and its gaps; an honest store has none, spoiled numbers are explained.

    Args:
        uses: Uses of any blocks; others are passed over.
        documents: Ids of the documents that exist.
    """
    own = {use.seq: use for use in uses if use.block == block.id}
    exist = frozenset(documents)
    gaps: list[Gap] = []
    for seq in range(block.first, block.next_seq):
        use = own.get(seq)
        if use is None:
            gaps.append(Gap(block=block.id, seq=seq, why="no_record"))
        elif use.state is UseState.TAKEN and use.document not in exist:
            gaps.append(Gap(block=block.id, seq=seq, why="no_document"))
    return BlockReport(
        block=block,
        unused=remaining(block),
        taken=sum(use.state is UseState.TAKEN for use in own.values()),
        void=sum(use.state is UseState.VOID for use in own.values()),
        is_low=remaining(block) < LOW_WATER,
        gaps=tuple(gaps),
        voided=tuple(own[seq] for seq in sorted(own) if own[seq].state is UseState.VOID),
    )
