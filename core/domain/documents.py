"""Documents (执法文书): the 29 kinds, the frozen facts of one paper, its signature blocks and its states.

A `DocumentFacts` is complete: drawing looks nothing up. The wording comes from resources/documents
(document_forms.py composes it). Source: design.md section 6; domain.md 2.1 to 2.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

import msgspec

from core.kernel.errors import Refusal
from core.kernel.records import Record, canonical_bytes, changed

FACTS_SCHEMA = 1
UNVERIFIED = "未核实"
DEMO_MARK = "示例数据"
# Crockford's base32: no I, L, O, U, so that a code read aloud or typed from paper is not mistaken.
_SHORT_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHORT_LENGTH = 10


class DocumentKind(StrEnum):
    """The kinds D01 to D29 in the order of domain.md 2.2."""

    APPROVAL_FORM = "approval_form"
    INSPECTION_NOTICE = "inspection_notice"
    SCENE_RECORD = "scene_record"
    SURVEY_RECORD = "survey_record"
    INTERVIEW_RECORD = "interview_record"
    SAMPLING_RECORD = "sampling_record"
    RESULT_LETTER = "result_letter"
    ORDER_TO_CORRECT = "order_to_correct"
    SUMMARY_PENALTY = "summary_penalty"
    CASE_FILING_FORM = "case_filing_form"
    PRESERVATION_NOTICE = "preservation_notice"
    PRESERVATION_DISPOSAL = "preservation_disposal"
    SEALING_DECISION = "sealing_decision"
    SEALING_EXTENSION = "sealing_extension"
    PRIOR_NOTICE = "prior_notice"
    STATEMENT_RECORD = "statement_record"
    PENALTY_DECISION = "penalty_decision"
    NO_PENALTY_DECISION = "no_penalty_decision"
    COMMITMENT_LETTER = "commitment_letter"
    EDUCATION_RECORD = "education_record"
    SERVICE_RECEIPT = "service_receipt"
    SERVICE_ADDRESS = "service_address"
    TRANSFER_LETTER = "transfer_letter"
    RECHECK_RECORD = "recheck_record"
    JOINT_NOTICE = "joint_notice"
    FINE_RECEIPT = "fine_receipt"
    SUPERVISION_REPLY = "supervision_reply"
    PROCURATOR_REPLY = "procurator_reply"
    COVER_SHEET = "cover_sheet"

    @property
    def code(self) -> str:
        """Return D01 … D29, as domain.md 2.2 numbers the kinds."""
        return f"D{list(DocumentKind).index(self) + 1:02d}"


def kind_of(text: str) -> DocumentKind | None:
    """Return the kind by its name or its code (D02, d02); None: there is no such kind."""
    wanted = text.strip()
    for kind in DocumentKind:
        if wanted == kind.value or wanted.upper() == kind.code:
            return kind
    return None


class DocumentState(StrEnum):
    """States of a document. DRAFT has its number and paper, but a needed signature is still missing."""

    DRAFT = "draft"
    FINAL = "final"
    PRINTED = "printed"
    SERVED = "served"
    SPOILED = "spoiled"


class SignMethod(StrEnum):
    """How a block was signed, or why it was not (domain.md 2.3)."""

    INK = "ink"
    DRAWN = "drawn"
    SEAL = "seal"
    FINGERPRINT = "fingerprint"
    REFUSED = "refused"
    UNABLE = "unable"
    ABSENT = "absent"


NEVER_DRAWN = frozenset({DocumentKind.FINE_RECEIPT})
"""Only the finance department's unified receipt is lawful: we keep its number, print none. 行政处罚法 art. 70."""
NOT_SIGNED = frozenset({SignMethod.REFUSED, SignMethod.UNABLE, SignMethod.ABSENT})


class Signature(Record):
    """One signature block. `strokes` are polylines x0,y0,x1,y1 … in thousandths of the box, y downwards."""

    role: str
    """Id of the block in the form: party, officer, witness, body …"""
    label: str = ""
    """What the paper prints before the line."""
    name: str = ""
    method: SignMethod = SignMethod.INK
    reason: str = ""
    witness: str = ""
    media: tuple[str, ...] = ()
    """SHA-256 of photos, video or the scanned-back sheet."""
    signed_at: datetime | None = None
    strokes: tuple[tuple[int, ...], ...] = ()
    is_required: bool = True
    on_each_page: bool = False

    def is_complete(self) -> bool:
        """Tell whether the block holds a signature or a completed refusal block.

        A refusal, inability or absence needs its reason, and a witness or media. Source: 行诉证据规定 art. 15,
        行政强制法 art. 18(9), 民诉法 art. 89 (domain.md 2.3). Ink and seal count once the sheet was scanned back,
        a drawn signature once it has strokes or media.
        """
        if self.method in NOT_SIGNED:
            return bool(self.reason.strip()) and bool(self.witness.strip() or self.media)
        return bool(self.media) or bool(self.strokes)


class FieldValue(Record):
    """One labelled value as printed. An unverified one is printed with 未核实 behind it."""

    id: str
    label: str
    value: str
    is_unverified: bool = False


class BlockKind(StrEnum):
    """The parts a body of a paper is made of."""

    PARAGRAPH = "paragraph"
    SALUTATION = "salutation"
    HEADING = "heading"
    FORM = "form"
    TABLE = "table"
    BLANK_BELOW = "blank_below"
    ANNEX = "annex"
    PHOTOS = "photos"


class Block(Record):
    """One part of the body. FORM uses `grid` (rows of labelled values), TABLE uses headings, rows and widths.

    ANNEX begins a list on a page of its own, behind the signatures of the letter. PHOTOS has rows of SHA-256,
    maker, time and object of proof; the bytes travel beside the facts.
    """

    kind: BlockKind
    text: str = ""
    grid: tuple[tuple[FieldValue, ...], ...] = ()
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    widths: tuple[int, ...] = ()
    """Relative column widths of a table; empty: all alike."""
    is_unverified: bool = False


class Layout(StrEnum):
    """LETTER follows GB/T 9704 (16 pt); RECORD is a ruled form in smaller type with signatures on each page."""

    LETTER = "letter"
    RECORD = "record"
    COVER = "cover"


class Issuer(Record):
    """The body that issues, as printed. `date_text` is the date of the paper in Chinese."""

    body: str
    date_text: str
    has_seal_place: bool = True
    seal_shift_mm: tuple[int, int] | msgspec.UnsetType = msgspec.UNSET
    """How far name, date and seal place stand to the right of and below their usual place, for pre-sealed stock.

    Unset leaves no trace in the canonical bytes: what was signed before this field existed stays what it is.
    """


class DocumentFacts(Record):
    """Everything a paper says, frozen and complete. Same facts give the same bytes, years later too."""

    schema: int = FACTS_SCHEMA
    id: str
    kind: DocumentKind
    number: str
    body: str
    title: str
    layout: Layout
    visit: str = ""
    party: str = ""
    uscc: str = ""
    amount_cents: int | None = None
    """Fine in fen; None: the paper sets none."""
    due_on: date | None = None
    issued_at: datetime
    issued_on: date
    blocks: tuple[Block, ...]
    signatures: tuple[Signature, ...] = ()
    issuer: Issuer | None = None
    remedy: tuple[Block, ...] = ()
    copies: tuple[str, ...] = ()
    """Who gets a copy, printed at the foot of the last page."""
    copy_mark: str = ""
    """副本 and which print it is; empty: the first print."""
    late_reason: str = ""
    """Why it was entered after the fact; printed as 补录 on every page."""
    is_demo: bool = False
    is_draft: bool = False
    chain_head: str = ""
    station: str = ""
    list_versions: dict[str, int] = {}
    form_source: str = ""
    """Where the wording comes from and how sure it is."""
    is_form_unverified: bool = False
    edition: int = 1
    """Counts up when a refusal is noted on a paper that was drawn already; the number stays."""

    def sha256(self) -> str:
        """Return the SHA-256 of the canonical facts in hex: what the code on the paper signs."""
        return hashlib.sha256(canonical_bytes(self)).hexdigest()


class CodeImage(Record):
    """A code to print: its text and its modules, row by row from the top, true is black, no quiet zone."""

    text: str
    matrix: tuple[tuple[bool, ...], ...]


class Document(Record):
    """One document of a visit. Facts and files are blobs; `pdf_blob` is empty until it was drawn."""

    id: str
    visit: str
    kind: DocumentKind
    number: str
    number_use: str = ""
    """Id of its NumberUse; empty for kinds without a number of their own."""
    title: str
    party: str = ""
    state: DocumentState
    facts_blob: str
    """SHA-256 of the canonical facts, which lie in the blob store."""
    earlier_facts: tuple[str, ...] = ()
    pdf_blob: str = ""
    """SHA-256 of the signed PDF in the blob store, and so of its bytes."""
    code_text: str = ""
    short_code: str
    signatures: tuple[Signature, ...] = ()
    made_at: datetime
    made_by: str
    printed_at: tuple[datetime, ...] = ()
    served_at: datetime | None = None
    service_method: str = ""
    spoiled_reason: str = ""
    is_demo: bool = False


def photo_hashes(facts: DocumentFacts) -> tuple[str, ...]:
    """Return the SHA-256 of every photo that the paper shows, each once: the bytes that `render` needs beside it."""
    rows = (row for block in facts.blocks if block.kind is BlockKind.PHOTOS for row in block.rows)
    return tuple(dict.fromkeys(row[0] for row in rows))


def short_code(facts_sha256: str) -> str:
    """Return ten characters of the digest for typing, XXXXX-XXXXX; 50 bits, enough to find one paper in a store."""
    number = int(facts_sha256, 16) >> (256 - 5 * _SHORT_LENGTH)
    letters = "".join(_SHORT_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_SHORT_LENGTH)))
    return f"{letters[:5]}-{letters[5:]}"


def printed_short_code(facts: DocumentFacts) -> str:
    """Return the short code that a paper bears; a copy bears that of its paper, for it names the paper, not a print."""
    return short_code((changed(facts, copy_mark="") if facts.copy_mark else facts).sha256())


def normal_short_code(typed: str) -> str:
    """Return a typed short code in its printed form: capitals, O as 0, I and L as 1, hyphen in the middle."""
    letters = "".join(typed.upper().split()).replace("-", "").translate(str.maketrans("OIL", "011"))
    return f"{letters[:5]}-{letters[5:]}"


def missing_signatures(signatures: Iterable[Signature]) -> tuple[Signature, ...]:
    """Return the required blocks that hold neither a signature nor a completed refusal block."""
    return tuple(block for block in signatures if block.is_required and not block.is_complete())


def lacks_witness(kind: DocumentKind, signed: Signature) -> bool:
    """Tell whether an absence is noted without the witness whom a coercive measure needs; a recording is not enough.

    Source: 行政强制法 art. 18(9) (domain.md 2.3).
    """
    is_absent = kind is DocumentKind.SEALING_DECISION and signed.method is SignMethod.ABSENT
    return is_absent and not signed.witness.strip()


def state_by_signatures(signatures: Iterable[Signature]) -> DocumentState:
    """Return FINAL if every required block is complete, else DRAFT (domain.md 2.3)."""
    return DocumentState.DRAFT if missing_signatures(signatures) else DocumentState.FINAL


def filled(blocks: tuple[Signature, ...], role: str, signed: Signature) -> tuple[Signature, ...]:
    """Return the blocks with the first open one of the role filled; if all are filled, its first one replaced.

    Raises:
        Refusal: "documents.no_such_block", params role.
    """
    places = [place for place, block in enumerate(blocks) if block.role == role]
    if not places:
        raise Refusal("documents.no_such_block", role=role)
    place = next((place for place in places if not blocks[place].is_complete()), places[0])
    old = blocks[place]
    kept = changed(signed, role=role, label=old.label, is_required=old.is_required, on_each_page=old.on_each_page)
    return (*blocks[:place], kept, *blocks[place + 1 :])


def printed_date(day: date) -> str:
    """Return the date as papers print it: 2026年3月6日, no leading zeros (GB/T 9704-2012 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def printed_time(instant: datetime) -> str:
    """Return a local date and time as papers print them: 2026年3月6日9时05分.  Give it Beijing time."""
    return f"{printed_date(instant.date())}{instant.hour}时{instant.minute:02d}分"


def printed_money(cents: int) -> str:
    """Return an amount of fen in figures and capitals: 3000元（人民币叁仟元整）."""
    yuan, fen = divmod(cents, 100)
    figure = f"{yuan}元" if not fen else f"{yuan}.{fen:02d}元"
    return f"{figure}（人民币{capital_money(cents)}）"


_DIGITS = "零壹贰叁肆伍陆柒捌玖"


def capital_money(cents: int) -> str:
    """Return an amount of fen in Chinese capitals (大写金额), below a million million yuan."""
    assert 0 <= cents < 10**14, "an amount beyond what a paper prints"
    yuan, fen = divmod(cents, 100)
    whole = _capital_whole(yuan) + "元" if yuan or not fen else ""
    jiao, fen = divmod(fen, 10)
    if not jiao and not fen:
        return whole + "整"
    middle = f"{_DIGITS[jiao]}角" if jiao else ("零" if whole else "")
    return whole + middle + (f"{_DIGITS[fen]}分" if fen else "整")


def _capital_whole(number: int) -> str:
    if number == 0:
        return "零"
    text, owed_zero = "", False
    for unit, place in (("亿", 10**8), ("万", 10**4), ("", 1)):
        group, number = divmod(number, place)
        if group == 0:
            owed_zero = bool(text)
            continue
        if text and (owed_zero or group < 1000):
            text += "零"
        text += (_capital_whole(group) if group >= 10**4 else _capital_group(group)) + unit
        owed_zero = False
    return text


def _capital_group(group: int) -> str:
    text, zero = "", False
    for unit, place in (("仟", 1000), ("佰", 100), ("拾", 10), ("", 1)):
        digit, group = divmod(group, place)
        if digit:
            text += ("零" if zero and text else "") + _DIGITS[digit] + unit
            zero = False
        else:
            zero = True
    return text
