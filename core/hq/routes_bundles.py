"""The calls of whoever carries files for stations without a line, and the checkpoints that anybody may keep.

A file is sealed to headquarters, an answer to its receiver: whoever carries them reads neither. Source: sync.md 3.6.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from core.hq.checkpoints import Checkpoint, find_checkpoint, list_checkpoints
from core.hq.documented import BundleOperation, PartOperation, ProvenOperation
from core.hq.limits import save_body
from core.hq.routes_blobs import named, read_part
from core.hq.routes_sync import FAULTS, told
from core.hq.service import AnyRequest, Service, caller_of, service_of
from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Unwatched
from core.kernel.records import Record
from core.remote.door import ANSWER_BUNDLE_BYTES_MAX, BUNDLE_TYPE, CARRIED_BYTES_MAX
from core.sync.bundle import BundleReport
from core.sync.wire import JSON_BYTES_MAX, CompleteRequest, PartsAnswer

CHECKPOINTS_MAX = 400


class CheckpointsAnswer(Record):
    """Signed notes, the newest first."""

    checkpoints: tuple[Checkpoint, ...]


@post(
    "/v1/bundles",
    status_code=200,
    operation_class=BundleOperation,
    request_max_body_size=CARRIED_BYTES_MAX,
    summary="Hand over a file that a station wrote for headquarters",
    responses=FAULTS,
)
async def take(request: AnyRequest) -> Response[BundleReport]:
    """Take in a file, whoever carries it: again is the same, and a bad member is named while the good ones go in."""
    await caller_of(request, reads=False)
    service = service_of(request)
    async with service.carrying:
        with tempfile.TemporaryDirectory(prefix="mingjian-bundle-") as folder:
            path = Path(folder) / "carried.isb"
            said = request.headers.get("content-length", "")
            await save_body(request.stream, said, path, bytes_max=CARRIED_BYTES_MAX)
            return told(await service.call(_taken, service, path))


def _taken(service: Service, path: Path) -> BundleReport:
    try:
        return service.bundles.take(path, progress=Unwatched())
    except Trouble as trouble:
        if not trouble.code.startswith("bundle."):
            raise
        # What came is damaged, and will be however often it is sent: no trouble of ours that passes.
        raise Refusal(trouble.code, path="") from trouble


@get(
    "/v1/bundles/{sha256:str}/parts",
    operation_class=ProvenOperation,
    summary="Begin or go on with a large file: the parts that are here",
    responses=FAULTS,
)
async def carried_parts(request: AnyRequest, sha256: FromPath[str]) -> Response[PartsAnswer]:
    """Return the numbers of the parts, from 0; a file that the same carrier had begun before gives way."""
    row = await caller_of(request, reads=False)
    service = service_of(request)
    return told(await service.call(service.carried.begin, row.device, named(sha256)))


@put(
    "/v1/bundles/{sha256:str}/parts/{number:int}",
    status_code=204,
    operation_class=PartOperation,
    summary="One part of a large file",
    responses=FAULTS,
)
async def put_carried_part(request: AnyRequest, sha256: FromPath[str], number: FromPath[int]) -> None:
    """Keep one part, whose bytes must have the digest that the header says."""
    row = await caller_of(request, reads=False)
    service = service_of(request)
    await service.call(service.carried.put, row.device, named(sha256), number, await read_part(request))


@post(
    "/v1/bundles/{sha256:str}/complete",
    status_code=200,
    operation_class=ProvenOperation,
    request_max_body_size=JSON_BYTES_MAX,
    summary="Take in a large file whose parts are here",
    responses=FAULTS,
)
async def take_carried(
    request: AnyRequest, sha256: FromPath[str], data: JSONBody[CompleteRequest]
) -> Response[BundleReport]:
    """Take in a file as the call for a short one does; again is the same."""
    row = await caller_of(request, reads=False)
    service = service_of(request)
    async with service.carrying:
        with tempfile.TemporaryDirectory(prefix="mingjian-bundle-") as folder:
            path = Path(folder) / "carried.isb"
            await service.call(service.carried.gather, row.device, named(sha256), data.size, path)
            return told(await service.call(_taken, service, path))


@get(
    "/v1/bundles/{device:str}",
    operation_class=ProvenOperation,
    media_type=BUNDLE_TYPE,
    summary="The answer for a station, sealed to it",
    responses=FAULTS,
)
async def answer(request: AnyRequest, device: FromPath[str]) -> Response[bytes]:
    """Return a file with what a station lacks and what is held of it, for whoever carries it there."""
    await caller_of(request, reads=True)
    service = service_of(request)
    async with service.carrying:
        return Response(await service.call(_answer, service, device), media_type=BUNDLE_TYPE)


def _answer(service: Service, device: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="mingjian-bundle-") as folder:
        path = Path(folder) / "answer.isb"
        service.bundles.answer(path, device, progress=Unwatched())
        if path.stat().st_size > ANSWER_BUNDLE_BYTES_MAX:
            # The media of a first load are for a stick that is written at headquarters itself.
            raise Refusal("hq.answer_too_large", device=device, bytes_max=ANSWER_BUNDLE_BYTES_MAX)
        return path.read_bytes()


@get("/v1/checkpoints", summary="The signed notes over everything, the newest first", responses=FAULTS)
async def checkpoints(
    request: AnyRequest, since: Annotated[str, QueryParameter(name="since", max_length=10, required=False)] = ""
) -> Response[CheckpointsAnswer]:
    """Return the notes of the days from `since` on, at most 400; anybody may keep them and compare."""
    service = service_of(request)
    found = await service.call(list_checkpoints, service.store, since=since, limit=CHECKPOINTS_MAX)
    return told(CheckpointsAnswer(checkpoints=found))


@get("/v1/checkpoints/{day:str}", media_type="text/plain", summary="The signed note of one day", responses=FAULTS)
async def checkpoint(request: AnyRequest, day: FromPath[str]) -> Response[str]:
    """Return the note as it was signed."""
    service = service_of(request)
    found = await service.call(find_checkpoint, service.store, day[:10])
    if found is None:
        raise Refusal("hq.checkpoint_missing", day=day[:10])
    return Response(found.note, media_type="text/plain")


ROUTES = (take, carried_parts, put_carried_part, take_carried, answer, checkpoints, checkpoint)
