"""What a scanned or typed text means: an enterprise's code, one of our own signed codes, or something to keep raw.

Nothing here opens an address, looks anything up or says whose code it is; that is the enterprise lookup's work.
The order of the readings is domain.md 5.2.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, urlsplit

from stdnum.cn import ric, uscc

from core.kernel.records import Record

SIGNED_PREFIX = "MJ1:"
# A payload longer than the largest QR code holds (7089 digits, ISO/IEC 18004 table 7) is kept, but not searched.
_READABLE_CHARS_MAX = 7089
_LICENSE_HOST = "gsxt.gov.cn"

_CHARSET = "0-9A-HJ-NPQRTUWXY"
# Department and class may be letters (N2 is a village collective); stdnum wants digits there, so the shape is ours.
# Source: GB 32100-2015, domain.md 5.1.
_SHAPE = re.compile(rf"[{_CHARSET}]{{2}}[0-9]{{6}}[{_CHARSET}]{{10}}")
_TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])")
_MISPRINT = re.compile(r"[0-9A-Z]{1,18}")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015]+")
_LEGACY = re.compile(r"[0-9]{15}")


class CodeKind(StrEnum):
    """The five readings of a text."""

    LICENSE_URL = "license_url"
    USCC = "uscc"
    SIGNED = "signed"
    PROVINCIAL = "provincial"
    UNKNOWN = "unknown"


class ProvincialPrefix(Record):
    """How the codes of one province or system begin. A table of them is configuration, never law: no format of a
    provincial code is published (domain.md 5.4), so an entry counts as 未核实 until the office has confirmed it.
    """

    prefix: str
    system: str
    verified: bool = False


class ScannedCode(Record):
    """One text and what it means.

    Attributes:
        raw: The text exactly as it came, for the record of the visit.
        kind: The reading.
        uscc: The unified social credit code found in it, upper case, also when its check digit is wrong.
        valid: Whether `uscc` is there and passes its check digit. A signed code is not `valid` here:
            whether it is genuine is decided with the key (core.codes.signed).
        legacy_number: The old 15-digit registration number; an alias to search with, never a code of its own.
        system: Whose provincial code it is.
        candidates: All valid credit codes found when there are several; then `uscc` is None and a person chooses.
        remarks: Keys of the message catalogue, for the person to read.
    """

    raw: str
    kind: CodeKind
    uscc: str | None = None
    valid: bool = False
    legacy_number: str | None = None
    system: str | None = None
    candidates: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def clean_uscc(text: str) -> str:
    """Return the text as a credit code is stored: full-width folded, spaces and hyphens dropped, upper case."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def is_uscc(text: str) -> bool:
    """Return whether the text, cleaned or already clean, is a credit code with the right check digit.

    The weights and the check digit are python-stdnum's.
    Source: GB 32100-2015, domain.md 5.1.
    """
    code = clean_uscc(text)
    return _SHAPE.fullmatch(code) is not None and code[17] == uscc.calc_check_digit(code[:17])


def has_organisation_digit(code: str) -> bool:
    """Return whether character 17 of a credit code is the check digit of the organisation code in 9 to 17.

    stdnum does not look at it. A wrong one is a remark, not a refusal: GB 32100 has the last word by character 18.
    Source: GB 11714-1997, weights 3 7 9 10 5 8 4 2 modulo 11; domain.md 5.1.
    """
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(char, 36) * weight for char, weight in zip(code[8:16], weights, strict=True))
    return code[16] == "0123456789X"[(11 - total) % 11]


def read_code(raw: str, *, provincial: tuple[ProvincialPrefix, ...] = ()) -> ScannedCode:
    """Return what the text means. Total: any text has a reading, the last one is "unknown".

    Order: our signed code, an address with `uniscid`, a provincial prefix of the table, any 18-character token that
    is a valid credit code, a text that only looks like one (not valid), else unknown with the raw text.
    Source: domain.md 5.2.
    """
    text = raw.strip()
    if text.startswith(SIGNED_PREFIX):
        return ScannedCode(raw=raw, kind=CodeKind.SIGNED)
    # A wedge scanner typing through an input method sends full-width letters and digits.
    folded = unicodedata.normalize("NFKC", text[:_READABLE_CHARS_MAX])
    return (
        _license_url(raw, folded)
        or _provincial(raw, text, folded, provincial)
        or _bare(raw, folded)
        or _unknown(raw, folded)
    )


def _license_url(raw: str, text: str) -> ScannedCode | None:
    address = _address(text)
    if address is None:
        return None
    values = {clean_uscc(value) for name, value in parse_qsl(address.query) if name.lower() == "uniscid"}
    if len(values) != 1:
        return None
    code = values.pop()
    remarks = () if _is_license_host(address) else ("codes.remark.other_host",)
    if _SHAPE.fullmatch(code) is None:
        shown = code if _MISPRINT.fullmatch(code) else None
        return ScannedCode(
            raw=raw, kind=CodeKind.LICENSE_URL, uscc=shown, remarks=(*remarks, "codes.remark.check_digit")
        )
    return _with_uscc(raw, CodeKind.LICENSE_URL, code, remarks)


def _provincial(raw: str, text: str, folded: str, table: tuple[ProvincialPrefix, ...]) -> ScannedCode | None:
    known = [entry for entry in table if entry.prefix and text.startswith(entry.prefix)]
    if not known:
        return None
    entry = max(known, key=lambda one: len(one.prefix))
    remarks = () if entry.verified else ("codes.remark.provincial_unverified",)
    found = _valid_tokens(folded)
    if len(found) == 1:
        with_code = _with_uscc(raw, CodeKind.PROVINCIAL, found[0], remarks)
        return ScannedCode(
            raw=raw,
            kind=CodeKind.PROVINCIAL,
            uscc=with_code.uscc,
            valid=with_code.valid,
            system=entry.system,
            remarks=with_code.remarks,
        )
    return ScannedCode(raw=raw, kind=CodeKind.PROVINCIAL, system=entry.system, candidates=found, remarks=remarks)


def _bare(raw: str, text: str) -> ScannedCode | None:
    found = _valid_tokens(text)
    if len(found) == 1:
        return _with_uscc(raw, CodeKind.USCC, found[0], ())
    if len(found) > 1:
        return ScannedCode(raw=raw, kind=CodeKind.UNKNOWN, candidates=found, remarks=("codes.remark.several",))
    whole = clean_uscc(text)
    # An identity card has 18 characters too; taken for a code it would put a person's number into lists and logs.
    if _SHAPE.fullmatch(whole) and not ric.is_valid(whole):
        return _with_uscc(raw, CodeKind.USCC, whole, ())
    return None


def _unknown(raw: str, text: str) -> ScannedCode:
    whole = clean_uscc(text)
    if _LEGACY.fullmatch(whole):
        return ScannedCode(raw=raw, kind=CodeKind.UNKNOWN, legacy_number=whole, remarks=("codes.remark.legacy_number",))
    if len(whole) == 18 and ric.is_valid(whole):
        return ScannedCode(raw=raw, kind=CodeKind.UNKNOWN, remarks=("codes.remark.identity_number",))
    return ScannedCode(raw=raw, kind=CodeKind.UNKNOWN, remarks=("codes.remark.unread",))


def _with_uscc(raw: str, kind: CodeKind, code: str, remarks: tuple[str, ...]) -> ScannedCode:
    valid = is_uscc(code)
    if not valid:
        remarks = (*remarks, "codes.remark.check_digit")
    elif not has_organisation_digit(code):
        remarks = (*remarks, "codes.remark.organisation_digit")
    return ScannedCode(raw=raw, kind=kind, uscc=code, valid=valid, remarks=remarks)


def _valid_tokens(text: str) -> tuple[str, ...]:
    """Return the valid credit codes in the text, in order, each once; the whole text counts with spaces inside."""
    tokens = [clean_uscc(text), *(match.group().upper() for match in _TOKEN.finditer(text))]
    return tuple(dict.fromkeys(token for token in tokens if is_uscc(token)))


def _address(text: str) -> SplitResult | None:
    try:
        address = urlsplit(text)
    except ValueError:
        # "http://[" and the like: whatever it is, it is no address.
        return None
    return address if address.scheme in ("http", "https") and address.netloc else None


def _is_license_host(address: SplitResult) -> bool:
    host = address.hostname or ""
    return host == _LICENSE_HOST or host.endswith("." + _LICENSE_HOST)
