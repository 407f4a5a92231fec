"""Serving: uvicorn with one or several workers over one socket, and the log as JSON lines."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn
from litestar.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from core.hq.front import Front
from core.hq.headquarters import Headquarters
from core.hq.opening import PatientApp
from core.kernel.clock import SystemClock
from core.kernel.errors import Trouble

# Workers are processes of their own: what they open is told to them by the environment.
FOLDER, DATABASE, BLOBS = "MINGJIAN_HQ", "MINGJIAN_HQ_DATABASE", "MINGJIAN_HQ_BLOBS"
SCHEDULE = "MINGJIAN_HQ_SCHEDULE"
OFF = "off"
KEEP_ALIVE_S = 75
SHUT_DOWN_S = 30
BACKLOG = 2048
FACTORY = "core.hq.serving:worker"


def worker() -> ASGIApp:
    """Return the application of this process (called by uvicorn in every worker)."""
    log_as_lines()
    return PatientApp(open_front, clock=SystemClock())


def open_front() -> Front:
    """Open the headquarters that the environment names, and return its front door."""
    folder = Path(os.environ[FOLDER])
    headquarters = Headquarters(folder, database=os.environ.get(DATABASE, ""), blobs=os.environ.get(BLOBS, ""))
    try:
        return headquarters.app(with_schedule=os.environ.get(SCHEDULE, "") != OFF)
    except BaseException:
        headquarters.close()
        raise


def log_as_lines() -> None:
    """Send the log to standard output: our own lines are JSON already, nobody else's below a warning."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mingjian").setLevel(logging.INFO)


class _JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        import msgspec

        said = record.getMessage()
        if said.startswith("{"):
            return said
        line = {"level": record.levelname, "logger": record.name, "message": said}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def serve(
    host: str,
    port: int,
    *,
    workers: int,
    certificate: Path | None,
    key: Path | None,
    announce: Callable[[str, int], None],
) -> None:
    """Serve until told to stop; the environment says what (FOLDER, DATABASE, BLOBS).

    Args:
        port: 0 takes a free one.
        announce: Told host and port once the socket is bound.

    Raises:
        Trouble: "hq.port_taken", params host, port.
    """
    config = uvicorn.Config(
        FACTORY,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUT_DOWN_S,
        backlog=BACKLOG,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    try:
        bound = config.bind_socket()
    except SystemExit as error:
        # The library leaves the process where a port is taken; the caller says it in words.
        raise Trouble("hq.port_taken", host=host, port=port) from error
    with bound:
        # Who comes while the workers start waits instead of being turned away.
        bound.listen(BACKLOG)
        announce(host, int(bound.getsockname()[1]))
        if workers > 1:
            Multiprocess(config, sockets=[bound]).run()
        else:
            uvicorn.Server(config).run(sockets=[bound])
