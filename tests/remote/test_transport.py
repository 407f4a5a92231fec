"""What failures of a request mean, and whose answers are believed."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crypto import signing
from core.kernel.errors import Fault, Refusal, Trouble
from core.kernel.words import fault_words
from core.remote.door import (
    ANSWER_HEADER,
    ASK_HEADER,
    KEY_HEADER,
    PROTOCOL_HEADER,
    FaultAnswer,
    answer_text,
    hq_key_text,
    pack,
    thumbprint,
    understands,
    unpack,
)
from core.remote.line import HttpLine
from core.remote.tokens import Caller
from core.remote.transport import ANSWER_BYTES_MAX, Answer, Transport, fault_of, new_client
from core.sync.wire import PROTOCOL, PullRequest, encode

ROOT, SERVICE, OTHER, DEVICE = (bytes([number]) * 32 for number in (1, 2, 3, 4))
Handler = Callable[[httpx.Request], httpx.Response]


def signed(
    request: httpx.Request,
    body: bytes = b"{}",
    *,
    status: int = 200,
    service: bytes = SERVICE,
    root: bytes = ROOT,
    word: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Return an answer as headquarters gives it; the keywords falsify one part of it."""
    public = signing.public_key_of(service)
    asked = request.headers[ASK_HEADER] if word is None else word
    key = ".".join(_base64(part) for part in (public, signing.sign(root, hq_key_text(public))))
    said = {
        PROTOCOL_HEADER: "1",
        KEY_HEADER: key,
        ANSWER_HEADER: _base64(signing.sign(service, answer_text(asked, status, body))),
        "Date": "Tue, 17 Mar 2026 01:00:00 GMT",
    }
    return httpx.Response(status, stream=httpx.ByteStream(body), headers=said | dict(headers or {}))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def transport(handler: Handler, *, root: bytes | None = ROOT) -> Transport:
    """Return a transport over a headquarters that is one function."""
    client = httpx.Client(base_url="https://hq.example", transport=httpx.MockTransport(handler))
    public = signing.public_key_of(root) if root is not None else None
    return Transport(client, verify=signing.verify, root_public=public)


def told(handler: Handler) -> Fault:
    """Return the fault of one request."""
    with pytest.raises(Fault) as raised:
        transport(handler).send("GET", "/v1")
    return raised.value


def test_headquarters_own_answer_is_believed() -> None:
    one = transport(lambda request: signed(request, b'{"a":1}'))
    assert one.send("GET", "/v1").body == b'{"a":1}'
    assert one.hq_public == signing.public_key_of(SERVICE)
    assert one.hq_at is not None
    assert one.hq_at.isoformat() == "2026-03-17T01:00:00+00:00"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda request: httpx.Response(200, html="<h1>Wi-Fi</h1>"), "header"),
        (lambda request: httpx.Response(302, headers={"Location": "http://login.example"}), "redirect"),
        (lambda request: httpx.Response(511, html="log in"), "header"),
        (lambda request: httpx.Response(200, stream=httpx.ByteStream(b""), headers={PROTOCOL_HEADER: "1"}), "key"),
        (lambda request: signed(request, root=OTHER), "key"),
        (lambda request: signed(request, word="an old word"), "signature"),
        (lambda request: signed(request, headers={ANSWER_HEADER: "AAAA"}), "signature"),
        (lambda request: signed(request, headers={KEY_HEADER: "not base64"}), "key"),
    ],
)
def test_anybody_elses_answer_is_not(answer: Handler, why: str) -> None:
    fault = told(answer)
    assert (fault.code, fault.params) == ("sync.not_our_server", {"why": why})


def test_a_changed_body_is_found() -> None:
    def altered(request: httpx.Request) -> httpx.Response:
        good = signed(request, b"one")
        return httpx.Response(200, stream=httpx.ByteStream(b"two"), headers=good.headers)

    assert told(altered).params == {"why": "signature"}


def test_a_changed_status_is_found() -> None:
    def altered(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, stream=httpx.ByteStream(b"{}"), headers=signed(request).headers)

    assert told(altered).params == {"why": "signature"}


def test_a_new_service_key_is_believed_if_the_root_certified_it() -> None:
    keys = iter((SERVICE, OTHER))
    one = transport(lambda request: signed(request, service=next(keys)))
    one.send("GET", "/v1")
    one.send("GET", "/v1")
    assert one.hq_public == signing.public_key_of(OTHER)


def test_before_enrolment_the_protocol_header_must_do() -> None:
    one = transport(
        lambda request: httpx.Response(200, stream=httpx.ByteStream(b"{}"), headers={PROTOCOL_HEADER: "1"}), root=None
    )
    assert one.send("GET", "/v1").status == 200


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (httpx.ConnectError("refused"), "sync.unreachable"),
        (httpx.ConnectTimeout("slow"), "sync.unreachable"),
        (httpx.PoolTimeout("full"), "sync.unreachable"),
        (httpx.ProxyError("no"), "sync.unreachable"),
        (httpx.UnsupportedProtocol("gopher"), "sync.unreachable"),
        (httpx.InvalidURL("no"), "sync.unreachable"),
        (httpx.ReadTimeout("slow"), "sync.line_broken"),
        (httpx.WriteTimeout("slow"), "sync.line_broken"),
        (httpx.ReadError("reset"), "sync.line_broken"),
        (httpx.WriteError("reset"), "sync.line_broken"),
        (httpx.RemoteProtocolError("half"), "sync.line_broken"),
    ],
)
def test_every_failure_of_the_line_is_a_trouble(raised: Exception, code: str) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise raised

    fault = told(fail)
    assert isinstance(fault, Trouble)
    assert fault.code == code


def test_a_foreign_certificate_is_not_our_server() -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("tls") from ssl.SSLCertVerificationError("self-signed")

    assert told(fail).params == {"why": "certificate"}


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_that_does_not_reach_headquarters_is_unreachable(status: int) -> None:
    assert told(lambda _: httpx.Response(status, html="bad gateway")).code == "sync.unreachable"


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("", 30), ("soon", 30), ("999999", 3600), ("-1", 30)])
def test_a_busy_headquarters_says_when_to_come_again(said: str, seconds: int) -> None:
    fault = told(lambda request: signed(request, status=503, headers={"Retry-After": said}))
    assert (fault.code, fault.params) == ("sync.busy", {"retry_after_s": seconds})


def test_too_long_an_answer_is_not_read() -> None:
    class Endless(httpx.SyncByteStream):
        def __iter__(self) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]  # an endless body
            while True:
                yield bytes(1 << 20)

    fault = told(lambda _: httpx.Response(200, stream=Endless(), headers={PROTOCOL_HEADER: "1"}))
    assert fault.params == {"why": "size"}
    assert ANSWER_BYTES_MAX >= 64 << 20


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        (FaultAnswer(kind="refusal", code="sync.stream_forbidden", params={"stream": "org/1"}), Refusal, None),
        (FaultAnswer(kind="trouble", code="sync.hq_failed"), Trouble, None),
        (FaultAnswer(kind="refusal", code="sync.of_tomorrow"), Refusal, "sync.refused_by_hq"),
        (FaultAnswer(kind="refusal", code="sync.stream_forbidden"), Refusal, "sync.refused_by_hq"),
        (FaultAnswer(kind="refusal", code="ui.nav.visits"), Refusal, "sync.refused_by_hq"),
    ],
)
def test_headquarters_faults_come_back_with_words(said: FaultAnswer, kind: type[Fault], code: str | None) -> None:
    fault = fault_of(Answer(400, {}, encode(said)))
    assert isinstance(fault, kind)
    assert fault.code == (code or said.code)
    assert fault_words(fault, "zh").what


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("hq.example", "sync.url_senseless"),
        ("ftp://hq.example", "sync.url_senseless"),
        ("https://", "sync.url_senseless"),
        ("http://hq.example", "sync.url_insecure"),
        ("http://10.0.0.7:8000", "sync.url_insecure"),
    ],
)
def test_an_address_must_be_one_and_be_encrypted(url: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        new_client(url)
    assert refused.value.code == code


@pytest.mark.parametrize("url", ["https://hq.example", "http://127.0.0.1:8000", "http://localhost:1"])
def test_good_addresses_are_taken(url: str) -> None:
    client = new_client(url)
    assert str(client.base_url).startswith(url)
    assert not client.follow_redirects
    client.close()


def test_a_certificate_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as trouble:
        new_client("https://hq.example", ca_file=tmp_path / "nothing.pem")
    assert trouble.value.code == "sync.ca_unreadable"


def test_who_is_not_enrolled_asks_nothing() -> None:
    client = httpx.Client(base_url="https://hq.example", transport=httpx.MockTransport(signed))
    line = HttpLine(client, caller=None, verify=signing.verify)
    with pytest.raises(Refusal) as refused:
        line.chain("d-1")
    assert refused.value.code == "sync.not_enrolled"


@pytest.mark.parametrize(("protocol", "is_near"), [(0, False), (1, True), (4, True), (5, False)])
def test_three_releases_either_way_understand_each_other(protocol: int, is_near: bool) -> None:
    assert PROTOCOL == 1
    assert understands(protocol) is is_near


def test_the_thumbprint_is_that_of_the_standard() -> None:
    # Source: RFC 8037 appendix A.3.
    public = base64.urlsafe_b64decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    assert thumbprint(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@given(st.lists(st.binary(max_size=20), max_size=5))
def test_packed_bodies_come_out_as_they_went_in(bodies: list[bytes]) -> None:
    assert unpack(pack(bodies)) == bodies


@given(st.binary(max_size=40))
def test_any_bytes_unpack_or_are_refused(packed: bytes) -> None:
    try:
        bodies = unpack(packed)
    except Refusal:
        bodies = [b"refused"]
    assert bodies == [b"refused"] or pack(bodies) == packed


@given(status=st.sampled_from([200, 204, 206, 302, 400, 401, 409, 416, 429, 500, 503]), body=st.binary(max_size=200))
def test_whatever_headquarters_says_only_faults_come_of_it(status: int, body: bytes) -> None:
    client = httpx.Client(
        base_url="https://hq.example",
        transport=httpx.MockTransport(lambda request: signed(request, body, status=status)),
    )
    caller = Caller(device="d", public=signing.public_key_of(DEVICE), sign=lambda _: bytes(64), now=lambda: 0.0)
    line = HttpLine(client, caller=caller, verify=signing.verify, root_public=signing.public_key_of(ROOT))
    for ask in (lambda: line.chain("d"), lambda: line.pull(PullRequest(cursors=())), lambda: line.blob("0" * 64)):
        with pytest.raises((Refusal, Trouble)):
            ask()
