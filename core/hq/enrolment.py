"""Taking stations in: one-time codes from a named person, keys made on the device, an entry for every enrolment.

The same code and key give the same answer again, so that an answer lost on the way costs nothing; a code is good for
the first key that uses it, for 72 hours. Source: sync.md 3.6, 8.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from core.crypto import signing
from core.domain.shared_state import DeviceStatus, StationDevice
from core.hq import tables as t
from core.hq.desk import LEASE_DAYS
from core.hq.device_rows import REFERENCES, DeviceRow, find_in, new_row
from core.hq.directory import admit, set_status
from core.hq.keys import ServiceKeys
from core.hq.store import HqStore
from core.hq.work import SqlWork
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.kernel.records import Record
from core.sync.hq_pen import HqPen
from core.sync.streams import home_stream
from core.sync.wire import DeviceKeys, EnrolAnswer, EnrolRequest

CODE_HOURS = 72
CODE_BYTES = 10
PAST_MAX = 20
NAME_CHARS_MAX = 200

PenOf = Callable[[str], HqPen]
"""Makes headquarters' pen for the person whose act it is."""


class IssuedCode(Record):
    """A code as it is told to the officer, once."""

    code: str
    subject: str
    officer: str
    streets: tuple[str, ...]
    expires_at: datetime


class OpenCode(Record):
    """A code as it is listed: never the code itself."""

    subject: str
    officer: str
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    device: str


class Enrolment:
    """Codes, and the stations that come with them."""

    def __init__(self, store: HqStore, keys: ServiceKeys, *, pen: PenOf, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._pen = pen
        self._clock = clock

    def issue(self, *, subject: str, officer: str, streets: Sequence[str] = (), by: str) -> IssuedCode:
        """Make a code for one officer's station of one body.

        Args:
            streets: The station's scope within the body; none: the whole body.
            by: The person at headquarters who vouches for the officer.

        Raises:
            Refusal: "hq.enrol_senseless": no body or officer, or text that is none.
        """
        for name in (subject, officer, *streets):
            if not 1 <= len(name) <= NAME_CHARS_MAX or not name.isprintable() or "/" in name:
                raise Refusal("hq.enrol_senseless")
        code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
        now = self._clock.now()
        issued = IssuedCode(
            code="-".join(code[at : at + 4] for at in range(0, len(code), 4)),
            subject=subject,
            officer=officer,
            streets=tuple(streets),
            expires_at=now + timedelta(hours=CODE_HOURS),
        )
        values = {
            "code_hash": _hash(code),
            "subject": subject,
            "officer": officer,
            "streets": msgspec.json.encode(issued.streets).decode(),
            "issued_by": by,
            "issued_at": now,
            "expires_at": issued.expires_at,
        }
        self._store.run(home_stream(subject), lambda work: work.connection.execute(sa.insert(t.one_time_code), values))
        return issued

    def codes(self) -> tuple[OpenCode, ...]:
        """Return the codes, newest first."""
        query = sa.select(t.one_time_code).order_by(t.one_time_code.c.issued_at.desc())
        with self._store.engines.reader.begin() as connection:
            return tuple(
                OpenCode(
                    subject=row.subject,
                    officer=row.officer,
                    issued_by=row.issued_by,
                    issued_at=row.issued_at,
                    expires_at=row.expires_at,
                    device=row.device_id,
                )
                for row in connection.execute(query)
            )

    def enrol(self, request: EnrolRequest, *, proven: bytes) -> EnrolAnswer:
        """Take a station in.

        Args:
            proven: The public key of which the caller proved to hold the private half.

        Raises:
            Refusal: "hq.code_unknown", "hq.code_expired", "hq.code_used", "hq.device_known" (params device),
                "hq.enrol_senseless", "sync.proof_bad".
        """
        if proven != request.keys.public:
            raise Refusal("sync.proof_bad", why="key")
        _check(request)
        code = self._code(request.code)
        if request.only_looks:
            return self._answer(self._looked(code, request))
        row = self._store.run(home_stream(code.subject), lambda work: self._take_in(work, request))
        return self._answer(row)

    def retire(self, device: str, status: DeviceStatus, *, reason: str, by: str) -> DeviceRow:
        """Retire a device, declare its laptop lost, or take it back; its body is told.

        Raises:
            Refusal: "sync.device_unknown".
        """
        held = self._store.directory.find(device)
        if held is None:
            raise Refusal("sync.device_unknown", device=device)
        moved = self._store.run(
            held.home_stream, lambda work: set_status(work, self._pen(by), device, status, reason=reason)
        )
        assert moved is not None, "devices are never forgotten"
        return moved

    def _looked(self, code: Any, request: EnrolRequest) -> DeviceRow:
        """Return the row that enrolling would make, or the one that it made; nothing is written."""
        held = self._store.directory.find(request.keys.device)
        self._object(code, held, request)
        return held or self._row(request.keys, code, request.station)

    def _object(self, code: Any, held: DeviceRow | None, request: EnrolRequest) -> None:
        """Refuse a code that is used, or over, and a device that came with another one."""
        if code.device_id:
            if held is None or code.device_id != request.keys.device or held.public != request.keys.public:
                raise Refusal("hq.code_used")
            return
        if code.expires_at < self._clock.now():
            raise Refusal("hq.code_expired", hours=CODE_HOURS)
        if held is not None:
            raise Refusal("hq.device_known", device=request.keys.device)

    def _take_in(self, work: SqlWork, request: EnrolRequest) -> DeviceRow:
        code = self._code(request.code, work.connection)
        held = find_in(work.connection, request.keys.device)
        self._object(code, held, request)
        if held is not None:
            return held
        pen = self._pen(code.issued_by)
        for past in request.past:
            self._admit_past(work, pen, past, code, request.station)
        row = admit(work, pen, self._row(request.keys, code, request.station))
        used = sa.update(t.one_time_code).where(t.one_time_code.c.code_hash == code.code_hash)
        work.connection.execute(used.values(device_id=row.device, used_at=self._clock.now()))
        return row

    def _admit_past(self, work: SqlWork, pen: HqPen, past: DeviceKeys, code: Any, station: str) -> None:
        """Let in what the station was before: its chains follow. Nobody takes another station's past for his own."""
        held = find_in(work.connection, past.device)
        if held is None:
            admit(work, pen, self._row(past, code, station))
        elif (held.public, held.station) != (past.public, station):
            raise Refusal("hq.device_known", device=past.device)

    def _row(self, keys: DeviceKeys, code: Any, station: str) -> DeviceRow:
        told = StationDevice(
            id=keys.device,
            station=station,
            subject=code.subject,
            public=keys.public.hex(),
            seal_recipient=keys.seal_recipient,
            officer=code.officer,
            enrolled_at=self._clock.now(),
            certificate=base64.b64encode(keys.certificate).decode(),
        )
        streets = msgspec.json.decode(code.streets, type=tuple[str, ...])
        return new_row(told, reads=REFERENCES, streets=streets, certificate=keys.certificate)

    def _answer(self, row: DeviceRow) -> EnrolAnswer:
        return EnrolAnswer(
            device=row.device,
            subject=row.subject,
            home_stream=row.home_stream,
            streams=row.streams,
            hq_public=self._keys.public,
            root_public=self._keys.root_public,
            root_signature=self._keys.root_signature,
            hq_recipient=self._keys.recipient,
            epoch=self._store.epoch(),
            lease_until=row.enrolled_at + timedelta(days=LEASE_DAYS),
            streets=row.streets,
        )

    def _code(self, code: str, connection: sa.Connection | None = None) -> Any:
        """Return the row of a code, locked where a transaction is given.  Raises Refusal "hq.code_unknown"."""
        query = sa.select(t.one_time_code).where(t.one_time_code.c.code_hash == _hash(code))
        if connection is not None:
            row = connection.execute(query.with_for_update()).first()
        else:
            with self._store.engines.reader.begin() as reading:
                row = reading.execute(query).first()
        if row is None or row.revoked_at is not None:
            raise Refusal("hq.code_unknown")
        return row


def _check(request: EnrolRequest) -> None:
    names = [request.station, *(one.device for one in (request.keys, *request.past))]
    sizes = [len(one.public) == signing.KEY_BYTES for one in (request.keys, *request.past)]
    texts = [one.seal_recipient for one in (request.keys, *request.past)]
    if (
        not all(sizes)
        or len(request.past) > PAST_MAX
        or len(set(names[1:])) != len(names) - 1
        or not all(1 <= len(name) <= NAME_CHARS_MAX and name.isprintable() and "/" not in name for name in names)
        or not all(len(text) <= NAME_CHARS_MAX for text in texts)
    ):
        raise Refusal("hq.enrol_senseless")


def _hash(code: str) -> str:
    """Return the hash under which a code is kept: typed in any case, with or without dashes, O for 0 never."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(b"enrol1|" + plain.encode()).hexdigest()
