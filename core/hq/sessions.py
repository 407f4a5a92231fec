"""Log-ins of people at headquarters: a cookie that says who and until when, with a code over both.

No state: every worker reads every worker's cookies. Whoever's account is closed is out at the next request.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

from core.crypto.sealing import derive
from core.kernel.clock import Clock
from core.remote.door import base64url, from_base64url

COOKIE = "mingjian_hq"
HOURS = 8
_CHARS_MAX = 1_000


class Sessions:
    """Makes and reads cookies.

    Args:
        private: The service key; the secret of the cookies is derived from it.
    """

    def __init__(self, private: bytes, clock: Clock) -> None:
        self._secret = derive(private, "hq-sessions")
        self._clock = clock

    def begin(self, name: str) -> str:
        """Return the cookie of a person who logged in."""
        until = int((self._clock.now() + timedelta(hours=HOURS)).timestamp())
        body = f"{until}|{name}".encode()
        return f"{base64url(body)}.{base64url(self._code(body))}"

    def name(self, cookie: str) -> str:
        """Return whose cookie it is; empty for a forged or an old one."""
        said, _, code = cookie.partition(".")
        body = from_base64url(said) if len(cookie) <= _CHARS_MAX and cookie.isascii() else b""
        if not body or not hmac.compare_digest(self._code(body), from_base64url(code)):
            return ""
        until, _, name = body.decode().partition("|")
        return name if self._clock.now() < datetime.fromtimestamp(int(until), UTC) else ""

    def _code(self, body: bytes) -> bytes:
        return hmac.digest(self._secret, body, "sha256")
