"""One suite for every way of giving hints, against a real Postgres and a real Valkey."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from storage import embedded_postgres
from storage.hints import EVERYTHING, PAYLOAD_BYTES, Hints, PostgresHints, Topics, payload, topics_of
from storage.pool import Pool, connect, open_pool
from storage.redis_hints import RedisHints
from tests.services import Valkey

ALIVE_SECONDS = 0.5
"""After so long a silence `here` asks whether its connection still leads anywhere."""


class Ear:
    """What one subscriber has heard, in order, each thing waited for."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[Topics] = asyncio.Queue()

    def __call__(self, topics: Topics) -> None:
        self._heard.put_nowait(topics)

    async def next(self) -> Topics:
        async with asyncio.timeout(30):
            return await self._heard.get()

    def heard_all(self) -> bool:
        return self._heard.empty()

    async def until(self, wanted: str) -> None:
        while wanted not in await self.next():
            pass


@asynccontextmanager
async def listening(hints: Hints) -> AsyncGenerator[Ear]:
    ear = Ear()
    hints.subscribe(ear)
    running = asyncio.create_task(hints.run())
    try:
        assert await ear.next() == EVERYTHING
        yield ear
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture(params=["postgres", "valkey"])
async def pair(request: pytest.FixtureRequest, database: str, pool: Pool, valkey: str) -> AsyncIterator[list[Hints]]:
    """The hints of two processes on one database."""
    if request.param == "postgres":
        yield [PostgresHints(database, pool, alive_seconds=ALIVE_SECONDS), PostgresHints(database, pool)]
    else:
        both = [RedisHints(valkey, "db", alive_seconds=ALIVE_SECONDS), RedisHints(valkey, "db")]
        yield [*both]
        for each in both:
            await each.close()


async def test_what_one_process_tells_the_other_hears(pair: list[Hints]):
    here, there = pair
    async with listening(there) as ear:
        await here.publish("ready", "done:1")
        assert await ear.next() == {"ready", "done:1"}


async def test_a_process_hears_itself(pair: list[Hints]):
    async with listening(pair[0]) as ear:
        await pair[0].publish("ready")
        await ear.until("ready")


async def test_a_long_silence_is_survived(pair: list[Hints]):
    here, there = pair
    async with listening(here) as ear:
        await asyncio.sleep(ALIVE_SECONDS * 2.4)  # the silence itself is what is tested
        await there.publish("ready")
        assert await ear.next() == {"ready"}


async def test_too_much_for_one_hint_means_look_at_everything(pair: list[Hints]):
    here, there = pair
    async with listening(there) as ear:
        await here.publish(*(f"done:{n:036}" for n in range(30_000)))
        assert await ear.next() == EVERYTHING


async def test_who_left_hears_nothing_more(pair: list[Hints]):
    gone = Ear()
    leave = pair[0].subscribe(gone)
    async with listening(pair[0]) as ear:
        assert await gone.next() == EVERYTHING
        leave()
        leave()
        await pair[0].publish("ready")
        await ear.until("ready")
    assert gone.heard_all()


async def test_a_subscriber_that_raises_does_not_silence_the_others(pair: list[Hints]):
    def broken(topics: Topics) -> None:
        raise ZeroDivisionError

    pair[0].subscribe(broken)
    async with listening(pair[0]) as ear:
        await pair[0].publish("ready")
        await ear.until("ready")


async def test_a_hint_in_a_transaction_leaves_with_its_commit(database: str, pool: Pool):
    hints = PostgresHints(database, pool)
    async with listening(hints) as ear, await connect(database) as writer:
        said = hints.statement("lost")
        assert said
        with pytest.raises(psycopg.errors.DivisionByZero):
            async with writer.transaction():
                await writer.execute(*said)
                await writer.execute("select 1/0")
        said = hints.statement("kept")
        assert said
        async with writer.transaction():
            await writer.execute(*said)
        assert await ear.next() == {"kept"}


async def test_two_databases_in_one_redis_do_not_hear_each_other(valkey: str):
    mine, other = RedisHints(valkey, "mine"), RedisHints(valkey, "other")
    assert mine.statement("ready") is None
    async with listening(mine) as ear:
        await other.publish("theirs")
        await mine.publish("ours")
        assert await ear.next() == {"ours"}
    await mine.close()
    await other.close()


async def test_a_lost_postgres_connection_is_made_again_and_everything_looked_at(database: str, pool: Pool):
    hints = PostgresHints(database, pool)
    async with listening(hints) as ear, await connect(database) as other:
        await other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'botmcp hints'"
        )
        assert await ear.next() == EVERYTHING
        await hints.publish("ready")
        await ear.until("ready")


async def test_a_postgres_connection_that_answers_nothing_is_given_up(database: str, pool: Pool):
    hints = PostgresHints(database, pool, alive_seconds=ALIVE_SECONDS)
    async with listening(hints) as ear, await connect(database) as other:
        asked = "select pid from pg_stat_activity where application_name = 'botmcp hints'"
        row = await (await other.execute(asked)).fetchone()
        assert row
        os.kill(row[0], signal.SIGSTOP)
        try:
            assert await ear.next() == EVERYTHING
        finally:
            os.kill(row[0], signal.SIGCONT)


async def test_a_redis_that_answers_nothing_is_given_up(short_path: Path):
    server = Valkey(short_path)
    server.start()
    hints = RedisHints(server.url, alive_seconds=ALIVE_SECONDS)
    try:
        async with listening(hints) as ear:
            os.kill(server.pid, signal.SIGSTOP)
            await hints.publish("nobody hears this, and nobody fails")
            os.kill(server.pid, signal.SIGCONT)
            await ear.until("*")
    finally:
        os.kill(server.pid, signal.SIGCONT)
        await hints.close()
        server.stop()


@pytest.mark.parametrize("user", ["", "ada"])
async def test_a_redis_with_a_password_is_given_it(short_path: Path, user: str):
    server = Valkey(short_path)
    server.start()
    with redis.Redis.from_url(server.url) as owner:
        if user:
            owner.execute_command("acl", "setuser", user, "on", ">se cret", "+@all", "allchannels")
        owner.execute_command("acl", "setuser", "default", "resetpass", ">se cret")
    where = f"unix://{user}:se%20cret@{server.url.removeprefix('unix://')}"
    hints, stranger = RedisHints(where), RedisHints(server.url)
    try:
        async with listening(hints) as ear:
            await stranger.publish("nobody hears this, and nobody fails")
            await hints.publish("ready")
            assert await ear.next() == {"ready"}
    finally:
        await hints.close()
        await stranger.close()
        server.stop()


async def test_hints_go_through_tls_as_the_url_says(valkey: str, tmp_path: Path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    _certified(key, certificate)
    secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secure.load_cert_chain(certificate, key)

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        beyond, onward = await asyncio.open_unix_connection(valkey.removeprefix("unix://"))
        await asyncio.wait(
            [asyncio.create_task(_copied(reader, onward)), asyncio.create_task(_copied(beyond, writer))],
            return_when=asyncio.FIRST_COMPLETED,
        )
        onward.close()
        writer.close()

    async with await asyncio.start_server(through, "127.0.0.1", 0, ssl=secure) as server:
        url = f"rediss://localhost:{server.sockets[0].getsockname()[1]}/0?ssl_ca_certs={certificate}"
        hints = RedisHints(url, "tls")
        async with listening(hints) as ear:
            await hints.publish("ready")
            assert await ear.next() == {"ready"}
        await hints.close()
        unknown = RedisHints(url.partition("?")[0], "tls")
        await unknown.publish("a server that is not the one that is known is told nothing")
        await unknown.close()


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)


def _certified(key: Path, certificate: Path) -> None:
    own = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, own.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(own, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


async def test_who_does_not_speak_as_redis_does_is_left_and_nobody_fails():
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(other, "127.0.0.1", 0) as server:
        hints = RedisHints(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await hints.publish("ready")
        await hints.close()


async def test_hints_outlive_a_postgres_that_is_killed(short_path: Path, kill: Callable[[int], None]):
    server = await embedded_postgres.start(short_path, durable=False)
    try:
        async with open_pool(server.reach) as own:
            hints = PostgresHints(server.reach, own)
            async with listening(hints) as ear:
                kill(server.pid)
                assert await ear.next() == EVERYTHING
                await hints.publish("ready")
                await ear.until("ready")
    finally:
        await server.stop()


async def test_hints_outlive_a_redis_that_is_killed(short_path: Path, kill: Callable[[int], None]):
    server = Valkey(short_path)
    server.start()
    hints = RedisHints(server.url)
    try:
        async with listening(hints) as ear:
            kill(server.pid)
            await hints.publish("nobody hears this, and nobody fails")
            server.start()
            assert await ear.next() == EVERYTHING
            await hints.publish("ready")
            await ear.until("ready")
    finally:
        await hints.close()
        server.stop()


def test_topics_come_back_from_their_payload():
    assert topics_of(payload(["b", "a", "b"])) == {"a", "b"}


def test_no_payload_is_longer_than_postgres_allows():
    assert payload(["é" * (PAYLOAD_BYTES // 2)]) != "*"
    assert payload(["é" * (PAYLOAD_BYTES // 2 + 1)]) == "*"
    assert payload([]) == "*"


async def test_hints_outlive_a_server_that_cannot_be_started_for_a_while(database: str, pool: Pool):
    tries: list[Exception | None] = [embedded_postgres.NoPostgres("no room on the disk"), OSError("no room"), None]

    async def where() -> str:
        if len(tries) > 1 and (trouble := tries.pop(0)):
            raise trouble
        return database

    hints, heard = PostgresHints(where, pool), asyncio.Event()
    hints.subscribe(lambda topics: heard.set())
    listening = asyncio.create_task(hints.run())
    try:
        async with asyncio.timeout(10):
            await heard.wait()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
