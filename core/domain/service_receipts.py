"""Service of papers (送达): the ways, what proves each, and the day from which clocks run.

Source: 行政处罚法 art. 61 sends service to 民事诉讼法 (2023) arts 87 to 95; art. 61(2) electronic service
(domain.md 2.2 D21 and D22, 2.3). The articles a refusal names are the ones a court would ask for.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from core.kernel.clock import local_date
from core.kernel.errors import Refusal
from core.kernel.records import Record, changed


class ServiceMethod(StrEnum):
    """The ways of service."""

    DIRECT = "direct"
    LEFT = "left"
    POST = "post"
    ENTRUSTED = "entrusted"
    ELECTRONIC = "electronic"
    ANNOUNCEMENT = "announcement"


class Receiver(StrEnum):
    """Who took the paper. FAMILY is an adult relative living with a citizen (民事诉讼法 art. 88)."""

    PARTY = "party"
    LEGAL_REPRESENTATIVE = "legal_representative"
    MAIL_ROOM = "mail_room"
    AGENT = "agent"
    DESIGNATED = "designated"
    FAMILY = "family"


class ServiceState(StrEnum):
    """PROVEN starts the clocks. REFUSED: the paper was not taken, so it has to be left."""

    UNDER_WAY = "under_way"
    REFUSED = "refused"
    PROVEN = "proven"
    RETURNED = "returned"


ARTICLES: dict[ServiceMethod, str] = {
    ServiceMethod.DIRECT: "行政处罚法第六十一条、民事诉讼法第八十七条、第八十八条",
    ServiceMethod.LEFT: "行政处罚法第六十一条、民事诉讼法第八十九条",
    ServiceMethod.POST: "行政处罚法第六十一条、民事诉讼法第九十一条",
    ServiceMethod.ENTRUSTED: "行政处罚法第六十一条、民事诉讼法第九十一条",
    ServiceMethod.ELECTRONIC: "行政处罚法第六十一条第二款、民事诉讼法第九十条",
    ServiceMethod.ANNOUNCEMENT: "行政处罚法第六十一条、民事诉讼法第九十五条",
}
WORDS: dict[ServiceMethod, str] = {
    ServiceMethod.DIRECT: "直接送达",
    ServiceMethod.LEFT: "留置送达",
    ServiceMethod.POST: "邮寄送达",
    ServiceMethod.ENTRUSTED: "委托送达",
    ServiceMethod.ELECTRONIC: "电子送达",
    ServiceMethod.ANNOUNCEMENT: "公告送达",
}
"""As the receipt prints them; papers are always Chinese."""
_OF_ORGANISATIONS = frozenset(Receiver) - {Receiver.FAMILY, Receiver.PARTY}


class ServiceAct(Record):
    """What was done, as the server writes it down. Only the fields of its method are wanted."""

    method: ServiceMethod
    at: datetime | None = None
    """Direct, left: when it was handed over or left. Post, entrusted, electronic: when it was received or arrived;
    None: not known yet. Announcement: when it was published."""
    place: str = ""
    receiver: Receiver | None = None
    receiver_name: str = ""
    servers: tuple[str, ...] = ()
    reason: str = ""
    """Left: why it was refused. Announcement: why no other way was open and what was tried."""
    witness: str = ""
    witness_post: str = ""
    """Left: the grassroots organisation or the employer that the witness stands for."""
    media: tuple[str, ...] = ()
    """SHA-256 of the signed receipt, the return slip, photos or video of the leaving, or the announcement."""
    tracking_no: str = ""
    entrusted_body: str = ""
    address: str = ""
    """Electronic: the address in the signed confirmation."""
    published_in: str = ""


class ServiceReceipt(Record):
    """The service of one paper to its party. `served_on` is the local day from which clocks run; None: no proof yet."""

    id: str
    visit: str
    document: str
    method: ServiceMethod
    state: ServiceState
    act: ServiceAct
    consent: str = ""
    """Id of the signed D22 behind electronic service."""
    served_on: date | None = None
    served_at: datetime | None = None
    deemed_on: date | None = None
    """Announcement: the day on which the paper counts as served; the number of days is configuration."""
    citation: str
    is_verified: bool = True
    """False where the day rests on a number nobody has verified."""
    made_at: datetime
    made_by: str
    note: str = ""
    paper: str = ""
    """Id of the drawn D21."""


def check_act(act: ServiceAct, *, is_organisation: bool, has_consent: bool) -> None:
    """Refuse an act of service that could not be proven later.

    Raises:
        Refusal: "service.lacking", params method, lacking, article: what the way of service wants is missing;
            "service.wrong_receiver", params article; "service.no_consent", params article.
    """
    article = ARTICLES[act.method]
    if act.method is ServiceMethod.ELECTRONIC and not has_consent:
        raise Refusal("service.no_consent", article=article)
    lacking = _LACKING[act.method](act)
    if lacking:
        raise Refusal("service.lacking", method=act.method.value, lacking="、".join(lacking), article=article)
    if act.method in {ServiceMethod.DIRECT, ServiceMethod.ENTRUSTED} and act.at is not None:
        _check_receiver(act, is_organisation=is_organisation, article=article)


def _check_receiver(act: ServiceAct, *, is_organisation: bool, article: str) -> None:
    fits = act.receiver in _OF_ORGANISATIONS if is_organisation else act.receiver is not Receiver.MAIL_ROOM
    if not fits:
        raise Refusal("service.wrong_receiver", receiver=act.receiver.value if act.receiver else "", article=article)


def _named(**wanted: object) -> list[str]:
    return [name for name, value in wanted.items() if not value]


def _direct(act: ServiceAct) -> list[str]:
    return _named(
        at=act.at, receiver=act.receiver, receiver_name=act.receiver_name.strip(), servers=act.servers, media=act.media
    )


def _left(act: ServiceAct) -> list[str]:
    lacking = _named(at=act.at, place=act.place.strip(), reason=act.reason.strip(), servers=act.servers)
    has_witness = bool(act.witness.strip() and act.witness_post.strip())
    return lacking if has_witness or act.media else [*lacking, "witness_or_media"]


def _post(act: ServiceAct) -> list[str]:
    lacking = _named(tracking_no=act.tracking_no.strip(), place=act.place.strip())
    # The slip's date is the day of service, so a date without the slip proves nothing.
    return [*lacking, "media"] if act.at is not None and not act.media else lacking


def _entrusted(act: ServiceAct) -> list[str]:
    lacking = _named(entrusted_body=act.entrusted_body.strip())
    return [*lacking, *_named(receiver=act.receiver, media=act.media)] if act.at is not None else lacking


def _electronic(act: ServiceAct) -> list[str]:
    lacking = _named(address=act.address.strip())
    return [*lacking, "media"] if act.at is not None and not act.media else lacking


def _announcement(act: ServiceAct) -> list[str]:
    return _named(at=act.at, reason=act.reason.strip(), published_in=act.published_in.strip(), media=act.media)


_LACKING = {
    ServiceMethod.DIRECT: _direct,
    ServiceMethod.LEFT: _left,
    ServiceMethod.POST: _post,
    ServiceMethod.ENTRUSTED: _entrusted,
    ServiceMethod.ELECTRONIC: _electronic,
    ServiceMethod.ANNOUNCEMENT: _announcement,
}


def wanted_fields(method: ServiceMethod) -> tuple[str, ...]:
    """Return the names of the fields that a way of service wants, once it is proven where it is proven later."""
    never = datetime(1, 1, 1, tzinfo=UTC)
    bare, dated = (_LACKING[method](ServiceAct(method=method, at=at)) for at in (None, never))
    return tuple(dict.fromkeys((*bare, *dated, "at")))


def check_times(act: ServiceAct, *, issued_at: datetime, now: datetime) -> None:
    """Refuse a service before the paper was made or after now.

    Raises Refusal "service.before_issue", "service.in_future".
    """
    if act.at is None:
        return
    if local_date(act.at) < local_date(issued_at):
        raise Refusal("service.before_issue", on=local_date(act.at), issued_on=local_date(issued_at))
    if act.at > now:
        raise Refusal("service.in_future", on=local_date(act.at))


def state_of(act: ServiceAct) -> ServiceState:
    """Return PROVEN once the act itself is the proof; an announcement only runs until its days are over."""
    if act.method is ServiceMethod.ANNOUNCEMENT or act.at is None:
        return ServiceState.UNDER_WAY
    return ServiceState.PROVEN


def proven(receipt: ServiceReceipt, act: ServiceAct) -> ServiceReceipt:
    """Return the receipt with its proof: the day of service is the local day of the act."""
    assert act.at is not None, "only an act with its instant is a proof"
    return changed(
        receipt,
        act=act,
        state=ServiceState.PROVEN,
        served_on=local_date(act.at),
        served_at=act.at,
    )


def deemed_day(published_on: date, days: int) -> date:
    """Return the day on which an announced paper counts as served: when so many days have passed since it.

    The day of publication is not counted. Source: 民事诉讼法 art. 95; the number of days is configuration.
    """
    return published_on + timedelta(days=days)


def deemed_served(receipt: ServiceReceipt, *, today: date) -> ServiceReceipt:
    """Return an announced receipt as proven once its days have passed.

    Raises:
        Refusal: "service.announcement_running", params until, article; "service.not_announced".
    """
    if receipt.method is not ServiceMethod.ANNOUNCEMENT or receipt.deemed_on is None:
        raise Refusal("service.not_announced")
    # 经过: the last of the days must be over.
    if today <= receipt.deemed_on:
        raise Refusal("service.announcement_running", until=receipt.deemed_on, article=receipt.citation)
    return changed(receipt, state=ServiceState.PROVEN, served_on=receipt.deemed_on, served_at=receipt.act.at)
