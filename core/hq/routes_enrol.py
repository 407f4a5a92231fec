"""The call that takes a station in."""

from __future__ import annotations

from litestar import Response, post
from litestar.params import JSONBody

from core.hq.documented import EnrolOperation
from core.hq.routes_sync import FAULTS, told
from core.hq.service import AnyRequest, address_of, service_of
from core.sync.wire import JSON_BYTES_MAX, EnrolAnswer, EnrolRequest


@post(
    "/v1/enrol",
    status_code=200,
    operation_class=EnrolOperation,
    request_max_body_size=JSON_BYTES_MAX,
    summary="Take a station in",
    responses=FAULTS,
)
async def enrol(request: AnyRequest, data: JSONBody[EnrolRequest]) -> Response[EnrolAnswer]:
    """Return what an enrolled station needs to know; the proof shows that it holds the key it brings."""
    service = service_of(request)
    service.doors.take(address_of(request))
    proof = await service.call(
        service.guard.proof,
        request.headers.get("dpop", ""),
        method=request.method,
        path=request.scope["path"],
        token="",
    )
    return told(await service.call(service.enrolment.enrol, data, proven=proof.public))


ROUTES = (enrol,)
