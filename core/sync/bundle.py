"""A bundle: the bodies of the protocol in one file, for a stick or a colleague; signed by its sender, sealed to one.

The file is a plain ZIP whose members are sealed one by one (age), so that nothing readable ever lies on a disk, neither
while writing nor while reading, and a member that was damaged costs only itself. The manifest names every member with
its hash; its signature is checked before any member is looked at. Member names carry no meaning and are never paths.
Source: sync.md 3.13; F23, F24; invariants 12, 16, 20.
"""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import msgspec

from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record
from core.sync.pull import Pulled
from core.sync.runs import Verify
from core.sync.statement import Statement
from core.sync.streams import Cursor
from core.sync.wire import ChainAnswer, DigestAnswer

FORMAT = 1
HQ = "hq"
"""Headquarters as sender or recipient."""
SIGN_DOMAIN = b"bundle1"
MANIFEST = "manifest.age"
_NAME = re.compile(r"m[0-9]{6}\.age")
MEMBERS_MAX = 100_000
MANIFEST_BYTES_MAX = 64 << 20
MEMBER_BYTES_MAX = 320 << 20
"""The largest blob and what sealing adds."""

Seal = Callable[[bytes], bytes]


class MemberKind(StrEnum):
    """What a member holds."""

    RUN = "run"
    """The body of a push."""
    PAGE = "page"
    """The body of one answer to a pull."""
    BLOB = "blob"


class Member(Record):
    """One member: where it stands in the file, what it is, and the hash and size of its content."""

    name: str
    kind: MemberKind
    about: str
    """Run: device and first number; page: stream and first number; blob: its SHA-256."""
    sha256: str
    size: int


class Manifest(Record):
    """What a bundle holds, from whom, for whom, the how-manieth between the two."""

    format: int
    id: str
    sender: str
    """Device id, or hq."""
    recipient: str
    sequence: int
    """Counts the sender's bundles to this recipient; an answer older than one already taken in moves nothing back."""
    made_at: datetime
    epoch: str
    members: tuple[Member, ...]
    cursors: tuple[Cursor, ...] = ()
    """How far the sender has read, so that the answer can begin there."""
    tails: dict[str, int] = {}
    """How far the sender holds the chains of others, for a colleague's answer."""
    lists: dict[str, tuple[int, ...]] = {}
    """By kind, the published versions whose files the sender holds: the answer brings what leads on from them."""
    chains: tuple[ChainAnswer, ...] = ()
    """Headquarters' word on the recipient's chains."""
    digest: DigestAnswer | None = None
    """Headquarters' side of the statement."""


class BadMember(Record):
    """A member that was set aside, and why; the good ones go in all the same."""

    name: str
    about: str
    why: str


class BundleReport(Record):
    """What writing or taking in a bundle came to."""

    id: str
    sender: str
    recipient: str
    sequence: int
    runs: int = 0
    pages: int = 0
    blobs: int = 0
    bad: tuple[BadMember, ...] = ()
    pulled: Pulled = Pulled()
    confirmed: int = 0
    is_repeat: bool = False
    """This very bundle, or a newer one from the same sender, was taken in before."""
    statement: Statement | None = None


def report_of(manifest: Manifest, counts: Mapping[MemberKind, int] | None = None, **more: Any) -> BundleReport:
    """Return the report on a bundle.

    Args:
        counts: How many members of each kind were taken in; without: as many as there are.
        more: Further fields of the report.
    """
    found = Counter(member.kind for member in manifest.members) if counts is None else counts
    return BundleReport(
        id=manifest.id,
        sender=manifest.sender,
        recipient=manifest.recipient,
        sequence=manifest.sequence,
        runs=found.get(MemberKind.RUN, 0),
        pages=found.get(MemberKind.PAGE, 0),
        blobs=found.get(MemberKind.BLOB, 0),
        **more,
    )


class _Signed(Record):
    """What the manifest member holds: the manifest's bytes as they were signed, and the signature."""

    manifest: bytes
    signature: bytes


class BundleWriter:
    """Writes a bundle under a temporary name; only `close` gives it its own. Left without it, nothing stays behind.

    Raises (all methods):
        Trouble: "bundle.not_written", params path, why; nothing half-written keeps the name.
    """

    def __init__(self, path: Path, seal: Seal) -> None:
        self._path = path
        self._fresh = path.with_name(path.name + ".part")
        self._seal = seal
        self._members: list[Member] = []
        self._is_closed = False
        try:
            self._file: IO[bytes] = self._fresh.open("wb")
        except OSError as error:
            raise self._not_written(error) from error
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED)

    def add(self, kind: MemberKind, about: str, content: bytes) -> None:
        """Add one member."""
        name = f"m{len(self._members):06d}.age"
        self._write(name, self._seal(content))
        self._members.append(
            Member(name=name, kind=kind, about=about, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
        )

    @property
    def count(self) -> int:
        """How many members there are so far."""
        return len(self._members)

    def __enter__(self) -> BundleWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._is_closed:
            self.drop()

    def close(self, manifest: Manifest, sign: Callable[[bytes], bytes]) -> Manifest:
        """Write the manifest over the members added, sync the file and give it its name; return the manifest."""
        whole = msgspec.structs.replace(manifest, members=tuple(self._members))
        raw = msgspec.json.encode(whole)
        signed = _Signed(manifest=raw, signature=sign(SIGN_DOMAIN + hashlib.sha256(raw).digest()))
        self._write(MANIFEST, self._seal(msgspec.json.encode(signed)))
        try:
            self._zip.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._fresh.replace(self._path)
            self._is_closed = True
        except OSError as error:
            self.drop()
            raise self._not_written(error) from error
        return whole

    def drop(self) -> None:
        """Leave nothing behind; for a writer that was cancelled. Dropping twice, or after `close`, does nothing."""
        # What could not be written cannot be closed well either; the reason is on its way already.
        with suppress(OSError, ValueError):
            self._zip.close()
        self._file.close()
        self._fresh.unlink(missing_ok=True)

    def _write(self, name: str, sealed: bytes) -> None:
        try:
            self._zip.writestr(zipfile.ZipInfo(name), sealed)
        except OSError as error:
            self.drop()
            raise self._not_written(error) from error

    def _not_written(self, error: OSError) -> Trouble:
        return Trouble("bundle.not_written", path=str(self._path), why=error.strerror or str(error))


class BundleReader:
    """A bundle whose signature holds. Reading never writes anything.

    Args:
        unseal: Opens what was sealed to this receiver; raises Trouble "crypto.damaged" for anything else.
        public_of: Public key of a sender, or None.
        recipient: Who reads: a device id, or hq.

    Raises:
        Trouble: "bundle.unreadable", "bundle.damaged".
        Refusal: "bundle.not_for_us" (params recipient), "bundle.sender_unknown" (params sender), "bundle.forged",
            "bundle.newer_format".
    """

    def __init__(
        self,
        path: Path,
        *,
        unseal: Seal,
        verify: Verify,
        public_of: Callable[[str], bytes | None],
        recipient: str,
    ) -> None:
        self._path = path
        self._unseal = unseal
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise Trouble("bundle.unreadable", path=path.name) from error
        try:
            self.manifest = self._manifest(verify, public_of, recipient)
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> BundleReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def members(self) -> Iterator[tuple[Member, bytes] | BadMember]:
        """Give each member with its content, or why it was set aside, in the order in which it was written."""
        for member in self.manifest.members:
            try:
                content = self._content(member.name, MEMBER_BYTES_MAX)
            except Trouble as trouble:
                yield BadMember(name=member.name, about=member.about, why=trouble.code)
                continue
            if len(content) != member.size or hashlib.sha256(content).hexdigest() != member.sha256:
                yield BadMember(name=member.name, about=member.about, why="bundle.damaged")
                continue
            yield member, content

    def _manifest(self, verify: Verify, public_of: Callable[[str], bytes | None], recipient: str) -> Manifest:
        try:
            signed = msgspec.json.decode(self._content(MANIFEST, MANIFEST_BYTES_MAX), type=_Signed)
            manifest = msgspec.json.decode(signed.manifest, type=Manifest)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Trouble("bundle.damaged", path=self._path.name) from error
        if manifest.format > FORMAT:
            raise Refusal("bundle.newer_format", found=manifest.format, known=FORMAT)
        public = public_of(manifest.sender)
        if public is None:
            raise Refusal("bundle.sender_unknown", sender=manifest.sender)
        if not verify(public, SIGN_DOMAIN + hashlib.sha256(signed.manifest).digest(), signed.signature):
            raise Refusal("bundle.forged", sender=manifest.sender)
        if manifest.recipient != recipient:
            raise Refusal("bundle.not_for_us", recipient=manifest.recipient)
        names = {member.name for member in manifest.members}
        is_sound = len(names) == len(manifest.members) <= MEMBERS_MAX and all(_NAME.fullmatch(name) for name in names)
        if not is_sound:
            raise Refusal("bundle.forged", sender=manifest.sender)
        return manifest

    def _content(self, name: str, bytes_max: int) -> bytes:
        damaged = Trouble("bundle.damaged", path=self._path.name)
        try:
            found = self._zip.getinfo(name)
            # Members are stored as they are: a compressed one is not ours, and could be a bomb.
            if found.compress_type != zipfile.ZIP_STORED or found.file_size > bytes_max:
                raise damaged
            sealed = self._zip.read(found)
        except (
            KeyError,
            OSError,
            EOFError,
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise damaged from error
        try:
            return self._unseal(sealed)
        except Trouble as trouble:
            raise Trouble("bundle.damaged", path=self._path.name) from trouble
