"""Papers drawn by several processes are the papers that one process draws."""

from __future__ import annotations

import pytest

from core.domain.documents import CodeImage, DocumentFacts
from core.papers.archive import inside
from core.papers.seals import verify_pdf
from core.station import paper_pool
from core.station.paper_pool import finish_many
from tests.services.paper_desk import CERTIFICATE, RSA, Desk, image_of


def jobs_of(count: int) -> list[tuple[DocumentFacts, CodeImage]]:
    desk = Desk()
    papers = [desk.issue() for _ in range(count)]
    return [(desk.documents.facts(one), image_of(one.code_text)) for one in papers]


@pytest.mark.parametrize("pool_from", [2, 99])
def test_files_come_in_order_signed_and_with_their_facts_inside(pool_from: int) -> None:
    jobs = jobs_of(3)
    files = list(finish_many(jobs, private_der=RSA, certificate_der=CERTIFICATE, pool_from=pool_from))
    assert [inside(pdf).facts for pdf in files] == [facts for facts, _ in jobs]
    assert all(verify_pdf(pdf).is_intact for pdf in files)


def test_a_bundle_starts_no_further_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_pool.sys, "frozen", True, raising=False)
    assert not paper_pool.can_use_processes()


def test_no_papers_are_no_work() -> None:
    assert list(finish_many([], private_der=RSA, certificate_der=CERTIFICATE)) == []
