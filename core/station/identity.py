"""The key and certificate with which a device signs PDF files; kept in its store, made once."""

from __future__ import annotations

from datetime import datetime

from core.crypto.certificates import new_certificate
from core.storage.main_store import MainStore


def pdf_identity(store: MainStore, device: str, *, station: str, now: datetime) -> tuple[bytes, bytes]:
    """Return (private key, certificate), both DER; makes and keeps them if the device has none yet."""
    names = (f"pdf_key:{device}", f"pdf_certificate:{device}")
    private, certificate = (store.value(name) for name in names)
    if private is None or certificate is None:
        private, certificate = new_certificate(f"明检 {station}", now)
        store.set_value(names[0], private)
        store.set_value(names[1], certificate)
    return private, certificate
