"""A new service key while stations are away: each goes on at its next session, and both ends are equal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.hq.keys import ROOT_FILE
from core.hq.rotation import rotate
from tests.helpers.lives import Hq, Laptop, differences
from tests.helpers.station_town import put_answer

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.timeout(300)]


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Hq]:
    """Give a headquarters that serves."""
    served = Hq(tmp_path / "hq")
    served.serve()
    yield served
    served.kill()


def test_a_key_that_was_changed_between_two_sessions_is_followed_by_all(hq: Hq, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{hq.port}"
    old, late = Laptop(tmp_path, "old"), Laptop(tmp_path, "late")
    session = old.opened()
    session.sync.enrol(url, hq.code())
    put_answer(session, 1)
    assert session.sync.run().state == "even"
    hq.kill()
    with hq.opened() as opened:
        before = opened.keys.public
        fresh = rotate(opened.store, hq.folder, opened.keys, hq.folder / ROOT_FILE, by="admin")
        assert fresh.public != before
    hq.serve()
    put_answer(session, 2)
    report = session.sync.run()
    assert report.statement is not None
    assert (report.state, report.statement.equal) == ("even", True)
    session.close()
    # Who comes only now reads what the old key had sealed, too.
    newcomer = late.opened()
    newcomer.sync.enrol(url, hq.code())
    newcomer.close()
    assert differences(hq, [old, late]) == []
