"""The calls that carry records: token, chain, push, pull, digest. Source: sync.md 3.6."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, QueryParameter

from core.hq.auth import FORM_BYTES_MAX
from core.hq.documented import PAGES_DESCRIPTION, ProvenOperation, PushOperation, TokenOperation
from core.hq.limits import read_body
from core.hq.service import WAITING_MAX, AnyRequest, caller_of, service_of
from core.kernel.errors import Refusal
from core.remote.door import PAGES_TYPE, FaultAnswer, TokenAnswer
from core.sync.runs import FRAME_BYTES_MAX, decode_run
from core.sync.wire import (
    JSON_BYTES_MAX,
    PROTOCOL,
    PROTOCOL_OLDEST,
    ChainAnswer,
    DigestAnswer,
    DigestRequest,
    PullRequest,
    PushAnswer,
    encode,
)

PUSH_BYTES_MAX = 4 << 20
"""Bytes of a compressed run; 1 MiB of lines never compress to more, one long line may."""
STREAMS_MAX = 200
"""Streams that one request may ask about."""
JSON_TYPE = "application/json"
FAULTS = {
    status: ResponseSpec(FaultAnswer, description=said, generate_examples=False)
    for status, said in (
        (400, "Refused: the code says why."),
        (401, "No good token or proof, or a fresh nonce is wanted."),
        (403, "The device may not."),
        (413, "Too long."),
        (426, "Station and headquarters lie too many releases apart."),
        (429, "Too many requests: see Retry-After."),
        (503, "Busy or in trouble: see Retry-After."),
    )
}


class ProtocolAnswer(msgspec.Struct, frozen=True):
    """What this headquarters speaks."""

    protocol: int
    oldest: int


def told(message: Any, *, status: int = 200) -> Response[Any]:
    """Return a message as its JSON."""
    return Response(encode(message), status_code=status, media_type=JSON_TYPE)


@get("/v1", summary="What this headquarters speaks", responses=FAULTS)
async def protocol() -> Response[ProtocolAnswer]:
    """Return the protocol's number and the oldest one that is understood."""
    return told(ProtocolAnswer(protocol=PROTOCOL, oldest=PROTOCOL_OLDEST))


@post(
    "/v1/token",
    status_code=200,
    operation_class=TokenOperation,
    summary="A token for a device that proves itself",
    responses=FAULTS,
)
async def token(request: AnyRequest) -> Response[TokenAnswer]:
    """Return a token of ten minutes, bound to the device's key."""
    service = service_of(request)
    form = await read_body(request.stream, request.headers.get("content-length", ""), bytes_max=FORM_BYTES_MAX)
    proof = request.headers.get("dpop", "")
    access = await service.call(service.guard.token, form, proof, request.scope["path"])
    return told(TokenAnswer(access_token=access))


@get("/v1/chain", operation_class=ProvenOperation, summary="Headquarters' view of one chain", responses=FAULTS)
async def chain(
    request: AnyRequest, device: Annotated[str, QueryParameter(name="device", max_length=200)]
) -> Response[ChainAnswer]:
    """Return how far the chain of a device of the asking station is held."""
    row = await caller_of(request, reads=False)
    service = service_of(request)
    if device != row.device:
        asked = await service.call(service.store.directory.find, device)
        if asked is None or asked.station != row.station:
            raise Refusal("sync.device_foreign", device=device)
    return told(await service.call(service.desk.chain, device))


@post(
    "/v1/push",
    status_code=200,
    operation_class=PushOperation,
    summary="Hand over a run of a chain",
    responses=FAULTS | {409: ResponseSpec(PushAnswer, description="Gap or fork.", generate_examples=False)},
)
async def push(request: AnyRequest) -> Response[PushAnswer]:
    """Take in a run, authorised by its seal alone; whoever brings it."""
    service = service_of(request)
    body = await read_body(request.stream, request.headers.get("content-length", ""), bytes_max=PUSH_BYTES_MAX)
    answer = await service.call(lambda: service.desk.push(decode_run(body)))
    if answer.verdict == "fork":
        service.metrics.event("fork")
    return told(answer, status=200 if answer.verdict == "taken" else 409)


@post(
    "/v1/pull",
    status_code=200,
    operation_class=ProvenOperation,
    request_max_body_size=JSON_BYTES_MAX,
    summary="What follows each cursor",
    media_type=PAGES_TYPE,
    response_description=PAGES_DESCRIPTION,
    responses=FAULTS,
)
async def pull(request: AnyRequest, data: JSONBody[PullRequest]) -> Response[bytes]:
    """Return at most one page or reset a cursor; with wait_s the answer is held until news come."""
    row = await caller_of(request, reads=True)
    service = service_of(request)
    _bounded(len(data.cursors))
    packed = await service.call(service.pull, row.device, data)
    if not packed and data.wait_s > 0 and service.watch.waiting < WAITING_MAX:
        # Who waits takes no room from who works.
        service.running.leave()
        try:
            has_news = await service.watch.news(data.cursors, data.wait_s)
        finally:
            service.running.count += 1
        if has_news:
            packed = await service.call(service.pull, row.device, data)
    return Response(packed, media_type=PAGES_TYPE)


@post(
    "/v1/digest",
    status_code=200,
    operation_class=ProvenOperation,
    request_max_body_size=JSON_BYTES_MAX,
    summary="What headquarters holds, for the statement",
    responses=FAULTS,
)
async def digest(request: AnyRequest, data: JSONBody[DigestRequest]) -> Response[DigestAnswer]:
    """Return the digests of the streams, the chain and the media of the asking station."""
    row = await caller_of(request, reads=True)
    _bounded(len(data.streams))
    service = service_of(request)
    return told(await service.call(service.desk.digest, row.device, data.streams))


def _bounded(count: int) -> None:
    if count > STREAMS_MAX:
        raise Refusal("sync.body_too_large", bytes_max=JSON_BYTES_MAX)


assert PUSH_BYTES_MAX <= FRAME_BYTES_MAX
ROUTES = (protocol, token, chain, push, pull, digest)
