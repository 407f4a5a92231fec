"""The calls that carry media. A name is a SHA-256 and nothing else; no path is ever made of what a caller says."""

from __future__ import annotations

import re

from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody

from core.hq.documented import PartOperation, ProvenOperation, RangeOperation
from core.hq.limits import read_body
from core.hq.routes_sync import FAULTS, told
from core.hq.service import AnyRequest, caller_of, service_of
from core.kernel.errors import Refusal
from core.remote.door import BLOB_TYPE, DIGEST_HEADER, RANGE_BYTES_MAX, content_digest, is_blob_name
from core.sync.wire import JSON_BYTES_MAX, PART_BYTES, CompleteRequest, PartsAnswer

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})?")


@get(
    "/v1/blobs/{sha256:str}/parts",
    operation_class=ProvenOperation,
    summary="The parts of a blob that are here",
    responses=FAULTS,
)
async def parts(request: AnyRequest, sha256: FromPath[str]) -> Response[PartsAnswer]:
    """Return the numbers of the parts, from 0, or that the blob is whole."""
    row = await caller_of(request, reads=False)
    service = service_of(request)
    return told(await service.call(service.desk.parts, row.device, named(sha256)))


@put(
    "/v1/blobs/{sha256:str}/parts/{number:int}",
    status_code=204,
    operation_class=PartOperation,
    summary="One part of a blob",
    responses=FAULTS,
)
async def put_part(request: AnyRequest, sha256: FromPath[str], number: FromPath[int]) -> None:
    """Keep one part, whose bytes must have the digest that the header says."""
    row = await caller_of(request, reads=False)
    service = service_of(request)
    await service.call(service.desk.put_part, row.device, named(sha256), number, await read_part(request))


@post(
    "/v1/blobs/{sha256:str}/complete",
    status_code=204,
    operation_class=ProvenOperation,
    request_max_body_size=JSON_BYTES_MAX,
    summary="Put a blob together",
    responses=FAULTS,
)
async def complete(request: AnyRequest, sha256: FromPath[str], data: JSONBody[CompleteRequest]) -> None:
    """Put the parts together if they give the bytes of that name; again is the same."""
    row = await caller_of(request, reads=False)
    service = service_of(request)
    await service.call(service.desk.complete, row.device, named(sha256), data.size)


@get(
    "/v1/blobs/{sha256:str}",
    operation_class=RangeOperation,
    media_type=BLOB_TYPE,
    summary="Bytes of a blob",
    responses=FAULTS,
)
async def blob(request: AnyRequest, sha256: FromPath[str]) -> Response[bytes]:
    """Return the asked range of a blob that the device may read; never more than 8 MiB at a time."""
    row = await caller_of(request, reads=True)
    service = service_of(request)
    start, limit = _range(request.headers.get("range", ""))
    content = await service.call(service.desk.blob, row.device, named(sha256), start=start, limit=limit)
    if not content:
        return Response(b"", status_code=416, media_type=BLOB_TYPE)
    said = {"Content-Range": f"bytes {start}-{start + len(content) - 1}/*"}
    return Response(content, status_code=206, headers=said, media_type=BLOB_TYPE)


async def read_part(request: AnyRequest) -> bytes:
    """Return the body of a call that brings a part, if it has the digest that the header says.

    Raises:
        Refusal: "sync.body_damaged", "sync.body_too_large".
    """
    body = await read_body(request.stream, request.headers.get("content-length", ""), bytes_max=PART_BYTES)
    if request.headers.get(DIGEST_HEADER, "") != content_digest(body):
        raise Refusal("sync.body_damaged", why="digest")
    return body


def named(sha256: str) -> str:
    """Return the name, if it is one.  Raises Refusal "sync.blob_missing"."""
    if not is_blob_name(sha256):
        raise Refusal("sync.blob_missing", sha256=sha256[:64])
    return sha256


def _range(said: str) -> tuple[int, int]:
    """Return start and length of an asked range; the beginning where none is asked for."""
    if not said:
        return 0, RANGE_BYTES_MAX
    found = _RANGE.fullmatch(said.strip())
    if found is None:
        raise Refusal("sync.body_damaged", why="range")
    start = int(found[1])
    last = int(found[2]) if found[2] else start + RANGE_BYTES_MAX - 1
    if last < start:
        raise Refusal("sync.body_damaged", why="range")
    return start, min(last - start + 1, RANGE_BYTES_MAX)


ROUTES = (parts, put_part, complete, blob)
