"""Whether this worker lives, whether it can work, and its figures."""

from __future__ import annotations

from litestar import Response, get

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
    return {"status": "ready"}


@get("/metrics", media_type=CONTENT_TYPE, summary="Figures in the format of Prometheus")
async def metrics(request: AnyRequest) -> Response[str]:
    """Return the figures of this worker."""
    service = service_of(request)
    gauges = {
        "mingjian_running_requests": ("Requests that this worker holds.", float(service.running.count)),
        "mingjian_waiting_pulls": ("Pulls that wait for news.", float(service.watch.waiting)),
    }
    return Response(service.metrics.text(gauges), media_type=CONTENT_TYPE)


ROUTES = (health, ready, metrics)
