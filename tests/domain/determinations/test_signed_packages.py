"""Signed packages: taken up only when signed by a known key, whole, in time, newer, and with every example passing."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.crypto.signing import key_id_of, new_signing_key, public_key_of, sign, verify
from core.domain.determinations.packages import (
    Accepted,
    SignedPackage,
    accept_package,
    sign_package,
    signed_bytes,
    version_key,
)
from core.domain.determinations.rules import RulePackage, package_bytes, package_hash
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import canonical_bytes, changed
from core.services.rule_packages import (
    keep_package,
    kept_packages,
    published_package,
    read_signed,
    shipped_package,
    write_signed,
)

ON = date(2026, 3, 5)
PRIVATE = new_signing_key()
SIGNER = key_id_of(public_key_of(PRIVATE)).hex()
TRUSTED = {SIGNER: public_key_of(PRIVATE)}
PACKAGE: RulePackage = shipped_package()


def signed_by(private: bytes, package: RulePackage = PACKAGE, **fields: Any) -> SignedPackage:
    terms: dict[str, Any] = {"signer": SIGNER, "on": ON, **fields}
    return sign_package(package, lambda message: sign(private, message), **terms)


SIGNED = signed_by(PRIVATE, expires_on=ON + timedelta(days=30))


def accepted(signed: SignedPackage = SIGNED, *, on: date = ON, held: Accepted | None = None) -> Accepted:
    return accept_package(signed, verify, trusted=TRUSTED, on=on, held=held)


def refused(signed: SignedPackage, *, on: date = ON, held: Accepted | None = None) -> str:
    with pytest.raises(Refusal) as caught:
        accepted(signed, on=on, held=held)
    return caught.value.code


def test_a_signed_package_is_taken_up_with_its_signer_and_hash() -> None:
    answer = accepted()
    assert answer.package == PACKAGE
    assert (answer.signer, answer.signed_on, answer.is_new) == (SIGNER, ON, True)
    assert answer.sha256 == package_hash(PACKAGE) == hashlib.sha256(package_bytes(PACKAGE)).hexdigest()


def test_the_same_package_and_key_give_the_same_bytes() -> None:
    again = signed_by(PRIVATE, expires_on=ON + timedelta(days=30))
    assert canonical_bytes(again) == canonical_bytes(SIGNED)


def test_a_package_without_a_signature_is_refused() -> None:
    assert refused(changed(SIGNED, signature=b"")) == "rules.unsigned"


def test_a_package_of_an_unknown_signer_is_refused() -> None:
    assert refused(changed(SIGNED, signer="0011223344556677")) == "rules.signer_unknown"


def test_a_package_signed_with_another_key_under_a_known_name_is_refused() -> None:
    assert refused(signed_by(new_signing_key())) == "rules.package_altered"


@pytest.mark.parametrize(
    "fields",
    [
        {"content": SIGNED.content.replace(b"LN-01", b"LN-99")},
        {"content": SIGNED.content + b" "},
        {"sha256": "0" * 64},
        {"signed_on": ON - timedelta(days=1)},
        {"expires_on": None},
        {"expires_on": ON + timedelta(days=31)},
        {"signature": bytes(64)},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_anything_altered_after_signing_is_refused(fields: dict[str, Any]) -> None:
    assert refused(changed(SIGNED, **fields)) == "rules.package_altered"


def resigned(content: bytes, **fields: Any) -> SignedPackage:
    """Return a package whose content its signer made by other means than this program."""
    whole = changed(SIGNED, content=content, sha256=hashlib.sha256(content).hexdigest(), **fields)
    return changed(whole, signature=sign(PRIVATE, signed_bytes(whole)))


def test_signed_bytes_that_are_no_package_are_refused() -> None:
    assert refused(resigned(b"\xff")) == "rules.package_altered"
    assert refused(resigned(b"{}")) == "rules.bad_package"


def test_signed_bytes_that_are_not_the_canonical_ones_are_refused() -> None:
    assert refused(resigned(SIGNED.content + b"\n")) == "rules.package_altered"


def test_a_package_is_taken_up_on_its_last_day_and_not_after() -> None:
    assert accepted(on=ON + timedelta(days=30)).is_new
    assert refused(SIGNED, on=ON + timedelta(days=31)) == "rules.package_expired"


def test_a_package_in_use_stays_in_use_after_its_last_day() -> None:
    again = accepted(on=ON + timedelta(days=400), held=accepted())
    assert not again.is_new


def test_a_package_signed_tomorrow_is_refused_today() -> None:
    assert refused(SIGNED, on=ON - timedelta(days=1)) == "rules.package_early"


def newer(**fields: Any) -> RulePackage:
    return changed(PACKAGE, **{"version": "2026.2", "issued_on": date(2026, 2, 1), **fields})


def test_a_newer_version_replaces_an_older_one_and_never_the_other_way() -> None:
    second = accepted(signed_by(PRIVATE, newer()), held=accepted())
    assert second.package.version == "2026.2"
    assert refused(SIGNED, held=second) == "rules.package_older"


@pytest.mark.parametrize(
    ("package", "on"),
    [
        (newer(version="2026.1"), ON),
        (newer(version="2026.0"), ON),
        (newer(issued_on=date(2025, 12, 31)), ON),
        (newer(), ON - timedelta(days=1)),
    ],
    ids=["same version", "lower version", "issued before", "signed before"],
)
def test_version_and_days_never_go_back(package: RulePackage, on: date) -> None:
    assert refused(signed_by(PRIVATE, package, on=on), held=accepted()) == "rules.package_older"


def test_ten_comes_after_nine() -> None:
    held = accepted(signed_by(PRIVATE, newer(version="2026.9")))
    assert accepted(signed_by(PRIVATE, newer(version="2026.10")), held=held).is_new
    assert version_key("2026.10") > version_key("2026.9.9") > version_key("2026.9")


@pytest.mark.parametrize("version", ["", "2026.", "v1", "1.2.3.4.5", "2026.1-beta", "１"])
def test_a_version_that_has_no_order_is_refused(version: str) -> None:
    with pytest.raises(Refusal) as caught:
        signed_by(PRIVATE, changed(PACKAGE, version=version))
    assert caught.value.code == "rules.version"


def test_another_kind_of_package_does_not_replace_this_one() -> None:
    other = signed_by(PRIVATE, changed(published_package(), version="2027.1"))
    assert refused(other, held=accepted()) == "rules.package_other"


def failing() -> RulePackage:
    return changed(PACKAGE, examples=(changed(PACKAGE.examples[0], expect="transfer"), *PACKAGE.examples[1:]))


def test_a_package_whose_examples_fail_is_not_signed() -> None:
    with pytest.raises(Refusal) as caught:
        signed_by(PRIVATE, failing())
    assert caught.value.code == "rules.package_fails"
    assert caught.value.params["names"] == PACKAGE.examples[0].name


def test_a_package_whose_examples_fail_is_not_taken_up_though_it_is_signed() -> None:
    assert refused(resigned(package_bytes(failing()))) == "rules.package_fails"


@pytest.mark.parametrize(
    ("on", "expires_on", "is_sound"),
    [
        (PACKAGE.issued_on, PACKAGE.issued_on, True),
        (PACKAGE.issued_on - timedelta(days=1), None, False),
        (ON, ON - timedelta(days=1), False),
    ],
)
def test_a_package_is_signed_between_its_issue_and_its_last_day(
    on: date, expires_on: date | None, *, is_sound: bool
) -> None:
    if is_sound:
        assert signed_by(PRIVATE, on=on, expires_on=expires_on).signature
        return
    with pytest.raises(Refusal) as caught:
        signed_by(PRIVATE, on=on, expires_on=expires_on)
    assert caught.value.code == "rules.package_dates"


def test_a_signed_package_goes_through_a_file(tmp_path: Path) -> None:
    path = tmp_path / "area-2026.1.json"
    write_signed(SIGNED, path)
    assert read_signed(path) == SIGNED
    assert accepted(read_signed(path)).is_new


def test_a_file_that_is_no_signed_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("{}", "utf-8")
    with pytest.raises(Refusal) as caught:
        read_signed(path)
    assert caught.value.code == "rules.signed_file"
    with pytest.raises(Trouble) as away:
        read_signed(tmp_path / "away.json")
    assert away.value.code == "rules.unreadable"
    with pytest.raises(Trouble):
        write_signed(SIGNED, tmp_path / "none" / "x.json")


def test_a_package_that_was_used_is_kept_for_replays(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    assert kept_packages(folder) == ()
    path = keep_package(PACKAGE, folder)
    assert keep_package(PACKAGE, folder) == path
    assert path.name == f"{package_hash(PACKAGE)}.json"
    assert kept_packages(folder) == (PACKAGE,)


@pytest.mark.parametrize("content", [b"\xff", package_bytes(newer())], ids=["torn", "another package"])
def test_a_kept_package_that_is_not_what_its_name_says_is_refused(tmp_path: Path, content: bytes) -> None:
    keep_package(PACKAGE, tmp_path).write_bytes(content)
    with pytest.raises(Refusal) as caught:
        kept_packages(tmp_path)
    assert caught.value.code == "rules.package_altered"


def test_a_package_that_cannot_be_kept_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    with pytest.raises(Trouble) as caught:
        keep_package(PACKAGE, tmp_path / "taken")
    assert caught.value.code == "rules.unreadable"
