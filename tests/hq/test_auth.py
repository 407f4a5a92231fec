"""Who is let in: a token without its proof, another key's proof, a proof seen before, an old nonce, a wrong clock."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from core.crypto import signing
from core.domain.shared_state import DeviceStatus
from core.hq.auth import NONCE_S, TOKEN_S
from core.hq.directory import set_status
from core.kernel.errors import Refusal
from core.remote.door import NONCE_HEADER, TokenAnswer
from core.remote.tokens import Caller, Proofs
from core.sync.streams import Cursor
from core.sync.wire import PullRequest, decode, encode
from tests.helpers.headquarters import STREAM, Author, Headquarters
from tests.helpers.hq_door import Door, open_door

CHAIN = "/v1/chain?device=d-1"
URL = "http://testserver.local"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

BOTH = pytest.mark.on("sqlite", "postgresql")
# Tokens and proofs are judged before a database is asked; what was seen before is not.
pytestmark = pytest.mark.on("sqlite")


@pytest.fixture
def door(hq: Headquarters) -> Iterator[Door]:
    """Give the front door of the headquarters."""
    with open_door(hq) as found:
        yield found


class Asker:
    """Asks by hand, so that a test can spoil one part of it."""

    def __init__(self, door: Door, author: Author) -> None:
        self.client = door.client
        sign = partial(signing.sign, author.private)
        self.proofs = Proofs(Caller(device=author.device, public=author.public, sign=sign, now=lambda: 0.0))
        self.proofs.nonce = self.client.get("/health").headers[NONCE_HEADER]

    def token(self) -> str:
        """Get a token."""
        proof = self.proofs.headers("POST", f"{URL}/v1/token")
        answer = self.client.post("/v1/token", data=self.proofs.assertion(), headers=proof | FORM)
        assert answer.status_code == 200, answer.text
        said = decode(TokenAnswer, answer.content)
        assert isinstance(said, TokenAnswer)
        self.proofs.token = said.access_token
        return said.access_token

    def chain(self, **headers: str) -> httpx.Response:
        """Ask for the chain with good headers, or others in their place."""
        return self.client.get(CHAIN, headers=self.proofs.headers("GET", f"{URL}/v1/chain") | headers)


@pytest.fixture
def asker(door: Door, author: Author) -> Asker:
    """Give an asker with a token."""
    one = Asker(door, author)
    one.token()
    return one


def said(answer: httpx.Response) -> tuple[int, str, str]:
    """Return status, code and reason of an answer."""
    body = answer.json()
    return answer.status_code, body["code"], str(body["params"].get("why", ""))


@BOTH
def test_a_token_with_its_proof_is_let_in(asker: Asker) -> None:
    assert asker.chain().status_code == 200


def test_a_token_without_proof_is_not(asker: Asker) -> None:
    answer = asker.client.get(CHAIN, headers={"Authorization": f"DPoP {asker.proofs.token}"})
    assert said(answer) == (401, "sync.proof_bad", "missing")
    assert 'error="invalid_dpop_proof"' in answer.headers["WWW-Authenticate"]


def test_a_token_as_a_bearer_is_not(asker: Asker) -> None:
    assert said(asker.chain(Authorization=f"Bearer {asker.proofs.token}"))[1] == "sync.token_bad"


def test_a_stolen_token_with_another_devices_proof_is_not(door: Door, asker: Asker) -> None:
    thief = Author("d-2", clock=door.hq.clock)
    door.hq.admit(thief)
    stolen = Asker(door, thief)
    stolen.proofs.token = asker.proofs.token
    assert said(stolen.chain()) == (401, "sync.proof_bad", "key")


@BOTH
def test_a_proof_seen_before_is_not(asker: Asker) -> None:
    headers = asker.proofs.headers("GET", f"{URL}/v1/chain")
    assert asker.client.get(CHAIN, headers=headers).status_code == 200
    assert said(asker.client.get(CHAIN, headers=headers)) == (401, "sync.proof_bad", "replayed")


@BOTH
def test_a_replay_at_another_worker_is_found(hq: Headquarters, asker: Asker) -> None:
    headers = asker.proofs.headers("GET", f"{URL}/v1/chain")
    assert asker.client.get(CHAIN, headers=headers).status_code == 200
    with open_door(hq) as other:
        assert said(other.client.get(CHAIN, headers=headers))[2] == "replayed"


def test_a_proof_for_another_request_is_not(asker: Asker) -> None:
    for method, path in (("POST", "/v1/chain"), ("GET", "/v1/digest")):
        headers = asker.proofs.headers(method, URL + path)
        assert said(asker.client.get(CHAIN, headers=headers))[2] == "request"


def test_a_proof_for_another_token_is_not(door: Door, asker: Asker) -> None:
    old = asker.proofs.token
    door.hq.clock.advance(seconds=1)
    asker.token()
    assert said(asker.chain(Authorization=f"DPoP {old}"))[2] == "token"


def test_an_old_nonce_asks_for_a_new_one(door: Door, asker: Asker) -> None:
    door.hq.clock.advance(seconds=NONCE_S + 1)
    answer = asker.chain()
    assert said(answer)[1] == "sync.nonce_stale"
    assert 'error="use_dpop_nonce"' in answer.headers["WWW-Authenticate"]
    asker.proofs.nonce = answer.headers[NONCE_HEADER]
    assert asker.chain().status_code == 200


@pytest.mark.parametrize("nonce", ["", "x", "A" * 43, "é"])
def test_a_nonce_that_headquarters_did_not_make_is_not(asker: Asker, nonce: str) -> None:
    asker.proofs.nonce = nonce
    assert said(asker.chain())[1] == "sync.nonce_stale"


def test_a_token_runs_out(door: Door, asker: Asker) -> None:
    door.hq.clock.advance(seconds=TOKEN_S + 1)
    asker.proofs.nonce = asker.client.get("/health").headers[NONCE_HEADER]
    assert said(asker.chain()) == (401, "sync.token_bad", "expired")


def test_a_line_gets_a_new_token_by_itself(door: Door, author: Author) -> None:
    line = door.line(author)
    line.chain(author.device)
    door.hq.clock.advance(days=3)
    assert line.chain(author.device).device == author.device


@pytest.mark.parametrize("years", [-20, 30])
def test_inv22_f25_a_wrong_clock_still_gets_in(door: Door, author: Author, years: int) -> None:
    author.answers(2)
    line = door.line(author, years_off=years)
    assert line.push(author.run()).have == 2
    assert line.chain(author.device).have == 2
    assert line.hq_at == door.hq.clock.now().replace(microsecond=0)


def test_a_token_of_another_headquarters_is_not(asker: Asker) -> None:
    head, claims, signature = asker.proofs.token.split(".")
    forged = f"{head}.{claims}.{signature[:-4]}AAAA"
    asker.proofs.token = forged
    assert said(asker.chain()) == (401, "sync.token_bad", "signature")


@pytest.mark.parametrize(
    "spoil",
    [
        {"grant_type": "password"},
        {"client_assertion_type": "none"},
        {"client_assertion": ""},
        {"client_assertion": "a.b.c"},
        {"client_assertion": "." * 9000},
    ],
)
def test_a_form_that_is_none_gets_no_token(door: Door, author: Author, spoil: dict[str, str]) -> None:
    asker = Asker(door, author)
    form = asker.proofs.assertion() | spoil
    answer = asker.client.post("/v1/token", data=form, headers=asker.proofs.headers("POST", f"{URL}/v1/token") | FORM)
    assert answer.status_code in (400, 401)
    assert answer.json()["code"] == "sync.token_bad"


def test_an_assertion_signed_by_another_key_gets_no_token(door: Door, author: Author) -> None:
    asker, thief = Asker(door, author), Author("d-3", clock=door.hq.clock)
    sign = partial(signing.sign, thief.private)
    asker.proofs = Proofs(Caller(device=author.device, public=thief.public, sign=sign, now=lambda: 0.0))
    asker.proofs.nonce = asker.client.get("/health").headers[NONCE_HEADER]
    headers = asker.proofs.headers("POST", f"{URL}/v1/token") | FORM
    answer = asker.client.post("/v1/token", data=asker.proofs.assertion(), headers=headers)
    assert said(answer) == (401, "sync.token_bad", "assertion")


def test_a_device_asks_for_its_own_stations_chains_only(door: Door, author: Author) -> None:
    other, past = Author("d-2", clock=door.hq.clock), Author("d-0", clock=door.hq.clock)
    door.hq.admit(other)
    door.hq.admit(past, station=f"s-{author.device}")
    line = door.line(author)
    assert line.chain("d-0").device == "d-0"
    for device in ("d-2", "d-nobody"):
        with pytest.raises(Refusal) as refused:
            line.chain(device)
        assert refused.value.code == "sync.device_foreign"


@BOTH
@pytest.mark.parametrize("status", [DeviceStatus.RETIRED, DeviceStatus.LOST])
def test_a_retired_device_hands_over_and_receives_nothing(door: Door, author: Author, status: DeviceStatus) -> None:
    author.answers(2)
    door.hq.store.run(STREAM, lambda work: set_status(work, door.hq.pen(), author.device, status, reason="left"))
    line = door.line(author)
    assert line.push(author.run()).have == 2
    told = line.chain(author.device)
    assert (told.have, told.status, told.must_erase) == (2, status.value, status is DeviceStatus.LOST)
    with pytest.raises(Refusal) as refused:
        line.pull(PullRequest(cursors=(Cursor(stream=STREAM),)))
    assert refused.value.code == "sync.device_retired"
    with pytest.raises(Refusal):
        line.blob("0" * 64)


@BOTH
def test_a_pull_that_is_sent_twice_is_a_replay(door: Door, asker: Asker) -> None:
    body = encode(PullRequest(cursors=(Cursor(stream=STREAM),)))
    headers = asker.proofs.headers("POST", f"{URL}/v1/pull")
    assert asker.client.post("/v1/pull", content=body, headers=headers).status_code == 200
    assert asker.client.post("/v1/pull", content=body, headers=headers).status_code == 401
