"""What the world outside answers a golden program: the same to the same call, whoever makes it and how often."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any, Protocol
from uuid import UUID, uuid5

from hostbridge.knowledge import effects as knowledge_effects
from hostbridge.messages import outbox as outbox_effects
from hostbridge.web import requests as web_effects
from keywords.encode import from_plain
from keywords.excerpts import Asking, Excerpt, Found
from keywords.host import (
    Act,
    Answer,
    Child,
    Host,
    Identity,
    Memories,
    ModelReply,
    ModelRequest,
    ProgramText,
    Services,
    Spawn,
    Value,
    Wait,
    bot_id,
)
from keywords.mistakes import Mistake, ProgramError
from keywords.registry import Effect, Keyword, Registry, table
from keywords.values import copied
from memory import effects as memory_effects
from smartrouter import effects as model_effects
from tests.language.golden import Given

STATEMENTS = (  # of every room, as the product's composition has them
    *memory_effects.effect_statements(),
    *model_effects.effect_statements(),
    *web_effects.effect_statements(),
    *outbox_effects.effect_statements(),
    *knowledge_effects.effect_statements(),
)

Path = tuple[tuple[int, int], ...]  # which branch of which call, from the top
Place = tuple[Path, int]  # a call: of which execution of the family, and its n

ACTING = (Effect.READ, Effect.TRANSACTION, Effect.IDEMPOTENT, Effect.ONCE, Effect.WAIT)


class GivenMistake(ProgramError):
    """What a golden program says that a call ends with."""


def answer_of(given: Given) -> Answer:
    """The answer that a golden program wrote down."""
    if given.error is not None:
        return Answer(mistake=Mistake("error", given.error))
    return Answer(from_plain(given.value), timed_out=given.timed_out)


def child_id(parent: UUID, n: int, index: int, generation: int = 0) -> UUID:
    """The id of a branch, as the engine makes it."""
    return uuid5(parent, f"{generation}:{n}:{index}")


def family(root: UUID, paths: Collection[Path]) -> dict[UUID, Path]:
    """Which execution of a family is which."""
    found: dict[UUID, Path] = {}
    for path in paths:
        own = root
        for n, index in path:
            own = child_id(own, n, index)
        found[own] = path
    return found


class Answering(Protocol):
    """Knows what a call is answered, if anything is."""

    def __call__(self, identity: Identity, n: int) -> Answer | None: ...


def answered_by(registry: Registry, answering: Answering, calls: list[tuple[str, str]] | None = None) -> Registry:
    """The same keywords, but the world outside is the one that the golden program describes.

    Their functions run, so what they refuse is refused and what they wait for is waited for; only what comes from
    elsewhere is made up. `calls` notes each call that really goes out, by its call id.
    """
    return table(_both(keyword, answering, calls) for keyword in registry)


def _both(keyword: Keyword, answering: Answering, calls: list[tuple[str, str]] | None) -> Keyword:
    """The keyword, and the half of it that decides at the commit."""
    if keyword.deciding is not None:
        half = _answered(keyword.given(keyword.deciding.when), answering, calls)
        return replace(keyword, deciding=replace(keyword.deciding, call=half.call))
    return _answered(keyword, answering, calls) if keyword.effect in ACTING else keyword


def _answered(keyword: Keyword, answering: Answering, calls: list[tuple[str, str]] | None) -> Keyword:
    @wraps(keyword.call)
    async def call(host: Host, /, **arguments: Value) -> Value:
        if calls is not None and keyword.effect is Effect.IDEMPOTENT:
            calls.append((host.call_id, repr(arguments)))
        answer = answering(host.identity, host.moment.n)
        try:
            found = await keyword.call(host, **arguments)
        except ProgramError:
            if answer is None:
                raise
            found = None
        if isinstance(found, Wait):
            return found
        if answer is None or (isinstance(found, Spawn) and not answer.timed_out):
            return found
        if answer.timed_out:
            return Wait(reason="golden")
        if keyword.effect is Effect.WAIT and isinstance(found, Act):
            return Act(lambda: _said(answer))
        return await _said(answer)

    return replace(keyword, call=call)


async def _said(answer: Answer) -> Value:
    if answer.mistake is not None:
        raise GivenMistake(answer.mistake.message)
    return copied(answer.value)


# -- services ----------------------------------------------------------------------------------------------------------


ECHO = "RETURN message\n"
FAILS = 'THROW "It broke."\n'


@dataclass(frozen=True, slots=True)
class AnyBots:
    """Whatever bot is asked for is there; what it answers is the golden program's business.

    A bot whose name begins with "echo" or "fails" is a dialog: its children are executions.
    """

    async def answering(self, host: Host, name: str, message: str | None) -> Spawn | Act:
        source = {"echo": ECHO, "fails": FAILS}.get(name.partition(" ")[0])
        if source is None:
            return Act(_nothing)
        return Spawn((Child(name, {"message": message}, ProgramText(source, name)),))

    async def tool(self, host: Host, name: str, arguments: Mapping[str, Value]) -> Act:
        return Act(_nothing)

    async def script(self, host: Host, name: str, values: Sequence[Value], arguments: Mapping[str, Value]) -> Act:
        return Act(_nothing)

    async def identified(self, tenant: UUID, origin: str, name: str) -> tuple[UUID, str]:
        return bot_id(tenant, name), name

    def names(self, origin: str) -> Collection[str]:
        return ()


class AnyModels:
    """A model that says nothing by itself."""

    async def answer(self, request: ModelRequest, call_id: str) -> ModelReply:
        return ModelReply("", (), "golden", 0, 0, 0.0)

    async def preferred(self, caller: Identity) -> str | None:
        return "golden"

    def names(self, origin: str) -> Sequence[str]:
        return ("golden",)


async def _nothing() -> None:
    return None


class OneHandbook:
    """A knowledge base of one document."""

    async def collections(self, asking: Asking, name: str) -> Sequence[str]:
        return ("handbook",) if name.casefold().startswith("handbook") else ()

    async def listed(self, asking: Asking) -> Sequence[str]:
        return ("handbook",)

    async def in_use(self, asking: Asking) -> Sequence[str]:
        return ("handbook",)

    async def website(self, asking: Asking, url: str, every: int) -> str:
        return "website:" + url.split("/")[2]

    async def found(self, asking: Asking, question: str, limit: int) -> Found:
        told = Excerpt("A late fee is 20 euros.", "fees.pdf", "handbook", "Fees", 3, 0.75)
        return Found((told,) if "fee" in question.casefold() else (), ("handbook",))

    async def figures(self, asking: Asking, now: datetime) -> Sequence[Mapping[str, Any]]:
        counted = {"documents": 2, "pieces": 5, "pages": 4, "bytes": 3 * 1_048_576, "faults": 1}
        return ({"collection": "handbook", **counted, "last_week": 1, "last_month": 2, "read_at": now},)

    async def added_since(self, asking: Asking, days: float, now: datetime) -> int:
        return 2 if days >= 30 else 1


def services(memories: Memories) -> Services:
    return Services(AnyBots(), AnyModels(), memories, knowledge=OneHandbook())
