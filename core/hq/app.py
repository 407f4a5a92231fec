"""The application of headquarters: routes, faults, and the front door around them."""

from __future__ import annotations

import base64
import logging
from typing import Any

from litestar import Litestar, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from core.crypto.signing import Signer
from core.hq import pages, routes_blobs, routes_bundles, routes_enrol, routes_sync, routes_watch
from core.hq.faults import body_of, headers_of, status_of
from core.hq.front import Front
from core.hq.service import AnyRequest, Service
from core.kernel.errors import Fault, Refusal
from core.sync.wire import JSON_BYTES_MAX

log = logging.getLogger("mingjian.hq")
NAME, VERSION = "明检 · headquarters", "1"


def make_app(service: Service, signer: Signer, *, root_signature: bytes) -> Front:
    """Return the application of one worker.

    Args:
        signer: The service key.
        root_signature: The root key's signature over the service key (core.remote.door.hq_key_text).
    """
    protocol = (*routes_enrol.ROUTES, *routes_sync.ROUTES, *routes_blobs.ROUTES, *routes_bundles.ROUTES)
    routes = (*protocol, *routes_watch.ROUTES, *pages.ROUTES)
    app = Litestar(
        route_handlers=list(routes),
        exception_handlers={
            Fault: _told,
            RecursionError: _too_deep,
            HTTPException: _told_by_framework,
            Exception: _defect,
        },
        openapi_config=OpenAPIConfig(title=NAME, version=VERSION, render_plugins=[JsonRenderPlugin()]),
        request_max_body_size=JSON_BYTES_MAX,
        logging_config=None,
        on_startup=[service.begin],
        on_shutdown=[service.close],
    )
    app.state.service = service
    key_header = f"{_base64(signer.public)}.{_base64(root_signature)}"
    return Front(
        app,
        signer=signer,
        key_header=key_header,
        nonces=service.guard.nonces,
        clock=service.clock,
        running=service.running,
        metrics=service.metrics,
    )


def _answer(fault: Fault) -> Response[bytes]:
    headers = headers_of(fault)
    kind = headers.pop("Content-Type")
    return Response(body_of(fault), status_code=status_of(fault), headers=headers, media_type=kind)


def _told(_: AnyRequest, fault: Fault) -> Response[bytes]:
    return _answer(fault)


def _too_deep(_: AnyRequest, __: RecursionError) -> Response[bytes]:
    return _answer(Refusal("sync.body_damaged", why="message"))


def _told_by_framework(_: AnyRequest, error: HTTPException) -> Response[Any]:
    """Say in our own codes what the framework found: a route that is none, a body that is no message."""
    if isinstance(error, NotFoundException | MethodNotAllowedException):
        return _answer(Refusal("hq.not_found"))
    if error.status_code == 413:
        return _answer(Refusal("sync.body_too_large", bytes_max=JSON_BYTES_MAX))
    if isinstance(error, ValidationException | ClientException):
        return _answer(Refusal("sync.body_damaged", why="message"))
    return _defect(_, error)


def _defect(_: AnyRequest, error: Exception) -> Response[Any]:
    log.error("defect", exc_info=error)
    return Response({"kind": "defect", "code": "hq.defect", "params": {}}, status_code=500)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
