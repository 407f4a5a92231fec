"""The status page: nobody sees it without logging in, and no name or reason becomes markup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser

import httpx
import pytest

from core.domain.shared_state import StationDevice
from core.hq.device_rows import new_row
from core.hq.directory import admit
from core.hq.people import HqRole
from core.hq.sessions import COOKIE, HOURS, Sessions
from tests.helpers.headquarters import HQ_KEY, STREAM, SUBJECT, Author, Headquarters
from tests.helpers.hq_door import Door, open_door

PASSWORD = "a long password"
HOSTILE = '<script>alert("x")</script>&\'"><img src=x onerror=y>'


@pytest.fixture
def door(hq: Headquarters) -> Iterator[Door]:
    """Give the front door of the headquarters, with one person who may look."""
    with open_door(hq) as found:
        found.service.people.add("甲", PASSWORD, HqRole.VIEWER)
        yield found


def log_in(door: Door, password: str = PASSWORD) -> httpx.Response:
    """Log in and keep the cookie."""
    form = {"name": "甲", "password": password}
    return door.client.post("/login", data=form, follow_redirects=False)


def status(door: Door) -> httpx.Response:
    """Return the status page as it comes."""
    return door.client.get("/status", follow_redirects=False)


class Tags(HTMLParser):
    """Collects the tags of a page, and checks that each is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_nobody_sees_the_page_without_logging_in(door: Door) -> None:
    answer = status(door)
    assert (answer.status_code, answer.headers["Location"], answer.text) == (303, "/login", "")


def test_who_logs_in_sees_stations_and_their_silence(door: Door, author: Author) -> None:
    author.answers(3)
    door.hq.push(author)
    door.hq.clock.advance(days=4)
    answer = log_in(door)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/status")
    page = status(door)
    assert page.status_code == 200
    for shown in (SUBJECT, "o-1", "在用", "逾期", '<td class="number">3</td>'):
        assert shown in page.text


def test_the_cookie_is_for_this_site_alone(door: Door) -> None:
    said = log_in(door).headers["Set-Cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said


def test_a_wrong_password_shows_the_form_again_and_then_a_wait(door: Door) -> None:
    for _ in range(3):
        answer = log_in(door, "wrong")
        assert (answer.status_code, COOKIE in answer.headers.get("Set-Cookie", "")) == (403, False)
    assert "秒后再试" in log_in(door).text


def test_forks_and_entries_that_wait_are_shown(door: Door, author: Author) -> None:
    author.answers(2)
    twin = author.copy()
    author.write("dream", "x-1", {"id": "x-1"})
    twin.answer(9)
    door.hq.push(author)
    door.hq.push(twin, 3)
    log_in(door)
    page = status(door).text
    assert "本程序不认识的类别" in page
    assert "链条分叉" in page


def test_no_text_becomes_markup(door: Door) -> None:
    told = StationDevice(
        id="d-evil",
        station=HOSTILE,
        subject=SUBJECT,
        public=Author("d-evil").public.hex(),
        seal_recipient="age1",
        officer=HOSTILE,
        enrolled_at=door.hq.clock.now(),
    )
    door.hq.store.run(STREAM, lambda work: admit(work, door.hq.pen(), new_row(told)))
    log_in(door)
    answer = status(door)
    tags = Tags(answer.text)
    assert "&lt;script&gt;" in answer.text
    assert not {"script", "img", "iframe"} & set(tags.names)
    assert tags.open == []
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_forged_or_old_cookie_is_none(door: Door) -> None:
    sessions = door.service.sessions
    good = sessions.begin("甲")
    assert sessions.name(good) == "甲"
    for forged in (
        "",
        "x",
        "é",
        good[:-2],
        good.replace(".", ""),
        "a" * 2000,
        Sessions(bytes(32), door.hq.clock).begin("甲"),
    ):
        assert sessions.name(forged) == ""
    door.hq.clock.advance(hours=HOURS)
    assert sessions.name(good) == ""
    assert Sessions(HQ_KEY, door.hq.clock).name(good) == ""


def test_a_closed_account_is_out_at_once(door: Door) -> None:
    log_in(door)
    door.service.people.add("乙", PASSWORD, HqRole.ADMIN)
    door.service.people.close("甲")
    assert status(door).status_code == 303


def test_logging_out_forgets(door: Door) -> None:
    log_in(door)
    assert status(door).status_code == 200
    door.client.post("/logout", follow_redirects=False)
    assert status(door).status_code == 303


def test_a_station_heard_of_lately_is_not_overdue(door: Door, author: Author) -> None:
    door.hq.clock.advance(days=4)
    door.line(author).chain(author.device)
    log_in(door)
    assert "逾期" not in status(door).text
    row = door.hq.store.directory.find(author.device)
    assert row is not None
    assert row.seen_at is not None
    assert door.hq.clock.now() - row.seen_at < timedelta(minutes=1)


def test_the_document_names_every_route(door: Door) -> None:
    paths = door.client.get("/schema/openapi.json").json()["paths"]
    assert {"/v1/enrol", "/v1/token", "/v1/chain", "/v1/push", "/v1/pull", "/v1/digest"} <= set(paths)
    assert {"/v1/blobs/{sha256}", "/v1/blobs/{sha256}/parts/{number}", "/health", "/ready", "/metrics"} <= set(paths)
    assert all(call.get("summary") for calls in paths.values() for call in calls.values())
    assert {"/v1/bundles", "/v1/bundles/{device}", "/v1/checkpoints", "/v1/checkpoints/{day}"} <= set(paths)
    assert door.client.get("/ready").json()["status"] == "ready"
