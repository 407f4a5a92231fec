"""The calls of core.sync.ports.Line over HTTP."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec

from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record
from core.remote.door import (
    BLOB_TYPE,
    BUNDLE_TYPE,
    CARRIED_BYTES_MAX,
    DIGEST_HEADER,
    ENTRY_TYPE,
    RANGE_BYTES_MAX,
    TokenAnswer,
    content_digest,
    unpack,
)
from core.remote.tokens import Caller, Proofs
from core.remote.transport import ANSWER_S, Answer, Transport, fault_of
from core.sync.blobs import part_count
from core.sync.bundle import BundleReport
from core.sync.runs import Run, Verify, encode_run
from core.sync.streams import Page, Reset, decode_page
from core.sync.wire import (
    PART_BYTES,
    ChainAnswer,
    CompleteRequest,
    DigestAnswer,
    DigestRequest,
    EnrolAnswer,
    EnrolRequest,
    PartsAnswer,
    PullRequest,
    PushAnswer,
    encode,
)

R = TypeVar("R", bound=Record)
_TRIES = 3
"""A request is sent again where headquarters wants a fresh nonce, and once more where the token has run out."""
_OK = frozenset({200, 201, 204, 206})
BUSY_TRIES, BUSY_WAIT_S_MAX = 5, 10
"""How often, and how long at a time, a long file waits for a headquarters that has enough of this device for now."""
CARRY_S = 900.0
"""How long headquarters may work on a file that is carried to it."""


class HttpLine:
    """The line to headquarters.

    Args:
        client: From core.remote.transport.new_client, or a test's own.
        caller: The device that asks; a machine that enrols has none yet.
        verify: Checks Ed25519 signatures.
        root_public: As core.remote.transport.Transport.
    """

    def __init__(
        self, client: httpx.Client, *, caller: Caller | None, verify: Verify, root_public: bytes | None = None
    ) -> None:
        self._transport = Transport(client, verify=verify, root_public=root_public)
        self._proofs = Proofs(caller) if caller is not None else None

    @property
    def hq_at(self) -> datetime | None:
        """Headquarters' clock at its last answer; None before."""
        return self._transport.hq_at

    @property
    def hq_key(self) -> tuple[bytes, bytes]:
        """Headquarters' service key and the root key's signature over it, as last certified; empty before."""
        return self._transport.hq_public, self._transport.hq_signature

    @property
    def traffic(self) -> tuple[int, int]:
        """Bytes of bodies sent and received."""
        return self._transport.bytes_sent, self._transport.bytes_received

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def enrol(self, request: EnrolRequest) -> EnrolAnswer:
        """Ask to be taken in; the caller's key must be the one that the request brings."""
        if self._proofs is None:
            raise Refusal("sync.not_enrolled")
        content = encode(request)
        left = _TRIES
        while True:
            left -= 1
            self._proofs.nonce, self._proofs.token = self._transport.nonce, ""
            headers = _typed("") | self._proofs.headers("POST", self._transport.url("/v1/enrol"))
            answer = self._transport.send("POST", "/v1/enrol", content=content, headers=headers)
            if not _wants_nonce(answer) or not left:
                return self._read(_good(answer, frozenset()), EnrolAnswer)

    def chain(self, device: str) -> ChainAnswer:
        return self._read(self._proven("GET", f"/v1/chain?{urlencode({'device': device})}"), ChainAnswer)

    def push(self, run: Run) -> PushAnswer:
        answer = self._plain("POST", "/v1/push", encode_run(run), kind=ENTRY_TYPE, also_good=frozenset({409}))
        return self._read(answer, PushAnswer)

    def pull(self, request: PullRequest) -> Sequence[Page | Reset]:
        return tuple(decode_page(body) for body in unpack(self._proven("POST", "/v1/pull", encode(request)).body))

    def digest(self, streams: Sequence[str]) -> DigestAnswer:
        request = DigestRequest(streams=tuple(streams))
        return self._read(self._proven("POST", "/v1/digest", encode(request)), DigestAnswer)

    def parts(self, sha256: str) -> PartsAnswer:
        return self._read(self._proven("GET", f"/v1/blobs/{quote(sha256, safe='')}/parts"), PartsAnswer)

    def put_part(self, sha256: str, number: int, content: bytes) -> None:
        self._put(f"/v1/blobs/{quote(sha256, safe='')}/parts/{number}", content)

    def complete(self, sha256: str, size: int) -> None:
        body = encode(CompleteRequest(size=size))
        self._proven("POST", f"/v1/blobs/{quote(sha256, safe='')}/complete", body)

    def blob(self, sha256: str, *, start: int = 0, limit: int | None = None) -> bytes:
        pieces: list[bytes] = []
        left = limit
        while left is None or left > 0:
            asked = RANGE_BYTES_MAX if left is None else min(left, RANGE_BYTES_MAX)
            piece = self._range(sha256, start, asked)
            pieces.append(piece)
            start += len(piece)
            left = None if left is None else left - len(piece)
            if len(piece) < asked:
                break
        return b"".join(pieces)

    def carry(self, path: Path, *, progress: Progress) -> BundleReport:
        """Hand over a file that a colleague wrote for headquarters; one that was cut goes on where it stood.

        Raises:
            Refusal: "bundle.forged", "bundle.sender_unknown" and others of core.sync.bundle; "sync.body_too_large".
            Trouble: as core.sync.ports.Line, "bundle.unreadable", "bundle.damaged"; Cancelled: what went over stays.
        """
        size = path.stat().st_size
        if size > CARRIED_BYTES_MAX:
            raise Refusal("sync.body_too_large", bytes_max=CARRIED_BYTES_MAX)
        if size <= PART_BYTES:
            answer = self._proven("POST", "/v1/bundles", path.read_bytes(), kind=BUNDLE_TYPE, patience_s=CARRY_S)
            return self._read(answer, BundleReport)
        with path.open("rb") as file:
            place = f"/v1/bundles/{hashlib.file_digest(file, 'sha256').hexdigest()}"
            there = frozenset(self._read(self._proven("GET", f"{place}/parts"), PartsAnswer).parts)
            for number in range(part_count(size)):
                progress.step(number * PART_BYTES, size, "bundle")
                if number not in there:
                    file.seek(number * PART_BYTES)
                    self._put_patiently(f"{place}/parts/{number}", file.read(PART_BYTES))
        body = encode(CompleteRequest(size=size))
        return self._read(self._proven("POST", f"{place}/complete", body, patience_s=CARRY_S), BundleReport)

    def answer_for(self, device: str) -> bytes:
        """Return headquarters' answer for a device, sealed to it.  Raises Refusal "hq.answer_too_large"."""
        return self._proven("GET", f"/v1/bundles/{quote(device, safe='')}", patience_s=CARRY_S).body

    def _put(self, path: str, content: bytes) -> None:
        headers = {DIGEST_HEADER: content_digest(content)}
        self._proven("PUT", path, content, kind=BLOB_TYPE, headers=headers)

    def _put_patiently(self, path: str, content: bytes) -> None:
        """Send a part of a long file, however many came before it within this minute."""
        left = BUSY_TRIES
        while True:
            left -= 1
            try:
                return self._put(path, content)
            except Trouble as trouble:
                if trouble.code != "sync.busy" or not left:
                    raise
                time.sleep(min(int(str(trouble.params["retry_after_s"])), BUSY_WAIT_S_MAX))

    def _range(self, sha256: str, start: int, size: int) -> bytes:
        answer = self._proven(
            "GET",
            f"/v1/blobs/{quote(sha256, safe='')}",
            headers={"Range": f"bytes={start}-{start + size - 1}"},
            also_good=frozenset({416}),
        )
        if answer.status == 416:
            return b""
        if answer.status != 206 or len(answer.body) > size:
            raise Trouble("sync.not_our_server", why="body")
        return answer.body

    def _plain(
        self, method: str, path: str, content: bytes, *, kind: str = "", also_good: frozenset[int] = frozenset()
    ) -> Answer:
        answer = self._transport.send(method, path, content=content, headers=_typed(kind))
        return _good(answer, also_good)

    def _proven(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        *,
        kind: str = "",
        headers: dict[str, str] | None = None,
        also_good: frozenset[int] = frozenset(),
        patience_s: float = ANSWER_S,
    ) -> Answer:
        """Send a request with token and proof; get a token first, and a fresh one where the old one has run out."""
        proofs = self._proofs
        if proofs is None:
            raise Refusal("sync.not_enrolled")
        left = _TRIES
        while True:
            left -= 1
            if not proofs.token:
                self._get_token(proofs)
            proofs.nonce = self._transport.nonce
            proven = _typed(kind) | (headers or {}) | proofs.headers(method, self._transport.url(path))
            answer = self._transport.send(method, path, content=content, headers=proven, patience_s=patience_s)
            if answer.status != 401 or not left:
                return _good(answer, also_good)
            if not _wants_nonce(answer):
                proofs.token = ""

    def _get_token(self, proofs: Proofs) -> None:
        left = _TRIES
        while True:
            left -= 1
            proofs.nonce, proofs.token = self._transport.nonce, ""
            headers = _typed("application/x-www-form-urlencoded")
            headers |= proofs.headers("POST", self._transport.url("/v1/token"))
            form = urlencode(proofs.assertion()).encode()
            answer = self._transport.send("POST", "/v1/token", content=form, headers=headers)
            if not _wants_nonce(answer) or not left:
                break
        proofs.token = self._read(_good(answer, frozenset()), TokenAnswer).access_token

    def _read(self, answer: Answer, kind: type[R]) -> R:
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise Trouble("sync.not_our_server", why="body") from error


def _wants_nonce(answer: Answer) -> bool:
    return answer.status == 401 and 'error="use_dpop_nonce"' in answer.headers.get("WWW-Authenticate", "")


def _typed(kind: str) -> dict[str, str]:
    return {"Content-Type": kind or "application/json"}


def _good(answer: Answer, also_good: frozenset[int]) -> Answer:
    if answer.status in _OK or answer.status in also_good:
        return answer
    raise fault_of(answer)
