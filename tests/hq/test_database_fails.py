"""The database fails in the middle of a push: nothing is half there, what was said stands, the repeat goes through."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from core.crypto import signing
from core.hq.verify import verify
from core.kernel.errors import Trouble
from tests.helpers.headquarters import Author, Headquarters

STATEMENTS_MAX = 60
"""More than a push sends."""
ODD = "storm_of_a_shard"


def plain(url: str) -> str:
    """Return the URL as the driver itself takes it."""
    return url.replace("+psycopg", "")


@pytest.fixture
def quiet_driver(caplog: pytest.LogCaptureFixture) -> None:
    """Let the driver warn of a pipeline that fell, or not: that hangs on the moment, and the trouble says it anyhow."""
    caplog.set_level(logging.ERROR, logger="psycopg")


@pytest.fixture
def hq(postgres_url: str) -> Iterator[Headquarters]:
    """Give a headquarters on PostgreSQL."""
    found = Headquarters(postgres_url)
    yield found
    found.close()


class Killer:
    """Ends the database session of a transaction before its statement of a number, as the end of a server would."""

    def __init__(self, hq: Headquarters, url: str) -> None:
        self.left = 0
        self._beside = psycopg.connect(plain(url), autocommit=True)
        event.listen(hq.store.engines.writer, "before_cursor_execute", self._before)
        event.listen(hq.store.engines.writer, "commit", self._before)

    def _before(self, connection: sa.Connection, *_: Any) -> None:
        self.left -= 1
        if self.left == 0:
            session: Any = connection.connection.dbapi_connection
            self._beside.execute("SELECT pg_terminate_backend(%s, 10000)", (session.info.backend_pid,))

    def close(self) -> None:
        """Let go of the own session."""
        self._beside.close()


def test_f12_a_server_that_ends_at_any_statement_leaves_all_or_nothing(
    hq: Headquarters, postgres_url: str, quiet_driver: None
) -> None:
    author = Author("d-1")
    hq.admit(author)
    killer = Killer(hq, postgres_url)
    ended, codes = 0, set[str]()
    for at in range(1, STATEMENTS_MAX):
        first, before = len(author.lines) + 1, hq.log()
        author.answers(2)
        killer.left = at
        try:
            said = hq.push(author, first)
        except Trouble as trouble:
            codes.add(trouble.code)
            ended += 1
            killer.left = 0
            assert hq.log() == before
            said = hq.push(author, first)
        assert (said.verdict, said.have) == ("taken", len(author.lines))
        if killer.left > 0:
            break
    assert killer.left > 0, "the push has more statements than were tried"
    assert ended > 5
    assert codes == {"hq.database_unreachable"}
    assert hq.log()[1:] == tuple(author.lines)
    assert verify(hq.store, signing.verify, watch=lambda *_: None).bad == ()
    killer.close()


@pytest.fixture
def failing_shard(postgres_url: str) -> Iterator[str]:
    """Give the URL of a database in which one of the hot tables fails as the shard of a cluster does that is away."""
    with psycopg.connect(plain(postgres_url), autocommit=True) as connection:
        connection.execute(
            f"CREATE FUNCTION {ODD}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'connection to the remote node failed' USING ERRCODE = '08006'; END $$".encode()
        )
        for table in ("push_run", "blob_ref"):
            connection.execute(
                f"CREATE TRIGGER {ODD} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {ODD}()".encode()
            )
        yield postgres_url
        connection.execute(f"DROP FUNCTION IF EXISTS {ODD}() CASCADE".encode())


def mend(url: str) -> None:
    """Let the shard come back."""
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute(f"DROP FUNCTION {ODD}() CASCADE".encode())


def test_f31_while_a_shard_is_away_nothing_is_half_there_and_the_repeat_goes_through(
    hq: Headquarters, failing_shard: str, quiet_driver: None
) -> None:
    author = Author("d-1")
    with pytest.raises(Trouble) as trouble:
        hq.admit(author)
    assert trouble.value.code == "hq.database_unreachable"
    assert hq.store.read.stream_head(author.stream) is None
    mend(failing_shard)
    hq.admit(author)
    author.answers(3)
    assert hq.push(author).have == 3
    assert verify(hq.store, signing.verify, watch=lambda *_: None).bad == ()


def test_f32_members_of_a_cluster_that_are_away_are_passed_over(postgres_url: str) -> None:
    address, _, living = postgres_url.partition("?host=")
    named = Headquarters(f"{address}?host=/no-member-here,{living},/nor-here&target_session_attrs=read-write")
    author = Author("d-1")
    named.admit(author)
    author.answers(2)
    assert named.push(author).have == 2
    named.close()
