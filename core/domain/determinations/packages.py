"""Signed packages: what hq publishes, and what a station may take in place of the rules it has.

A package travels as its canonical bytes with their hash, a signature, the signer's key id and the days it may be taken
up. How a signature is made and checked comes in from outside; no key is ever inside a package.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import date

import msgspec

from core.domain.determinations.examples import check_package
from core.domain.determinations.parsing import parse_package
from core.domain.determinations.rules import RulePackage, package_bytes, package_hash
from core.kernel.errors import Refusal
from core.kernel.records import Record, canonical_bytes, changed, parse_json

# Makes a signature over bytes.
Sign = Callable[[bytes], bytes]
# Says whether a signature over bytes was made by a public key: public, message, signature.
Verify = Callable[[bytes, bytes, bytes], bool]

_KIND = "mingjian-rule-package"


class SignedPackage(Record):
    """A package as it is published. `expires_on` is the last local day on which it may be taken up; None: no end."""

    content: bytes
    sha256: str
    signer: str
    signed_on: date
    expires_on: date | None = None
    signature: bytes


class Accepted(Record):
    """A package that was checked, with who signed it and when."""

    package: RulePackage
    sha256: str
    signer: str
    signed_on: date
    is_new: bool


def sign_package(
    package: RulePackage, sign: Sign, *, signer: str, on: date, expires_on: date | None = None
) -> SignedPackage:
    """Return the package ready to be published.

    Raises:
        Refusal: "rules.package_fails", params package, count, names: an example does not give what it should;
            "rules.package_dates", params package, signed_on, other: signed before it was issued, or expired at once.
    """
    failed = [each.name for each in check_package(package) if not each.is_passed]
    name = f"{package.id}@{package.version}"
    if failed:
        raise Refusal("rules.package_fails", package=name, count=len(failed), names="、".join(failed[:5]))
    if on < package.issued_on or (expires_on is not None and expires_on < on):
        other = package.issued_on if on < package.issued_on else expires_on
        raise Refusal("rules.package_dates", package=name, signed_on=on, other=other)
    version_key(package.version)
    content = package_bytes(package)
    unsigned = SignedPackage(
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        signer=signer,
        signed_on=on,
        expires_on=expires_on,
        signature=b"",
    )
    return changed(unsigned, signature=sign(signed_bytes(unsigned)))


def signed_bytes(signed: SignedPackage) -> bytes:
    """Return the bytes that the signature covers: everything but the signature, the content by its hash."""
    return canonical_bytes(
        {
            "kind": _KIND,
            "sha256": signed.sha256,
            "signer": signed.signer,
            "signed_on": signed.signed_on,
            "expires_on": signed.expires_on,
        }
    )


def accept_package(
    signed: SignedPackage, verify: Verify, *, trusted: Mapping[str, bytes], on: date, held: Accepted | None = None
) -> Accepted:
    """Return the package inside, once everything about it is sound.

    Args:
        trusted: Public keys by key id, of those who may publish rules.
        on: Local day on which it is taken up.
        held: What this store has taken up already under the same package id; version and days never go back.

    Raises:
        Refusal: "rules.unsigned"; "rules.signer_unknown", params signer; "rules.package_altered";
            "rules.package_expired", params package, expires_on; "rules.package_early", params package, signed_on;
            "rules.package_older", params package, version, held; "rules.package_other", params package, held;
            "rules.bad_package", "rules.package_fails".
    """
    _check_signature(signed, verify, trusted)
    try:
        plain = parse_json(signed.content)
    except msgspec.DecodeError as error:
        raise Refusal("rules.package_altered") from error
    package = parse_package(plain)
    name = f"{package.id}@{package.version}"
    if package_hash(package) != signed.sha256:
        # Signed, and yet not the bytes that this program makes of it: read otherwise than its author meant it.
        raise Refusal("rules.package_altered")
    if signed.signed_on > on:
        raise Refusal("rules.package_early", package=name, signed_on=signed.signed_on)
    is_new = held is None or held.sha256 != signed.sha256
    if is_new and signed.expires_on is not None and signed.expires_on < on:
        raise Refusal("rules.package_expired", package=name, expires_on=signed.expires_on)
    _check_order(package, signed, held)
    failed = [each.name for each in check_package(package) if not each.is_passed]
    if failed:
        raise Refusal("rules.package_fails", package=name, count=len(failed), names="、".join(failed[:5]))
    return Accepted(
        package=package, sha256=signed.sha256, signer=signed.signer, signed_on=signed.signed_on, is_new=is_new
    )


def _check_signature(signed: SignedPackage, verify: Verify, trusted: Mapping[str, bytes]) -> None:
    if not signed.signature:
        raise Refusal("rules.unsigned")
    public = trusted.get(signed.signer)
    if public is None:
        raise Refusal("rules.signer_unknown", signer=signed.signer)
    is_whole = hashlib.sha256(signed.content).hexdigest() == signed.sha256
    if not (is_whole and verify(public, signed_bytes(signed), signed.signature)):
        raise Refusal("rules.package_altered")


def _check_order(package: RulePackage, signed: SignedPackage, held: Accepted | None) -> None:
    """Refuse what would lead back: an older version, an earlier day, or another content under the same version."""
    if held is None or held.sha256 == signed.sha256:
        return
    name, before = f"{package.id}@{package.version}", f"{held.package.id}@{held.package.version}"
    if package.id != held.package.id:
        raise Refusal("rules.package_other", package=name, held=before)
    is_later = version_key(package.version) > version_key(held.package.version)
    if not is_later or package.issued_on < held.package.issued_on or signed.signed_on < held.signed_on:
        raise Refusal("rules.package_older", package=name, held=before, signed_on=signed.signed_on)


def version_key(version: str) -> tuple[int, ...]:
    """Return a version as numbers in their order: 2026.10 stands after 2026.9.

    Raises:
        Refusal: "rules.version", params version.
    """
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}", version):
        return tuple(int(part) for part in version.split("."))
    raise Refusal("rules.version", version=version)
