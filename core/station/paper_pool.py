"""Draws and signs many papers on all cores, from frozen facts alone."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from core.domain.documents import BlockKind, CodeImage, DocumentFacts
from core.papers.render import render
from core.papers.seals import sign_pdf

# Below it the start of the processes (a second each for fonts and libraries) costs more than it saves.
POOL_FROM = 16
Job = tuple[DocumentFacts, CodeImage]


def finish_many(
    jobs: Sequence[Job], *, private_der: bytes, certificate_der: bytes, pool_from: int = POOL_FROM
) -> Iterator[bytes]:
    """Give the signed files of papers without photos, in their order, as they become ready.

    Raises:
        Refusal: "papers.glyph_missing".
        Trouble: "papers.…".
    """
    work = partial(_finished, private_der=private_der, certificate_der=certificate_der)
    if len(jobs) < pool_from or not can_use_processes():
        yield from map(work, jobs)
        return
    # Spawned, not forked: a fork of a process with threads (the window has several) may hang.
    context = multiprocessing.get_context("spawn")
    cores = min(os.cpu_count() or 1, len(jobs))
    pool = ProcessPoolExecutor(cores, mp_context=context)
    try:
        yield from pool.map(work, jobs)
    finally:
        pool.shutdown(cancel_futures=True)


def can_use_processes() -> bool:
    """Tell whether more processes may be started: a frozen bundle would open its window again in each."""
    return not getattr(sys, "frozen", False) and (os.cpu_count() or 1) > 1


def _finished(job: Job, *, private_der: bytes, certificate_der: bytes) -> bytes:
    facts, code = job
    assert all(block.kind is not BlockKind.PHOTOS for block in facts.blocks), "photos do not travel to the pool"
    pdf = render(facts, code=code)
    return sign_pdf(pdf, private_der=private_der, certificate_der=certificate_der, at=facts.issued_at)
