"""The same keywords for a rehearsal: somebody else's server is answered for, nobody waits, answers are as wished."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any
from uuid import uuid4

from keywords.host import EVENT_AWAITED, Answer, Child, Host, Moment, Recorded, Spawn, Told, Value, Wait
from keywords.library.announced import NotYet
from keywords.mistakes import UnknownName
from keywords.registry import Effect, Keyword, Registry, table
from keywords.values import Object, is_container, text
from mcp_server.rehearsal import samples
from mcp_server.rehearsal.scene import Scene, Scenes

WORDS = ("HEAR", "LLM", "MODEL TURN")  # they answer with words
LATER = ("ON EVENT", "SCHEDULE IN")  # what would run some day runs at once
ABSENT = ("script", "bot", "workflow", "tool")
_OF_A_PERSON = re.compile(r"(^|[._ ])(e?mail|name|phone|mobile|id|username|address)$", re.IGNORECASE)
PEOPLE = ("HEAR", "HUMAN APPROVAL")  # somebody answers for sure


def rehearsing(registry: Registry, scenes: Scenes, past: Collection[str] = ()) -> Registry:
    """The registry, exchanged. `past` names the plugins whose code reaches past the doors of the host, where no
    stand-in stands: theirs are answered for and never called."""
    own = (_uncalled(keyword) if keyword.plugin in past else keyword for keyword in registry)
    return table(_exchanged(keyword, scenes) for keyword in own)


def _uncalled(keyword: Keyword) -> Keyword:
    @wraps(keyword.call)
    def refused(host: object, /, **arguments: Value) -> Any:
        raise NotYet(keyword.name)

    @wraps(keyword.call)
    async def refused_later(host: object, /, **arguments: Value) -> Any:
        raise NotYet(keyword.name)

    match keyword.effect:
        case Effect.PURE:
            return keyword
        case Effect.RECORD:
            return replace(keyword, call=refused)
        case effect:
            changed = Effect.READ if effect is Effect.TRANSACTION else effect
            return replace(keyword, call=refused_later, effect=changed, deciding=None)


def _exchanged(keyword: Keyword, scenes: Scenes) -> Keyword:
    match keyword.effect:
        case Effect.PURE:
            return keyword
        case Effect.RECORD:
            return replace(keyword, call=_recorded(keyword, scenes))
        case _ if keyword.name in LATER:
            return replace(keyword, call=_at_once(keyword, scenes), effect=Effect.WAIT, resume=_past)
        case Effect.WAIT:
            return replace(keyword, call=_unhurried(keyword, scenes))
        case Effect.TRANSACTION if keyword.name == "FORWARD EVENT":
            return replace(keyword, call=_forwarding_nothing(keyword, scenes))
        case Effect.TRANSACTION:
            return keyword
        case _:
            return replace(keyword, call=_called(keyword, scenes))


def _recorded(keyword: Keyword, scenes: Scenes) -> Callable[..., Any]:
    @wraps(keyword.call)
    def recorded(moment: Moment, /, **arguments: Value) -> Any:
        try:
            return keyword.call(moment, **arguments)
        except NotYet as error:
            return Recorded(_sample(error, keyword, scenes.of(moment.identity.tenant)))

    return recorded


def _called(keyword: Keyword, scenes: Scenes) -> Callable[..., Any]:
    @wraps(keyword.call)
    async def called(host: Host, /, **arguments: Value) -> Any:
        scene = scenes.of(host.identity.tenant)
        wished = scene.wished()
        try:
            answer = _supplied(keyword, arguments, await keyword.call(host, **arguments), scene)
        except NotYet as error:
            answer = _sample(error, keyword, scene)
        except UnknownName as error:
            answer = _absent(error, scene)
        if not wished:
            return answer
        if isinstance(answer, Told):
            return replace(answer, value=_worded(keyword, scene.answer(answer.value)))
        return _worded(keyword, scene.answer(answer))

    return called


def _unhurried(keyword: Keyword, scenes: Scenes) -> Callable[..., Any]:
    """What waits is woken at once, or is answered as wished."""

    @wraps(keyword.call)
    async def called(host: Host, /, **arguments: Value) -> Any:
        scene = scenes.of(host.identity.tenant)
        if keyword.name not in PEOPLE and scene.wished():
            return scene.answer(None)
        try:
            outcome = await keyword.call(host, **arguments)
        except NotYet as error:
            return _sample(error, keyword, scene)
        except UnknownName as error:
            return _absent(error, scene)
        if isinstance(outcome, Wait) and keyword.name in PEOPLE:
            return replace(outcome, wake_at=None)
        if isinstance(outcome, Wait) and any(row.kind is EVENT_AWAITED for row in outcome.effects):
            return scene.expected() if scene.last or outcome.wake_at is None else replace(outcome, wake_at=host.now)
        return replace(outcome, wake_at=host.now) if isinstance(outcome, Wait) and outcome.wake_at else outcome

    return called


def _at_once(keyword: Keyword, scenes: Scenes) -> Callable[..., Any]:
    @wraps(keyword.call)
    async def spawned(host: Host, /, entry: str, **arguments: Value) -> Spawn:
        inputs = {name: value for name, value in host.variables.items() if not name.startswith("~")}
        inputs["event"] = scenes.of(host.identity.tenant).event()
        return Spawn((Child(keyword.name, inputs, entry=entry),), keyword.name)

    return spawned


def _forwarding_nothing(keyword: Keyword, scenes: Scenes) -> Callable[..., Any]:
    """A webhook is registered as it would be, for events that nobody publishes: else they would really be sent."""

    @wraps(keyword.call)
    async def forwarded(host: Host, /, **arguments: Value) -> Any:
        await keyword.call(host, **arguments)  # whether it may be
        scenes.of(host.identity.tenant).outgoing.append(f"EVENTS {arguments.get('url')}")
        return await keyword.call(host, **{**arguments, "pattern": f"rehearsal.{uuid4().hex}"})

    return forwarded


def _past(moment: Moment, arguments: Mapping[str, Value], answer: Answer) -> Value:
    return str(moment.new_id())


def _sample(error: NotYet, keyword: Keyword, scene: Scene) -> Value:
    scene.refused.append(error.name)
    return scene.expected() if keyword.value else None


def _absent(error: UnknownName, scene: Scene) -> Value:
    """In the place of a script, bot or workflow that the package expects elsewhere."""
    if error.what not in ABSENT:
        raise error
    scene.missing.append(f"{error.what} {error.name}")
    return scene.expected()


def _supplied(keyword: Keyword, arguments: Mapping[str, Value], answer: Value, scene: Scene) -> Value:
    """What the host knows of the person: name, address, ids."""
    if keyword.name not in ("GET", "GET SESSION") or (answer is not None and answer != ""):
        return answer
    given = [one for value in arguments.values() for one in (value if isinstance(value, list) else [value])]
    named = [text(value) for value in given if value is not None]
    asked = next((value for value in named if _OF_A_PERSON.search(value)), "")
    return samples.by_name(asked.rpartition(".")[2]) if asked else answer


def _worded(keyword: Keyword, value: Value) -> Value:
    if keyword.name not in WORDS:
        return value
    return text(value) if not is_container(value) or isinstance(value, Object) else value
