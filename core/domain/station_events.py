"""What happened to a station itself: made, restored from a backup."""

from __future__ import annotations

from datetime import datetime

from core.kernel.records import Record


class StationEvent(Record):
    """One event. After a restore it is the first entry of the new chain and names the old one."""

    id: str
    kind: str
    """created or restored."""
    at: datetime
    device: str
    old_device: str = ""
    old_n: int = 0
    old_head: str = ""
    """Chain value in hex at which the old chain ended."""


class TrustedKey(Record):
    """A station or body whose papers and codes this station can check: its public keys, and who vouched for them."""

    id: str
    """Key id in hex: the first eight bytes of the SHA-256 of the Ed25519 public key."""
    name: str
    public: str
    """Ed25519 public key in hex."""
    certificate: str = ""
    """X.509 certificate (DER) in base64, for the signature inside PDF files."""
    added_at: datetime
    added_by: str
    is_void: bool = False
    device: str = ""
    """The device whose key it is, so that its entries can be checked when they come from laptop to laptop."""
