"""The line to headquarters over HTTP; imported when a sync begins, so that unlocking does not wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.crypto import signing
from core.remote.line import HttpLine
from core.remote.tokens import Caller
from core.remote.transport import new_client

if TYPE_CHECKING:
    from core.station.unlocked import Unlocked


def http_line(url: str, session: Unlocked, root_public: bytes | None) -> HttpLine:
    """Return the line of this device to an address."""
    caller = Caller(
        device=session.device_id,
        public=session.public,
        sign=session.sign,
        now=lambda: session.clock.now().timestamp(),
    )
    return HttpLine(new_client(url), caller=caller, verify=signing.verify, root_public=root_public)
