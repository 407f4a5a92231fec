"""The status page for people: stations and their silence, entries that wait for a person, forks, checkpoints."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qs

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from core.hq import html
from core.hq.duties import DutyLine
from core.hq.limits import read_body
from core.hq.overview import Overview, StationLine, overview
from core.hq.people import Person
from core.hq.service import AnyRequest, address_of, service_of
from core.hq.sessions import COOKIE, HOURS
from core.kernel.clock import local
from core.kernel.errors import Refusal
from core.kernel.words import fault_words, text

FORM_BYTES_MAX = 4 << 10
# Nothing but our own style; no script, no frame, no form to anywhere else.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_HEADERS = {"Content-Security-Policy": POLICY, "X-Frame-Options": "DENY"}


@get("/", include_in_schema=False)
async def root() -> Redirect:
    """Lead people to the page that is theirs."""
    return Redirect("/status", status_code=303)


@get("/login", summary="The page where people log in", media_type="text/html")
async def login_page() -> Response[str]:
    """Return the form."""
    return _page(_login())


@post("/login", status_code=303, summary="Log in", media_type="text/html")
async def login(request: AnyRequest) -> Response[str]:
    """Let a person in, or say why not."""
    service = service_of(request)
    service.doors.take(address_of(request))
    body = await read_body(request.stream, request.headers.get("content-length", ""), bytes_max=FORM_BYTES_MAX)
    name, password = _typed(body)
    try:
        person = await service.call(service.people.check, name, password)
    except Refusal as refusal:
        return _page(_login(fault_words(refusal, "zh").what), status=403)
    cookie = Cookie(
        key=COOKIE,
        value=service.sessions.begin(person.name),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        max_age=HOURS * 3600,
        path="/",
    )
    return Response("", status_code=303, headers={"Location": "/status"}, cookies=[cookie], media_type="text/html")


@post("/logout", status_code=303, summary="Log out", media_type="text/html")
async def logout() -> Response[str]:
    """Forget who was logged in."""
    gone = Cookie(key=COOKIE, value="", max_age=0, path="/", httponly=True, samesite="strict")
    return Response("", status_code=303, headers={"Location": "/login"}, cookies=[gone], media_type="text/html")


@get("/status", summary="What people at headquarters look at", media_type="text/html")
async def status(request: AnyRequest) -> Response[str]:
    """Return the status page to whoever is logged in."""
    service = service_of(request)
    person = await service.call(_person, request)
    if person is None:
        return Response("", status_code=303, headers={"Location": "/login"}, media_type="text/html")
    found = await service.call(overview, service.store, service.clock.now(), overdue_days=service.overdue_days)
    return _page(_status(found, person, service.name))


def _person(request: AnyRequest) -> Person | None:
    service = service_of(request)
    name = service.sessions.name(request.cookies.get(COOKIE, ""))
    person = service.people.find(name) if name else None
    return person if person is not None and person.closed_at is None else None


def _typed(body: bytes) -> tuple[str, str]:
    try:
        fields = parse_qs(body.decode(), max_num_fields=8, keep_blank_values=True)
    except ValueError:
        return "", ""
    return fields.get("name", [""])[0], fields.get("password", [""])[0]


def _page(body: str, *, status: int = 200) -> Response[str]:
    return Response(body, status_code=status, headers=_HEADERS, media_type="text/html")


def _login(said: str = "") -> str:
    form = html.element(
        "form",
        html.element("h1", text("hq.page.login", "zh")),
        html.element("p", said, kind="bad", role="alert") if said else "",
        html.element("label", text("hq.page.account", "zh"), for_="name"),
        html.field("name", "text", autocomplete="username", autofocus=""),
        html.element("label", text("hq.page.password", "zh"), for_="password"),
        html.field("password", "password", autocomplete="current-password"),
        html.element("button", text("hq.page.enter", "zh"), type="submit"),
        kind="login",
        method="post",
        action="/login",
    )
    return html.page(text("hq.page.login", "zh"), form)


def _status(found: Overview, person: Person, name: str) -> str:
    leave = html.element(
        "form",
        html.element("span", f"{person.display_name} · ", kind="soft"),
        html.element("button", text("hq.page.leave", "zh"), type="submit", kind="plain"),
        method="post",
        action="/logout",
    )
    as_of = text("hq.page.as_of", "zh", at=_shown(found.at), epoch=found.epoch[:8])
    return html.page(
        name,
        html.element("header", html.element("h1", name), leave),
        html.element("p", as_of, kind="soft"),
        _stations(found.stations),
        _section("quarantined", len(found.quarantined), _quarantined(found)),
        _section("forks", len(found.forks), _forks(found)),
        _section("duties", len(found.duties), _duties(found)),
        _section("checkpoints", len(found.checkpoints), _checkpoints(found)),
    )


def _section(key: str, count: int, inner: html.Markup) -> html.Markup:
    title = html.element("h2", f"{text(f'hq.page.{key}', 'zh')} ({count})")
    empty = html.element("p", text(f"hq.page.{key}_none", "zh"), kind="soft")
    return html.element("section", title, inner if count else empty)


def _stations(stations: tuple[StationLine, ...]) -> html.Markup:
    headings = [
        text(f"hq.page.{key}", "zh")
        for key in ("body", "officer", "state", "seen", "entries", "durable", "fingerprint")
    ]
    rows = [
        (
            one.subject,
            one.officer,
            text(f"hq.status.{one.status.value}", "zh"),
            html.element("span", _seen(one), kind="bad" if one.is_overdue else ""),
            one.entries,
            one.durable,
            html.element("span", one.fingerprint, kind="key"),
        )
        for one in stations
    ]
    return _section("stations", len(stations), html.table(headings, rows))


def _seen(one: StationLine) -> str:
    shown = _shown(one.seen_at) if one.seen_at is not None else text("hq.page.never", "zh")
    return f"{shown} · {text('hq.page.overdue', 'zh')}" if one.is_overdue else shown


def _quarantined(found: Overview) -> html.Markup:
    headings = [text(f"hq.page.{key}", "zh") for key in ("stream", "place", "family", "entity", "why")]
    rows = [
        (one.stream, f"{one.device} {one.n}", one.family, one.entity, text(f"hq.verdict.{one.verdict}", "zh"))
        for one in found.quarantined
    ]
    return html.table(headings, rows)


def _forks(found: Overview) -> html.Markup:
    headings = [text(f"hq.page.{key}", "zh") for key in ("stream", "device", "entries", "received")]
    rows = [(one.stream, one.device, one.entries, _shown(one.received_at)) for one in found.forks]
    return html.table(headings, rows)


def _checkpoints(found: Overview) -> html.Markup:
    headings = [text(f"hq.page.{key}", "zh") for key in ("checkpoint", "received", "root")]
    rows = [(one.name, _shown(one.at), html.element("span", one.root, kind="key")) for one in found.checkpoints]
    return html.table(headings, rows)


def _duties(found: Overview) -> html.Markup:
    headings = [text(f"hq.page.{key}", "zh") for key in ("duty", "ended", "outcome", "due")]
    return html.table(headings, [_duty(one) for one in found.duties])


def _duty(one: DutyLine) -> tuple[object, ...]:
    ended = _shown(one.ended_at) if one.ended_at is not None else text("hq.page.not_yet", "zh")
    if one.error:
        outcome: object = html.element("span", text("hq.page.failed", "zh", code=one.error), kind="bad")
    else:
        outcome = one.said and text(f"hq.duty_said.{one.name}", "zh", said=one.said)
    due = text("hq.page.at_it", "zh", holder=one.holder) if one.holder else _shown(one.due_at)
    return text(f"hq.duty.{one.name}", "zh"), ended, outcome, due


def _shown(at: datetime) -> str:
    return f"{local(at):%Y-%m-%d %H:%M}"


ROUTES = (root, login_page, login, logout, status)
