"""Media of headquarters over obstore: a folder, or any store that speaks S3.

Whole blobs lie under their SHA-256 and are created once, never written over: two workers that put the same blob
together are told so by the store itself. Parts lie beside them by number until then.
Source: sync.md 3.10; F17, F18, F20.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import LocalStore, S3Store

from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record
from core.sync.blobs import part_count, part_size

ORPHAN_DAYS = 90
"""A blob that no entry names is listed, and removed only after so many days: its entry may still come (F20)."""
_BIG_BYTES = 16 << 20
RETRIES: dict[str, Any] = {"max_retries": 6, "retry_timeout": timedelta(seconds=20)}
"""A node of the store that died is passed over within seconds; of a store that is away the station is told, instead of
a worker's thread waiting for it for minutes (F19)."""
_S3_OPTIONS = frozenset({"endpoint", "region", "virtual_hosted"})

# The store's own types come from a compiled module.
_Store = Any


class Orphan(Record):
    """A blob, or the parts of one, that no entry names."""

    sha256: str
    size: int
    since: datetime
    """When it was stored."""
    is_whole: bool
    is_due: bool
    """Whether ORPHAN_DAYS are over."""


class ObjectBlobs:
    """The store of media (core.hq.blobs.BlobStore).

    Args:
        where: As it may be shown: no credentials in it.
        folder: The folder on this machine, so that what is created is made durable; None for a store elsewhere.
    """

    def __init__(self, store: _Store, *, where: str, folder: Path | None = None) -> None:
        self._store = store
        self._where = where
        self._folder = folder
        self._big_ones = threading.Semaphore(1)

    def parts(self, sha256: str) -> tuple[int, ...]:
        if self.size(sha256) is not None:
            return ()
        return tuple(sorted(number for number, _ in self._parts(sha256)))

    def put_part(self, sha256: str, number: int, content: bytes) -> None:
        with self._spoken():
            obstore.put(self._store, _part(sha256, number), content)
        self._keep(_part(sha256, number))

    def complete(self, sha256: str, size: int) -> None:
        if self.size(sha256) is None:
            if size <= _BIG_BYTES:
                self._assemble(sha256, size)
            else:
                # One big blob at a time in a worker: its bytes are held while their hash is taken.
                with self._big_ones:
                    self._assemble(sha256, size)
        self.drop_parts(sha256)

    def gather(self, name: str, size: int, path: Path) -> str:
        """Write parts that are no blob into a file; as core.hq.carried.Parts."""
        wanted = range(part_count(size))
        if set(wanted) - set(self.parts(name)):
            raise Refusal("hq.parts_missing", sha256=name)
        digest = hashlib.sha256()
        try:
            with path.open("wb") as file:
                for number in wanted:
                    content = self._wanted_part(name, number)
                    digest.update(content)
                    file.write(content)
        except OSError as error:
            raise Trouble("hq.disk_failed", where=str(path.parent)) from error
        return digest.hexdigest()

    def drop_parts(self, sha256: str) -> None:
        """Drop the parts of what is not put together."""
        paths = [path for path, _ in self._listed(f"parts/{sha256}/")]
        for path in paths:
            try:
                with self._spoken():
                    obstore.delete(self._store, path)
            except FileNotFoundError:
                continue

    def size(self, sha256: str) -> int | None:
        try:
            with self._spoken():
                return int(obstore.head(self._store, _whole(sha256))["size"])
        except FileNotFoundError:
            return None

    def read(self, sha256: str, start: int, limit: int | None) -> bytes:
        size = self.size(sha256)
        if size is None:
            raise Refusal("hq.blob_missing", sha256=sha256)
        end = size if limit is None else min(size, start + limit)
        if start >= end:
            return b""
        with self._spoken():
            return bytes(obstore.get_range(self._store, _whole(sha256), start=start, end=end))

    def names(self) -> Iterator[str]:
        for path, _ in sorted(self._listed("blobs/")):
            yield path.rpartition("/")[2]

    def put_whole(self, content: bytes) -> str:
        """Keep bytes of headquarters' own, such as a part of a published list, and return their name."""
        name = hashlib.sha256(content).hexdigest()
        self._create(name, content)
        return name

    def orphans(self, named: Iterable[str], now: datetime) -> tuple[Orphan, ...]:
        """Return what no entry names, oldest first. `named` are the blobs that entries name."""
        wanted = set(named)
        found: dict[tuple[str, bool], Orphan] = {}
        for prefix, is_whole in (("blobs/", True), ("parts/", False)):
            for path, meta in self._listed(prefix):
                sha256 = path.split("/")[2 if is_whole else 1]
                if sha256 in wanted:
                    continue
                before = found.get((sha256, is_whole))
                since = max(meta["last_modified"], before.since) if before else meta["last_modified"]
                found[sha256, is_whole] = Orphan(
                    sha256=sha256,
                    size=int(meta["size"]) + (before.size if before else 0),
                    since=since,
                    is_whole=is_whole,
                    is_due=now - since >= timedelta(days=ORPHAN_DAYS),
                )
        return tuple(sorted(found.values(), key=lambda orphan: (orphan.since, orphan.sha256)))

    def remove(self, orphan: Orphan) -> None:
        """Remove what nobody names and what was listed long enough."""
        assert orphan.is_due, "an entry may still come"
        if not orphan.is_whole:
            self.drop_parts(orphan.sha256)
            return
        with self._spoken():
            obstore.delete(self._store, [_whole(orphan.sha256)])

    def check(self) -> None:
        """Raise Trouble "hq.blobs_unreachable" where the store does not answer."""
        self.size("0" * 64)

    def _parts(self, sha256: str) -> list[tuple[int, int]]:
        """Return number and size of every part that is here."""
        return [(int(path.rpartition("/")[2]), int(meta["size"])) for path, meta in self._listed(f"parts/{sha256}/")]

    def _assemble(self, sha256: str, size: int) -> None:
        wanted = {number: part_size(size, number) for number in range(part_count(size))}
        here = dict(self._parts(sha256))
        if wanted.keys() - here.keys():
            # Another worker may have put it together just now, and dropped the parts.
            if self.size(sha256) is not None:
                return
            raise Refusal("hq.parts_missing", sha256=sha256)
        try:
            content = b"".join(self._part_bytes(sha256, number) for number in wanted)
        except FileNotFoundError as error:
            if self.size(sha256) is not None:
                return
            raise Refusal("hq.parts_missing", sha256=sha256) from error
        if len(content) != size or hashlib.sha256(content).hexdigest() != sha256:
            self.drop_parts(sha256)
            raise Refusal("hq.blob_differs", sha256=sha256)
        self._create(sha256, content)

    def _wanted_part(self, name: str, number: int) -> bytes:
        try:
            return self._part_bytes(name, number)
        except FileNotFoundError as error:
            raise Refusal("hq.parts_missing", sha256=name) from error

    def _part_bytes(self, sha256: str, number: int) -> bytes:
        with self._spoken():
            return bytes(obstore.get(self._store, _part(sha256, number)).bytes())

    def _create(self, sha256: str, content: bytes) -> None:
        try:
            with self._spoken():
                obstore.put(self._store, _whole(sha256), content, mode="create", use_multipart=False)
        except (AlreadyExistsError, PreconditionError):
            # The same name is the same bytes: whoever was first wrote what we would have written.
            return
        self._keep(_whole(sha256))

    def _keep(self, path: str) -> None:
        """Make a file durable: the folder's store leaves that to the system. Others do it themselves."""
        if self._folder is None:
            return
        file = self._folder / path
        try:
            for one in (file, file.parent, file.parent.parent):
                handle = os.open(one, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        except FileNotFoundError:
            # A part that another worker put together and dropped meanwhile.
            return
        except OSError as error:
            raise Trouble("hq.blobs_unreachable", where=self._where) from error

    def _listed(self, prefix: str) -> list[tuple[str, Any]]:
        with self._spoken():
            return [(meta["path"], meta) for batch in obstore.list(self._store, prefix) for meta in batch]

    @contextmanager
    def _spoken(self) -> Generator[None]:
        try:
            yield
        except (AlreadyExistsError, PreconditionError, FileNotFoundError):
            raise
        except (BaseError, OSError) as error:
            raise Trouble("hq.blobs_unreachable", where=self._where) from error


def open_blobs(url: str) -> ObjectBlobs:
    """Return the store at an address: a folder (a path or `file://`), or `s3://bucket/prefix?endpoint=…&region=…`.

    Credentials of S3 come from the environment, never from the address.

    Raises:
        Refusal: "hq.blob_url_senseless", params url.
        Trouble: "hq.blobs_unreachable".
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return _s3(url)
    if parts.scheme == "file":
        return _folder(Path(unquote(parts.path)))
    if "://" in url:
        raise Refusal("hq.blob_url_senseless", url=_shown(url))
    return _folder(Path(url))


def _folder(path: Path) -> ObjectBlobs:
    try:
        path.mkdir(parents=True, exist_ok=True)
        return ObjectBlobs(LocalStore(str(path)), where=str(path), folder=path)
    except (BaseError, OSError) as error:
        raise Trouble("hq.blobs_unreachable", where=str(path)) from error


def _s3(url: str) -> ObjectBlobs:
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if not parts.hostname or parts.username or options.keys() - _S3_OPTIONS:
        raise Refusal("hq.blob_url_senseless", url=_shown(url))
    endpoint = options.get("endpoint", "")
    named: dict[str, Any] = {"region": options.get("region", "us-east-1"), "retry_config": RETRIES}
    if endpoint:
        named |= {"endpoint": endpoint, "virtual_hosted_style_request": options.get("virtual_hosted", "") == "true"}
        named["client_options"] = {"allow_http": endpoint.startswith("http://")}
    prefix = parts.path.strip("/")
    if prefix:
        named["prefix"] = prefix
    try:
        return ObjectBlobs(S3Store(parts.hostname, **named), where=_shown(url))
    except BaseError as error:
        raise Refusal("hq.blob_url_senseless", url=_shown(url)) from error


def _shown(url: str) -> str:
    """Return an address without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def _whole(sha256: str) -> str:
    return f"blobs/{sha256[:2]}/{sha256}"


def _part(sha256: str, number: int) -> str:
    return f"parts/{sha256}/{number:06d}"
