"""Taking a station to its headquarters: keys that were made here, a one-time code, the answer and what it changes."""

from __future__ import annotations

from core.crypto import signing
from core.kernel.errors import Refusal
from core.kernel.records import Record
from core.station.link import Link, age_identity, write_link
from core.storage.foreign_chain import HQ_PUBLIC
from core.storage.main_store import MainStore
from core.storage.own_chain import HOME
from core.storage.sync_store import SyncStore
from core.sync.wire import DeviceKeys, EnrolAnswer, EnrolRequest

HQ_KEY_DOMAIN = b"hq-key1"


class Enrolled(Record):
    """What enrolment gave. The fingerprints are compared aloud by people at both ends."""

    device: str
    subject: str
    hq_fingerprint: str
    own_fingerprint: str
    root_fingerprint: str


def request_of(
    store: MainStore, sync: SyncStore, *, code: str, station: str, certificate: bytes, only_looks: bool = False
) -> EnrolRequest:
    """Return the request of this station, which also names the devices it was before: their chains follow."""
    *past, living = sync.own_devices()
    return EnrolRequest(
        code=code,
        station=station,
        keys=_keys(store, living, certificate),
        past=tuple(_keys(store, device, b"") for device in past),
        only_looks=only_looks,
    )


def _keys(store: MainStore, device: str, certificate: bytes) -> DeviceKeys:
    return DeviceKeys(
        device=device,
        public=store.value(f"public:{device}") or b"",
        seal_recipient=_recipient(store, device),
        certificate=certificate,
    )


def _recipient(store: MainStore, device: str) -> str:
    from core.crypto import boxes

    return boxes.recipient_of(age_identity(store, device))


def enrolled_of(answer: EnrolAnswer, own_public: bytes) -> Enrolled:
    """Return what people compare.

    Raises:
        Refusal: "sync.hq_not_certified"; the root key did not certify the key of that headquarters.
    """
    if not signing.verify(answer.root_public, HQ_KEY_DOMAIN + answer.hq_public, answer.root_signature):
        raise Refusal("sync.hq_not_certified")
    return Enrolled(
        device=answer.device,
        subject=answer.subject,
        hq_fingerprint=signing.fingerprint(answer.hq_public),
        own_fingerprint=signing.fingerprint(own_public),
        root_fingerprint=signing.fingerprint(answer.root_public),
    )


def adopt(store: MainStore, sync: SyncStore, answer: EnrolAnswer, *, url: str, before: Link | None) -> None:
    """Belong to that headquarters from now on.

    Raises:
        Refusal: "sync.other_headquarters"; the station belongs to one with another root key.
    """
    if before is not None and before.root_public != answer.root_public:
        raise Refusal("sync.other_headquarters", url=before.url)
    store.set_value(HQ_PUBLIC, answer.hq_public)
    store.set_value(HOME, answer.home_stream.encode())
    sync.read_streams((answer.home_stream, *(one for one in answer.streams if one != answer.home_stream)))
    link = Link(
        url=url,
        device=answer.device,
        subject=answer.subject,
        root_public=answer.root_public,
        hq_public=answer.hq_public,
        hq_recipient=answer.hq_recipient,
        lease_until=answer.lease_until,
        streets=answer.streets,
    )
    # The link comes last: a station whose enrolment was cut short asks again with the same code and key.
    write_link(store, link)
    store.look_around()
