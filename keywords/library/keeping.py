"""What outlives a run without a table: sessions, what is remembered, what a user told.

All of it lies in the memory of the bot, under keys of its own:

    session/<session>/<name>    SET SESSION, SET "name", v      the run itself is the session where there is none
    user/<session>/<key>        SET USER MEMORY, SET USER FACT; "owner" stands for the session where there is none
    context/<session>/<name>    SET CONTEXT
    remembered/<key>            REMEMBER, with the time after which it is forgotten
    cached/<key>                CACHE SET

Values keep their type: they are stored as tagged JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from keywords.encode import dump, load
from keywords.host import MEMORY_SET, Host, Identity, Moment, Recorded, Value
from keywords.library import limits
from keywords.library.announced import NotYet
from keywords.library.files import files_of
from keywords.library.web import web_of
from keywords.mistakes import WrongValue
from keywords.operators import add
from keywords.places import member
from keywords.registry import Effect, keyword
from keywords.values import List, Object, is_number, text

MOST_FACTS = 1000
FOR_EVER = ("forever", "always", "permanent", "never expires")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(second|minute|hour|day|week|month|year|s|m|h|d|w)s?", re.IGNORECASE)
_SECONDS = {
    "s": 1,
    "m": 60,
    "h": 3_600,
    "d": 86_400,
    "w": 604_800,
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_592_000,
    "year": 31_536_000,
}
_FILE = re.compile(
    r"[\w./ -]+\.(?:txt|md|csv|tsv|json|xml|ya?ml|html?|pdf|docx?|xlsx?|pptx?|png|jpe?g|gif|svg|webp|mp[34]|wav|zip)",
    re.IGNORECASE,
)


# -- keys and values ---------------------------------------------------------------------------------------------------


def _session(identity: Identity, name: Value) -> str:
    plain = limits.name_of("a session variable", name).removeprefix("session.")
    return limits.memory_key(f"session/{identity.session or identity.execution}/{plain.casefold()}")


def _user(identity: Identity, key: Value) -> str:
    return limits.memory_key(f"user/{identity.session or 'owner'}/{limits.memory_key(key)}")


def _context(identity: Identity, name: str) -> str:
    return limits.memory_key(f"context/{identity.session or identity.execution}/{name.casefold()}")


def _stored(key: str, value: Value, until: datetime | None = None) -> Recorded:
    content: dict[str, object] = {"v": dump(value)}
    if until is not None:
        content["until"] = until.isoformat()
    return Recorded(None, (MEMORY_SET.row(key=key, value=limits.memory_value(json.dumps(content)), expires=until),))


async def _read(host: Host, key: str) -> Value:
    """What is stored under the key, unless its time is over; NULL when there is nothing."""
    found = await host.services.memories.get(host.identity.tenant, host.identity.bot, key, host.now)
    return _opened(found, host.now) if found else None


def _opened(stored: str, now: datetime) -> Value:
    content = json.loads(stored)
    until = content.get("until")
    if until is not None and now >= datetime.fromisoformat(until):
        return None
    return load(content["v"])


def until(now: datetime, duration: Value) -> datetime | None:
    """When a duration such as "30 days", "1h", 3600 (seconds) or "forever" ends; raises WrongValue."""
    if duration is None or (isinstance(duration, str) and duration.strip().casefold() in FOR_EVER):
        return None
    if isinstance(duration, timedelta):
        return add(now, duration)
    if is_number(duration):
        return now + limits.seconds("A duration", duration)
    match = _SPAN.fullmatch(text(duration).strip())
    if match is None:
        raise WrongValue(f'A duration is written "30 days", "2 hours" or "forever", not {limits.shown(duration)}.')
    return now + limits.seconds("A duration", float(match[1]) * _SECONDS[match[2].casefold()])


# -- sessions ----------------------------------------------------------------------------------------------------------


@keyword(
    "SET SESSION {name}, {value}",
    "SET SESSION {name} AS {value}",
    "SET SESSION {name} = {value}",
    "SET SESSION {session}, {name}, {value}",
    effect=Effect.RECORD,
    example='SET SESSION "email", address',
    group="memory",
    value=False,
)
def set_session(moment: Moment, name: str, value: Value, session: Value = None) -> Recorded:
    """Keep a value for the rest of the conversation; GET SESSION reads it, in this and in later scripts."""
    if session is not None:
        raise NotYet("SET SESSION for another conversation")
    return _stored(_session(moment.identity, name), value)


@keyword(
    "GET SESSION {name}",
    "GET SESSION {session}, {name}",
    effect=Effect.READ,
    example='GET SESSION "email"',
    group="memory",
)
async def get_session(host: Host, name: str, session: Value = None) -> Value:
    """A value of this conversation; NULL when nothing was set."""
    if session is not None and text(session) != text(host.identity.session and str(host.identity.session)):
        raise NotYet("GET SESSION of another conversation")
    return await _read(host, _session(host.identity, name))


@keyword(
    "SET {name} = {value}",
    "SET {name}, {value}",
    "SET {table}, {row}, {change} [, {more:many}]",
    name="SET",
    effect=Effect.RECORD,
    example='SET "session.city" = city',
    group="memory",
    value=False,
)
def set_value(
    moment: Moment, name: str = "", value: Value = None, table: Value = None, row: Value = None, change: Value = None,
    more: Value = None,
) -> Recorded:  # fmt: skip
    """Keep a value for the rest of the conversation under a name; GET "name" reads it. SET v = e assigns.

    With three values it changes rows of a table, as UPDATE does: SET "customers", "id = 7", "city = Porto".
    """
    return _stored(_session(moment.identity, name), value)


@keyword(
    "GET {source:many}",
    "GET {url} WITH {fields:fields}",
    effect=Effect.READ,
    example='GET "session.city"',
    group="memory",
)
async def get_value(host: Host, source: Sequence[Value] = (), url: Value = None, fields: Value = None) -> Value:
    """What a name stands for: a value of the conversation, else of the bot's memory; a URL or a file is fetched.

    What stands behind WITH, or in an object behind a comma, are the parameters of a URL. GET "config", "hours" means
    GET "config.hours"; of several URLs and files it is a list.
    """
    if url is not None:
        return await _page(host, text(url), fields)
    match list(source):
        case [place, Object() as parameters]:
            return await _page(host, text(place), parameters)
        case [one]:
            return await _value(host, text(one).strip())
        case [group, name] if "://" not in text(group) and not _FILE.fullmatch(text(group)):
            return await _value(host, f"{text(group).strip()}.{text(name).strip()}")
        case several:
            return List([await _value(host, text(one).strip()) for one in several])


async def _page(host: Host, url: str, parameters: Value) -> str:
    """What is at a URL with these parameters."""
    given = {name: text(value) for name, value in parameters.items() if value is not None}
    joined = ("&" if "?" in url else "?") + urlencode(given) if given else ""
    return await web_of(host).page(host.moment, url + joined)


async def _value(host: Host, name: str) -> Value:
    if not name:
        return None
    if "://" in name:
        return await web_of(host).page(host.moment, name)
    if name.startswith("/") or _FILE.fullmatch(name):
        return await files_of(host).read(host.identity, name, "TEXT")
    found = await _read(host, _session(host.identity, name))
    if found is not None or name.startswith("session."):
        return found
    root, _, path = name.partition(".")
    if path:
        found = await _read(host, _session(host.identity, root))
        for step in path.split("."):
            found = member(found, step, optional=True)
        return found
    return await host.services.memories.get(host.identity.tenant, host.identity.bot, limits.memory_key(name), host.now)


# -- users, and what is remembered -------------------------------------------------------------------------------------


@keyword(
    "SET USER MEMORY {key}, {value}",
    "SET USER MEMORY {key} AS {value}",
    effect=Effect.RECORD,
    example='SET USER MEMORY "city", city',
    group="memory",
    value=False,
)
def set_user_memory(moment: Moment, key: str, value: Value) -> Recorded:
    """Remember something about the person of the conversation."""
    return _stored(_user(moment.identity, key), value)


@keyword("GET USER MEMORY {key}", effect=Effect.READ, example='GET USER MEMORY "city"', group="memory")
async def get_user_memory(host: Host, key: str) -> Value:
    """What is remembered about the person of the conversation; NULL when there is nothing."""
    return await _read(host, _user(host.identity, key))


@keyword(
    "SET USER FACT {key}, {value}",
    "SET USER FACT {key} AS {value}",
    effect=Effect.RECORD,
    example='SET USER FACT "city", city',
    group="memory",
    value=False,
)
def set_user_fact(moment: Moment, key: str, value: Value) -> Recorded:
    """Note a fact about the person of the conversation; GET USER MEMORY reads it, USER FACTS all of them."""
    return _stored(_user(moment.identity, key), value)


@keyword("USER FACTS", effect=Effect.READ, example="USER FACTS", group="memory")
async def user_facts(host: Host) -> Value:
    """All that is noted about the person of the conversation: a list of key and value."""
    identity, prefix = host.identity, _user(host.identity, "x").removesuffix("x")
    found = await host.services.memories.listed(identity.tenant, identity.bot, prefix, host.now, MOST_FACTS)
    facts = ((one.key.removeprefix(prefix), _opened(one.value, host.now)) for one in found)
    return [{"key": key, "value": value} for key, value in facts if value is not None]


@keyword(
    "SET CONTEXT {text}",
    "SET CONTEXT {name} AS {text}",
    effect=Effect.RECORD,
    example='SET CONTEXT "Be brief and friendly"',
    group="memory",
    value=False,
)
def set_context(moment: Moment, text: Value, name: Value = "") -> Recorded:
    """Give the models of this conversation something to keep in mind; a name replaces what it named before."""
    content = limits.message(text, "A context")
    named = limits.name_of("a context", name) if name not in (None, "") else "context"
    return _stored(_context(moment.identity, named), content)


async def contexts(host: Host) -> str:
    """What SET CONTEXT has given the models of this conversation to keep in mind; "" for nothing."""
    identity, prefix = host.identity, _context(host.identity, "")
    found = await host.services.memories.listed(identity.tenant, identity.bot, prefix, host.now, MOST_FACTS)
    return "\n".join(text(_opened(one.value, host.now)) for one in found)


@keyword(
    "REMEMBER {key} = {value}",
    "REMEMBER {key} AS {value}",
    "REMEMBER {key}, {value} [, {duration}]",
    effect=Effect.RECORD,
    example='REMEMBER "rate" = rate',
    group="memory",
    value=False,
)
def remember(moment: Moment, key: str, value: Value, duration: Value = None) -> Recorded:
    """Remember a value of any kind, for a time such as "30 days" or for ever; RECALL gives it back."""
    wanted = limits.memory_key(f"remembered/{limits.memory_key(key)}")
    return _stored(wanted, value, until(moment.now, duration))


@keyword("RECALL {key}", effect=Effect.READ, example='RECALL "rate"', group="memory")
async def recall(host: Host, key: str) -> Value:
    """What was remembered under the key; NULL when there is nothing or its time is over."""
    return await _read(host, limits.memory_key(f"remembered/{limits.memory_key(key)}"))


@keyword(
    "CACHE SET {key}, {value} [, {duration}]",
    effect=Effect.RECORD,
    example='CACHE SET "rates", rates, 3600',
    group="memory",
    value=False,
)
def cache_set(moment: Moment, key: str, value: Value, duration: Value = None) -> Recorded:
    """Keep a value for a number of seconds, or until it is set again."""
    return _stored(limits.memory_key(f"cached/{limits.memory_key(key)}"), value, until(moment.now, duration))


@keyword("CACHE GET {key} [, {fallback}]", effect=Effect.READ, example='CACHE GET "rates"', group="memory")
async def cache_get(host: Host, key: str, fallback: Value = None) -> Value:
    """What the cache holds under the key; the second value, or NULL, when there is nothing or its time is over."""
    found = await _read(host, limits.memory_key(f"cached/{limits.memory_key(key)}"))
    return fallback if found is None else found


@keyword("SET USER {user}", effect=Effect.RECORD, example="SET USER user_id", group="memory", value=False)
def set_user(moment: Moment, user: Value) -> Recorded:
    """Say whose conversation this is: GET "session.user_id" reads it."""
    return _stored(_session(moment.identity, "user_id"), text(user))


KEYWORDS = (
    set_user,
    set_session,
    get_session,
    set_value,
    get_value,
    set_user_memory,
    get_user_memory,
    set_user_fact,
    user_facts,
    set_context,
    remember,
    recall,
    cache_set,
    cache_get,
)
