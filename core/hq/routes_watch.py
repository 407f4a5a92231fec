"""Whether this worker lives, whether it can work, and its figures."""

from __future__ import annotations

from litestar import Response, get

from core.hq.duties import duty_lines
from core.hq.metrics import CONTENT_TYPE
from core.hq.service import AnyRequest, service_of
from core.kernel.errors import Trouble


@get("/health", summary="Whether this worker lives")
async def health() -> dict[str, str]:
    """Answer without asking anybody."""
    return {"status": "alive"}


@get("/ready", summary="Whether this worker can work")
async def ready(request: AnyRequest) -> dict[str, str]:
    """Answer after asking the database and the store of media."""
    service = service_of(request)
    if not await service.call(service.store.is_begun):
        raise Trouble("hq.not_begun")
    if service.duties is None:
        return {"status": "ready", "schedule": "off"}
    failing = [one.name for one in await service.call(duty_lines, service.store.engines) if one.error]
    # A duty that fails is for a person to look at; the stations are served all the same.
    return {"status": "ready", "schedule": f"failing: {', '.join(failing)}" if failing else "running"}


@get("/metrics", media_type=CONTENT_TYPE, summary="Figures in the format of Prometheus")
async def metrics(request: AnyRequest) -> Response[str]:
    """Return the figures of this worker."""
    service = service_of(request)
    gauges = {
        "mingjian_running_requests": ("Requests that this worker holds.", float(service.running.count)),
        "mingjian_waiting_pulls": ("Pulls that wait for news.", float(service.watch.waiting)),
    }
    duties = await service.call(duty_lines, service.store.engines)
    return Response(service.metrics.text(gauges, duties), media_type=CONTENT_TYPE)


ROUTES = (health, ready, metrics)
