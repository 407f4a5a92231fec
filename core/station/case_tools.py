"""The tools of case files, put together from the rooms that may not know each other: pages, merging, keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.crypto import signing
from core.papers.case_pages import page_numbers
from core.papers.merge import merged, page_count
from core.papers.render import render
from core.services.case_files import CaseTools


def case_tools(
    sign: Callable[[bytes], bytes], public: bytes, trusted: Callable[[], Mapping[bytes, bytes]]
) -> CaseTools:
    """Return the tools that put case files together in the name of one device and check those of trusted ones."""
    return CaseTools(
        draw=lambda facts, photos: render(facts, photos=photos),
        merge=lambda files, title, at, numbers: merged(files, title=title, at=at, overlay=numbers),
        page_count=page_count,
        numbers=page_numbers,
        sign=sign,
        key_id=lambda: signing.key_id_of(public),
        trusted=trusted,
        verify=signing.verify,
    )
