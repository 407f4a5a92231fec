"""Receipts: how and when a run came, chained like the stream itself, so that a received date cannot be moved unseen.

The stream's hash covers what authors wrote; the receipt covers what headquarters alone knows. The newest one of each
stream stands in the daily checkpoint.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from core.sync.runs import RunHeader

RECEIPT_START = bytes(32)


def next_receipt(
    before: bytes, run: RunHeader, *, first_seq: int, size: int, received_at: datetime, device_status: str
) -> bytes:
    """Return the receipt of a run behind another one of its stream."""
    text = "\x1f".join(
        (
            run.stream,
            run.device,
            f"{run.first} {run.count} {run.suite} {first_seq} {size}",
            run.prev.hex(),
            run.head.hex(),
            run.seal.hex(),
            instant_text(received_at),
            device_status,
        )
    )
    return hashlib.sha256(before + text.encode()).digest()


def fork_receipt(run_hash: str, received_at: datetime) -> bytes:
    """Return the receipt of a run that was kept beside its chain."""
    return hashlib.sha256(f"{run_hash}\x1f{instant_text(received_at)}".encode()).digest()


def instant_text(at: datetime) -> str:
    """Return an instant as it stands in receipts: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
