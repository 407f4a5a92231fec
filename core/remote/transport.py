"""One request to headquarters: what is sent, what its failures mean, and whether the answer is headquarters' own.

Nothing here asks whether the machine is "online": a request is made, and what happens is told.
"""

from __future__ import annotations

import ipaddress
import secrets
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import httpx
import msgspec

from core.kernel.errors import Fault, Refusal, Trouble
from core.kernel.words import catalogue
from core.remote.door import (
    ANSWER_HEADER,
    ASK_HEADER,
    KEY_HEADER,
    NONCE_HEADER,
    PROTOCOL_HEADER,
    FaultAnswer,
    answer_text,
    from_base64,
    hq_key_text,
)
from core.sync.runs import Verify
from core.sync.wire import PROTOCOL

CONNECT_S, ANSWER_S = 10.0, 60.0
ANSWER_BYTES_MAX = 96 << 20
"""An answer longer than this is none of headquarters' (a pull gives at most one page a stream)."""
RETRY_AFTER_S = 30
"""Where a busy headquarters does not say when to come again."""
RETRY_AFTER_S_MAX = 3600
_GATEWAY_TROUBLE = frozenset({502, 503, 504})


class Answer:
    """A status, headers and the whole body, known to be headquarters'."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


def new_client(url: str, *, ca_file: Path | None = None) -> httpx.Client:
    """Return a client for headquarters at an address.

    Args:
        ca_file: Certificates to believe instead of the system's: for an office with an authority of its own.

    Raises:
        Refusal: "sync.url_senseless", "sync.url_insecure" (plain HTTP leaves this machine), params url.
        Trouble: "sync.ca_unreadable", params path.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refusal("sync.url_senseless", url=url)
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise Refusal("sync.url_insecure", url=url)
    try:
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise Trouble("sync.ca_unreadable", path=str(ca_file)) from error
    times = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
    return httpx.Client(base_url=url.rstrip("/"), verify=context, timeout=times, follow_redirects=False)


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Transport:
    """Sends requests over a client and believes only headquarters' answers.

    Args:
        root_public: The root key that was compared by people at enrolment; none before: then only the protocol header
            tells headquarters from a captive portal.
    """

    def __init__(self, client: httpx.Client, *, verify: Verify, root_public: bytes | None) -> None:
        self._client = client
        self._verify = verify
        self._root_public = root_public
        self.hq_public = b""
        """Headquarters' service key as the root key last certified it."""
        self.hq_signature = b""
        self.hq_at: datetime | None = None
        """Headquarters' clock at the last answer, to the second."""
        self.nonce = ""
        self.bytes_sent = 0
        self.bytes_received = 0

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def url(self, path: str) -> str:
        """Return the whole address of a path."""
        return str(self._client.base_url).rstrip("/") + path

    def send(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        patience_s: float = ANSWER_S,
    ) -> Answer:
        """Send one request and return the answer, whatever its status.

        Args:
            patience_s: How long headquarters may be silent before the line counts as broken.

        Raises:
            Trouble: "sync.unreachable", "sync.line_broken", "sync.not_our_server", "sync.busy".
        """
        word = secrets.token_urlsafe(16)
        asked = {PROTOCOL_HEADER: str(PROTOCOL), ASK_HEADER: word, "Accept-Encoding": "identity"} | dict(headers or {})
        self.bytes_sent += len(content)
        times = httpx.Timeout(patience_s, connect=CONNECT_S)
        try:
            with self._client.stream(method, self.url(path), content=content, headers=asked, timeout=times) as response:
                self._check_speaker(response)
                body = self._read(response)
        except httpx.HTTPError as error:
            _spoken(error)
        except httpx.InvalidURL as error:
            raise Trouble("sync.unreachable") from error
        self._check_signature(response, word, body)
        self._note(response)
        if response.status_code in (429, 503):
            raise Trouble("sync.busy", retry_after_s=_retry_after(response.headers.get("Retry-After", "")))
        return Answer(response.status_code, response.headers, body)

    def _read(self, response: httpx.Response) -> bytes:
        pieces: list[bytes] = []
        size = 0
        for piece in response.iter_raw():
            size += len(piece)
            if size > ANSWER_BYTES_MAX:
                raise Trouble("sync.not_our_server", why="size")
            pieces.append(piece)
        self.bytes_received += size
        return b"".join(pieces)

    def _check_speaker(self, response: httpx.Response) -> None:
        if PROTOCOL_HEADER in response.headers:
            return
        if response.status_code in _GATEWAY_TROUBLE:
            # A gateway before headquarters says that it does not reach it.
            raise Trouble("sync.unreachable")
        raise Trouble("sync.not_our_server", why="redirect" if response.is_redirect else "header")

    def _check_signature(self, response: httpx.Response, word: str, body: bytes) -> None:
        key, _, certified = response.headers.get(KEY_HEADER, "").partition(".")
        public, root_signature = from_base64(key), from_base64(certified)
        if self._root_public is not None:
            signature = from_base64(response.headers.get(ANSWER_HEADER, ""))
            is_certified = public == self.hq_public or self._verify(
                self._root_public, hq_key_text(public), root_signature
            )
            if not public or not is_certified:
                raise Trouble("sync.not_our_server", why="key")
            if not self._verify(public, answer_text(word, response.status_code, body), signature):
                raise Trouble("sync.not_our_server", why="signature")
            self.hq_public, self.hq_signature = public, root_signature

    def _note(self, response: httpx.Response) -> None:
        self.nonce = response.headers.get(NONCE_HEADER, self.nonce)
        try:
            self.hq_at = parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
        except ValueError:
            self.hq_at = None


def _spoken(error: httpx.HTTPError) -> NoReturn:
    """Raise the Trouble that a failed request is."""
    if isinstance(error, httpx.ConnectError) and _is_about_certificates(error):
        raise Trouble("sync.not_our_server", why="certificate") from error
    if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout | httpx.NetworkError | httpx.ProtocolError) and (
        not isinstance(error, httpx.ConnectError)
    ):
        raise Trouble("sync.line_broken") from error
    raise Trouble("sync.unreachable") from error


def _is_about_certificates(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _retry_after(said: str) -> int:
    return min(int(said), RETRY_AFTER_S_MAX) if said.isascii() and said.isdigit() else RETRY_AFTER_S


def fault_of(answer: Answer) -> Fault:
    """Return the fault that headquarters named, or a plain one where this program has no words for it."""
    if answer.status == 500:
        return Trouble("sync.hq_failed")
    try:
        said = msgspec.json.decode(answer.body, type=FaultAnswer)
    except (msgspec.MsgspecError, RecursionError):
        return Trouble("sync.not_our_server", why="body")
    if not _has_words(said):
        return Refusal("sync.refused_by_hq", reason=said.code[:80])
    kind = Trouble if said.kind == "trouble" else Refusal
    return kind(said.code, **said.params)


def _has_words(said: FaultAnswer) -> bool:
    """Tell whether the code is a fault of our catalogue whose words can be filled with what was sent."""
    words = catalogue().get(said.code, {})
    if not all(isinstance(words.get(lang), list) for lang in ("zh", "en")):
        return False
    try:
        for sentence in (*words["zh"], *words["en"]):
            sentence.format(**said.params)
    except (KeyError, ValueError, IndexError, AttributeError):
        return False
    return True
