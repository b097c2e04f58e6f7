"""Hints through Redis or Valkey: faster than Postgres and free of its commit lock; only where REDIS_URL is set."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.hints import ALIVE_SECONDS, CHANNEL, EVERYTHING, Audience, Backoff, Subscriber, payload, topics_of

log = structlog.get_logger()

ANSWER_SECONDS = 2.0
ROOM = 1_048_576  # bytes of one hint


class RedisHints:
    """Hints through one Redis channel, named for the database they speak of: several may share a Redis.

    Two connections a process: one that says, one that hears, whatever else is overheard on other channels.
    """

    roomy = True  # a hint may carry what it tells of

    def __init__(self, url: str, database: str = "", *, alive_seconds: float = ALIVE_SECONDS) -> None:
        self._url, self._alive_seconds = url, alive_seconds
        self._channel = f"{CHANNEL}:{database}" if database else CHANNEL
        self._audience = Audience()
        self._sender = self._client(single=True)
        self._overheard: dict[str, Callable[[str, str], None]] = {}

    def statement(self, *topics: str) -> tuple[bytes, dict[str, str]] | None:
        return None

    async def publish(self, *topics: str) -> None:
        try:
            await self._sender.publish(self._channel, payload(topics, ROOM))
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("hints.not_sent", topics=len(topics), error=str(error))

    def overhear(self, pattern: str, hear: Callable[[str, str], None]) -> None:
        """Also hear, with channel and message, what others say on channels of this pattern; asked before `run`."""
        self._overheard[pattern] = hear

    async def say(self, messages: Sequence[tuple[str, str]]) -> None:
        """Say something on channels of others. Never fails: whoever hears it relies on nothing."""
        try:
            async with self._sender.pipeline(transaction=False) as sending:
                for channel, message in messages:
                    sending.publish(channel, message)
                await sending.execute()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("hints.not_said", messages=len(messages), error=str(error))

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        return self._audience.subscribe(subscriber)

    async def run(self) -> None:
        backoff = Backoff()
        while True:
            try:
                async with self._client() as client, client.pubsub() as listener:
                    await listener.subscribe(self._channel)
                    if self._overheard:
                        await listener.psubscribe(*self._overheard)
                    silent = False
                    while True:
                        message = await listener.get_message(timeout=self._alive_seconds)
                        if message is None and silent:
                            raise TimeoutError("no answer to a ping")
                        silent = message is None
                        if message is None:
                            await listener.ping()
                        elif message["type"] == "subscribe":  # also after the client itself connected again
                            self._audience.tell(EVERYTHING)
                            backoff.reset()
                        elif message["type"] == "message":
                            self._audience.tell(topics_of(str(message["data"])))
                        elif message["type"] == "pmessage":
                            self._overheard[str(message["pattern"])](str(message["channel"]), str(message["data"]))
            except (RedisError, OSError, TimeoutError) as error:
                log.info("hints.connection_lost", error=str(error))
            await backoff.pause()

    async def close(self) -> None:
        """Ends the connection that `publish` keeps."""
        await self._sender.aclose()

    def _client(self, *, single: bool = False) -> Redis:
        return Redis.from_url(
            self._url,
            decode_responses=True,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            single_connection_client=single,
        )
