"""Forms (文书格式): wording as data, and how values become the frozen facts of a paper.

A form is one TOML file of resources/documents; a body lays its own over it without code. Forms that stand in for
the ministry's official set are marked placeholder and printed as 未核实. Source: domain.md 2.1, 2.2, 2.2a.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

import msgspec

from core.domain.documents import (
    Block,
    BlockKind,
    DocumentFacts,
    DocumentKind,
    FieldValue,
    Issuer,
    Layout,
    Signature,
    printed_date,
)
from core.kernel.errors import Refusal
from core.kernel.records import Record

Value: TypeAlias = "str | tuple[str, ...] | tuple[tuple[str, ...], ...]"

# 行政处罚法 art. 51: at most 3,000 yuan for a legal person on the spot, 200 yuan for a citizen (domain.md 0, point 4).
SUMMARY_FINE_CENTS_MAX = 300_000
HEAD_DECISION = "head_decision"
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_COLUMN = re.compile(r"[|｜\t]")


class FormField(Record):
    """One value a form takes. `article` is the law that makes a required one mandatory."""

    id: str
    label: str
    required: bool = False
    article: str = ""
    is_long: bool = False
    """The window offers several lines."""
    is_handwritten: bool = False
    """Left empty it is room to write on the paper; other empty fields are closed with a stroke (domain.md 2.1)."""
    default: str = ""
    """What the paper says unless the visit or the officer says otherwise."""
    required_when: str = ""
    """Another field, or `field=word`: mandatory where that field has a value, or holds that word."""
    columns: tuple[str, ...] = ()
    """Of a list: what its columns mean. Typed, each line is a row and | parts the columns."""


class FormPart(Record):
    """One part of the body. `when` names a field without which the part is left out, or is `field=word`."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    """Of a form: ids of fields, row by row."""
    field: str = ""
    """Of a table: id of the field that holds its rows."""
    headings: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    when: str = ""


class FormSignature(Record):
    """One signature block a form wants."""

    role: str
    label: str
    required: bool = True
    on_each_page: bool = False


class FormDeadline(Record):
    """A date that is counted, not typed, and printed as a date."""

    field: str
    rule: str
    """Id of a rule in resources/rules/deadlines.toml."""
    start: str = "issued_on"
    """The paper's own date, or the id of a field that holds a date."""


class Form(Record):
    """The wording and the mandatory content of one kind."""

    kind: DocumentKind
    title: str
    layout: Layout
    type_abbr: str = ""
    """文种代字 of the number; empty: the kind has no number of its own."""
    source: str
    note: str = ""
    """What whoever fills the form in should know of its wording."""
    confidence: str
    """certain, second_hand, inferred or placeholder; all but certain print 未核实."""
    is_draft_only: bool = False
    """Needs the head's decision first (domain.md 2.2, Off = D): printed as 草稿 until `head_decision` is filled in."""
    remedy: str = ""
    """Row of the remedy generator (remedies.py); empty: the paper carries no remedy text."""
    seal: str = "seal"
    """seal, plain (name and date only) or none."""
    seal_shift_mm: tuple[int, int] = (0, 0)
    """Name, date and seal place that much further right and down, in millimetres, for pre-sealed stock."""
    copies: tuple[str, ...] = ()
    fields: tuple[FormField, ...]
    parts: tuple[FormPart, ...]
    signatures: tuple[FormSignature, ...] = ()
    deadlines: tuple[FormDeadline, ...] = ()


class PaperContext(Record):
    """What a paper needs beside the values of its fields."""

    id: str
    visit: str
    body: str
    issued_at: datetime
    issued_on: date
    chain_head: str = ""
    station: str = ""
    list_versions: dict[str, int] = {}
    is_demo: bool = False
    late_reason: str = ""
    amount_cents: int | None = None
    due_on: date | None = None
    unverified: tuple[str, ...] = ()
    """Ids of fields whose value nobody has verified."""


def read_form(plain: Any) -> Form:
    """Build a form from the plain form of its TOML.

    Raises:
        Refusal: "documents.form_invalid", params reason: a file that a body wrote does not fit.
    """
    try:
        form = msgspec.convert(plain, Form)
    except msgspec.ValidationError as error:
        raise Refusal("documents.form_invalid", reason=str(error)) from error
    across, down = form.seal_shift_mm
    if form.seal not in _SEALS or across not in SEAL_ACROSS_MM or down not in SEAL_DOWN_MM:
        raise Refusal("documents.form_invalid", reason=f"seal = {form.seal}, seal_shift_mm = {across}, {down}")
    known = {field.id for field in form.fields} | _GIVEN
    used = {name for part in form.parts for name in _names(part)}
    used.update(name for one in form.deadlines for name in (one.field, one.start))
    used.update(field.required_when.partition("=")[0] for field in form.fields if field.required_when)
    if used <= known:
        return form
    raise Refusal("documents.form_invalid", reason="、".join(sorted(used - known)))


_SEALS = ("seal", "plain", "none")
SEAL_ACROSS_MM = range(-110, 21)
SEAL_DOWN_MM = range(61)
"""Within these the seal stays in the type area (156 mm wide) and above the foot of the page."""
PHOTO_COLUMNS = 4
"""SHA-256, maker, time, object of proof (行诉证据规定 arts 12, 15)."""
_ROOM_TO_WRITE = "\n\n"
_GIVEN = {"body", "issued_on", "number", "photos"}


def _names(part: FormPart) -> set[str]:
    names = set(_PLACEHOLDER.findall(part.text))
    names.update(name for row in part.rows for name in row)
    names.update(name for name in (part.field, part.when.partition("=")[0]) if name)
    return names


def missing_fields(form: Form, values: Mapping[str, Value]) -> tuple[FormField, ...]:
    """Return the mandatory fields that have no value yet, with the article that asks for each."""
    return tuple(field for field in form.fields if _is_wanted(field, values) and not _has(values, field.id))


def check_fine(kind: DocumentKind, amount_cents: int | None) -> None:
    """Refuse an on-the-spot fine beyond what the law allows.  Raises Refusal "documents.fine_too_high"."""
    if kind is DocumentKind.SUMMARY_PENALTY and amount_cents is not None and amount_cents > SUMMARY_FINE_CENTS_MAX:
        raise Refusal("documents.fine_too_high", yuan=amount_cents // 100, yuan_max=SUMMARY_FINE_CENTS_MAX // 100)


def with_defaults(form: Form, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values with the form's own words where there are none. A value that was emptied stays empty."""
    return {field.id: field.default for field in form.fields if field.default} | dict(values)


def _is_wanted(field: FormField, values: Mapping[str, Value]) -> bool:
    return _holds(field.required_when, values) if field.required_when else field.required


def _holds(condition: str, values: Mapping[str, Value]) -> bool:
    name, has_word, word = condition.partition("=")
    # 不同意 must not pass for 同意.
    return as_text(values.get(name, "")).strip().startswith(word) if has_word else _has(values, name)


def check_fields(form: Form, values: Mapping[str, Value]) -> None:
    """Refuse a paper that lacks mandatory content, before a number is taken.

    Raises:
        Refusal: "documents.field_missing", params title, fields (labels with their articles), ids.
    """
    missing = missing_fields(form, values)
    if missing:
        shown = "；".join(f"{one.label}（{one.article}）" if one.article else one.label for one in missing)
        raise Refusal("documents.field_missing", title=form.title, fields=shown, ids=[one.id for one in missing])


def facts_of(
    form: Form,
    values: Mapping[str, Value],
    context: PaperContext,
    *,
    number: str,
    signatures: tuple[Signature, ...] = (),
    remedy: tuple[Block, ...] = (),
) -> DocumentFacts:
    """Return the frozen facts of one paper. `signatures` are the blocks filled so far, matched by role."""
    filled = {name: _clean(value) for name, value in values.items()}
    filled |= {"body": context.body, "issued_on": printed_date(context.issued_on), "number": number}
    known = {field.id for field in form.fields}
    unverified = frozenset(context.unverified)
    blocks = tuple(block for part in form.parts for block in _block(part, form, filled, unverified, remedy))
    return DocumentFacts(
        id=context.id,
        kind=form.kind,
        number=number,
        body=context.body,
        title=form.title,
        layout=form.layout,
        visit=context.visit,
        # A paper about no enterprise must not carry in its code the one in whose visit it was made.
        party=as_text(filled.get("party_name", "")) if "party_name" in known else "",
        uscc=as_text(filled.get("uscc", "")) if "uscc" in known else "",
        amount_cents=context.amount_cents,
        due_on=context.due_on,
        issued_at=context.issued_at,
        issued_on=context.issued_on,
        blocks=blocks,
        signatures=_signatures(form, signatures),
        issuer=_issuer(form, context),
        copies=form.copies,
        late_reason=context.late_reason,
        is_demo=context.is_demo,
        is_draft=_is_draft(form, filled, number),
        chain_head=context.chain_head,
        station=context.station,
        list_versions=dict(sorted(context.list_versions.items())),
        form_source=f"{form.source} [{form.confidence}]",
        is_form_unverified=form.confidence != "certain",
    )


def as_text(value: Value) -> str:
    """Return a value as running text: several entries are numbered, one a line."""
    if isinstance(value, str):
        return value.replace("\t", " ")
    lines = ["，".join(entry) if isinstance(entry, tuple) else entry for entry in value]
    if len(lines) < 2:
        return "".join(lines)
    return "\n".join(f"{place}. {line}" for place, line in enumerate(lines, 1))


def _clean(value: Value) -> Value:
    """Line ends of a pasted text have no glyph; every other character is drawn or refused by name."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return value


def _is_draft(form: Form, values: Mapping[str, Value], number: str) -> bool:
    if form.is_draft_only and not _has(values, HEAD_DECISION):
        return True
    return not number and bool(form.type_abbr)


def _has(values: Mapping[str, Value], name: str) -> bool:
    value = values.get(name, "")
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _block(
    part: FormPart, form: Form, values: Mapping[str, Value], unverified: frozenset[str], remedy: tuple[Block, ...]
) -> tuple[Block, ...]:
    if part.when and not _holds(part.when, values):
        return ()
    if part.kind == "remedy":
        return remedy
    kind = BlockKind(part.kind)
    if kind is BlockKind.PHOTOS:
        return (Block(kind=kind, text=part.text, rows=_rows(values.get(part.field, ()), PHOTO_COLUMNS)),)
    names = set(_PLACEHOLDER.findall(part.text))
    text = _PLACEHOLDER.sub(lambda match: as_text(values.get(match[1], "")), part.text)
    is_unverified = bool(names & unverified)
    if kind is BlockKind.FORM:
        labels = {field.id: field.label for field in form.fields}
        by_hand = {field.id for field in form.fields if field.is_handwritten}
        grid = tuple(
            tuple(
                FieldValue(
                    id=name,
                    label=labels.get(name, name),
                    value=as_text(values.get(name, "")) or (_ROOM_TO_WRITE if name in by_hand else ""),
                    is_unverified=name in unverified,
                )
                for name in row
            )
            for row in part.rows
        )
        return (Block(kind=kind, grid=grid),)
    if kind is BlockKind.TABLE:
        rows = _rows(values.get(part.field, ()), len(part.headings))
        return (Block(kind=kind, text=text, headings=part.headings, widths=part.widths, rows=rows),)
    # Every newline in a value begins a paragraph of its own, so that each is indented.
    return tuple(
        Block(kind=kind, text=line, is_unverified=is_unverified and place == 0)
        for place, line in enumerate(text.split("\n"))
    )


def _rows(value: Value, columns: int) -> tuple[tuple[str, ...], ...]:
    if isinstance(value, str):
        typed = (line for line in value.split("\n") if line.strip())
        value = tuple(tuple(cell.strip() for cell in _COLUMN.split(line)) for line in typed)
    rows = [entry if isinstance(entry, tuple) else (entry,) for entry in value if entry]
    return tuple((row + ("",) * columns)[:columns] for row in rows)


def _signatures(form: Form, given: tuple[Signature, ...]) -> tuple[Signature, ...]:
    blocks: list[Signature] = []
    for wanted in form.signatures:
        # A role may be signed by several people (both officers): each has a block of its own.
        signed = [block for block in given if block.role == wanted.role] or [Signature(role=wanted.role)]
        blocks.extend(
            msgspec.structs.replace(
                block,
                label=wanted.label,
                is_required=wanted.required,
                on_each_page=wanted.on_each_page,
            )
            for block in signed
        )
    return tuple(blocks)


def _issuer(form: Form, context: PaperContext) -> Issuer | None:
    if form.seal == "none":
        return None
    return Issuer(
        body=context.body,
        date_text=printed_date(context.issued_on),
        has_seal_place=form.seal == "seal",
        seal_shift_mm=form.seal_shift_mm if any(form.seal_shift_mm) else msgspec.UNSET,
    )
