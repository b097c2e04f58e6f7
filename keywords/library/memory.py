"""The memory of bots: kept per bot under keys, with versions. How it is shared is in `sharing`."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from keywords.host import (
    MEMORY_APPENDED,
    MEMORY_CHECKED,
    MEMORY_DELETED,
    MEMORY_INCREMENTED,
    MEMORY_SET,
    Decided,
    Host,
    Moment,
    Recorded,
    Subject,
    Value,
)
from keywords.library import limits
from keywords.library.keeping import until
from keywords.mistakes import LimitReached, Refused, UnknownName, WrongValue
from keywords.registry import Deciding, Effect, keyword
from keywords.values import number, plain, text

MOST_LISTED = 1000
MOST_VERSIONS = 100
MOST_FOUND = 100
LARGEST = 1e15  # what can be counted exactly


def _expires(now: datetime, ttl: Value) -> datetime | None:
    if ttl is None:
        return None
    found = until(now, ttl)
    if found is not None and found <= now:
        raise WrongValue(f"TTL needs a time greater than 0, not {limits.shown(ttl)}.")
    return found


def _whole(what: str, value: Value, most: int) -> int:
    found = limits.number(what, value)
    if found < 1 or found != int(found):
        raise WrongValue(f"{what} needs a whole number of 1 or more, not {limits.shown(value)}.")
    return min(int(found), most)


async def _owner(host: Host, name: Value) -> tuple[UUID | None, str | None]:
    """The bot whose memory is meant; None for the caller's own."""
    if name is None:
        return None, None
    found, known = await host.services.bots.identified(
        host.identity.tenant, host.identity.origin, limits.name_of("a bot", name)
    )
    return (None, None) if found == host.identity.bot else (found, known)


# -- writing -----------------------------------------------------------------------------------------------------------


async def set_memory_if(
    host: Host, key: str, value: Value, ttl: Value = None, version: Value = None, owner: Value = None
) -> Decided:
    """The forms of SET BOT MEMORY whose answer only the commit knows."""
    wanted, content = limits.memory_key(key), limits.memory_value(value)
    expected = None
    if version is not None:
        found = limits.number("IF VERSION", version)
        if found < 0 or found != int(found) or found > 2**53:
            raise WrongValue(f"IF VERSION needs a version: 0 for none yet, or 1 and more, not {limits.shown(version)}.")
        expected = int(found)
    other, name = await _owner(host, owner)
    expires = _expires(host.now, ttl)
    return Decided(
        MEMORY_CHECKED.row(key=wanted, value=content, expires=expires, expected=expected, owner=other, owner_name=name)
    )


@keyword(
    "SET BOT MEMORY {key}, {value} [TTL {ttl}] [IF VERSION {version}] [FOR {owner}]",
    "SET BOT MEMORY {key} AS {value} [TTL {ttl}] [IF VERSION {version}] [FOR {owner}]",
    effect=Effect.RECORD,
    example='SET BOT MEMORY "greeting", "Hello"',
    group="memory",
    value=False,
    deciding=Deciding(frozenset({"version", "owner"}), set_memory_if),
)
def set_bot_memory(
    moment: Moment, key: str, value: Value, ttl: Value = None, version: Value = None, owner: Value = None
) -> Recorded:
    """Remember a value under a key, for this bot, across all its runs; a later GET sees it at once.

    TTL forgets it after so many seconds, or "30 days". IF VERSION writes only while the memory stands at that version
    (0: while there is none), and is an error of the kind "conflict" when somebody else was first. FOR writes the memory
    of another bot, which must have shared it WRITABLE.
    """
    row = MEMORY_SET.row(
        key=limits.memory_key(key), value=limits.memory_value(value), expires=_expires(moment.now, ttl)
    )
    return Recorded(None, (row,))


@keyword(
    "INCREMENT BOT MEMORY {key} [BY {amount}] [TTL {ttl}] [FOR {owner}]",
    effect=Effect.TRANSACTION,
    example='INCREMENT BOT MEMORY "orders" BY 1',
    group="memory",
)
async def increment_bot_memory(
    host: Host, key: str, amount: Value = 1, ttl: Value = None, owner: Value = None
) -> Decided:
    """Add to a number in memory and answer the new number; nothing there counts as 0. No addition is ever lost.

    TTL counts from the first addition. FOR adds to the memory of another bot, which must have shared it WRITABLE.
    """
    more = number(limits.number("BY", amount))
    if abs(more) >= LARGEST:
        raise LimitReached(f"BY may be at most 1e15, not {limits.shown(amount)}.")
    wanted, expires = limits.memory_key(key), _expires(host.now, ttl)
    other, name = await _owner(host, owner)
    return Decided(MEMORY_INCREMENTED.row(key=wanted, amount=text(more), expires=expires, owner=other, owner_name=name))


@keyword(
    "APPEND BOT MEMORY {key}, {value} [FOR {owner}]",
    effect=Effect.TRANSACTION,
    example='APPEND BOT MEMORY "visitors", name',
    group="memory",
)
async def append_bot_memory(host: Host, key: str, value: Value, owner: Value = None) -> Decided:
    """Add an item to the list in memory and answer how many it holds; nothing there counts as an empty list.

    No item is ever lost, however many append at once. JSON PARSE makes a list of what GET BOT MEMORY answers.
    """
    item = limits.memory_value(json.dumps(plain(value), ensure_ascii=False))
    wanted = limits.memory_key(key)
    other, name = await _owner(host, owner)
    return Decided(MEMORY_APPENDED.row(key=wanted, item=item, owner=other, owner_name=name))


@keyword(
    "DELETE BOT MEMORY {key} [FOR {owner}]",
    effect=Effect.TRANSACTION,
    example='DELETE BOT MEMORY "greeting"',
    group="memory",
)
async def delete_bot_memory(host: Host, key: str, owner: Value = None) -> Decided:
    """Forget what is remembered under a key; answers whether there was anything. Its history stays until ERASE."""
    wanted = limits.memory_key(key)
    other, name = await _owner(host, owner)
    return Decided(MEMORY_DELETED.row(key=wanted, owner=other, owner_name=name))


# -- reading -----------------------------------------------------------------------------------------------------------


@keyword("GET BOT MEMORY {key} [FROM {bot}]", effect=Effect.READ, example='GET BOT MEMORY "greeting"', group="memory")
async def get_bot_memory(host: Host, key: str, bot: Value = None) -> str:
    """What this bot remembers under the key, as text; empty text when there is nothing.

    FROM reads what another bot shares with this one, as it stands now; it is an error when that bot shares nothing so.
    """
    wanted, identity = limits.memory_key(key), host.identity
    if bot is None:
        return await host.services.memories.get(identity.tenant, identity.bot, wanted, host.now) or ""
    name = limits.name_of("a bot", bot)
    try:
        source, known = await host.services.bots.identified(identity.tenant, identity.origin, name)
    except UnknownName:
        raise NotShared(wanted, name) from None
    if source == identity.bot:
        raise WrongValue(f"GET BOT MEMORY ... FROM needs another bot: {known} is the bot that asks. Leave FROM out.")
    found = await host.services.memories.shared(identity.tenant, identity.bot, source, wanted, host.now)
    if found is None:
        raise NotShared(wanted, name)
    return found.value


class NotShared(Refused):
    """The same for a bot that is not there and one that shares nothing, so that nobody learns which."""

    def __init__(self, key: str, bot: str) -> None:
        super().__init__(
            f"No bot {bot} shares {limits.shown(key)} with this one. It would write: BOT SHARE MEMORY with this bot."
        )


@keyword("BOT MEMORY VERSION {key}", effect=Effect.READ, example='BOT MEMORY VERSION "greeting"', group="memory")
async def bot_memory_version(host: Host, key: str) -> int:
    """The version at which a memory of this bot stands, for IF VERSION; 0 when there is none."""
    identity = host.identity
    found = await host.services.memories.known(identity.tenant, identity.bot, limits.memory_key(key), host.now)
    return 0 if found is None else found.version


@keyword(
    "LIST BOT MEMORY [{prefix}] [LIMIT {limit}]",
    effect=Effect.READ,
    example='LIST BOT MEMORY "order."',
    group="memory",
)
async def list_bot_memory(host: Host, prefix: Value = "", limit: Value = 100) -> Value:
    """What this bot remembers under keys that begin so: a list of key, value, version, updated, expires and origin.

    It is in the order of the keys, at most 1,000. What is kept about people and conversations is listed only when asked
    for: LIST BOT MEMORY "user/".
    """
    begins = limits.memory_key(prefix).removesuffix("*") if prefix not in (None, "") else ""
    most = _whole("LIMIT", limit, MOST_LISTED)
    identity = host.identity
    found = await host.services.memories.listed(identity.tenant, identity.bot, begins, host.now, most)
    return [
        {
            "key": one.key,
            "value": one.value,
            "version": one.version,
            "updated": one.updated,
            "expires": one.expires,
            "origin": one.origin,
        }
        for one in found
    ]


@keyword(
    "MEMORY HISTORY {key} [LIMIT {limit}]", effect=Effect.READ, example='MEMORY HISTORY "greeting"', group="memory"
)
async def memory_history(host: Host, key: str, limit: Value = MOST_VERSIONS) -> Value:
    """The versions of a memory of this bot, the newest first: version, op, value, at, by, origin, execution.

    op is set, sync or delete; by is the bot that wrote it. 100 versions are kept, for 30 days.
    """
    wanted, most, identity = limits.memory_key(key), _whole("LIMIT", limit, MOST_VERSIONS), host.identity
    return [
        {
            "version": past.version,
            "op": past.op,
            "value": past.value,
            "at": past.at,
            "by": past.by,
            "origin": past.origin,
            "execution": past.execution and str(past.execution),
        }
        for past in await host.services.memories.history(identity.tenant, identity.bot, wanted, most)
    ]


@keyword(
    "SEARCH MEMORY {question} [LIMIT {limit}]",
    effect=Effect.READ,
    example='SEARCH MEMORY "Where does Ada live?" LIMIT 5',
    group="memory",
)
async def search_memory(host: Host, question: str, limit: Value = 10) -> Value:
    """Find memories by words and meaning, own and shared ones: a list of key, value, version, score and origin."""
    words = limits.message(question, "A question").strip()
    if not words:
        raise WrongValue("SEARCH MEMORY needs a question that is not empty.")
    most, identity = _whole("LIMIT", limit, MOST_FOUND), host.identity
    found = await host.services.memories.search(identity.tenant, identity.bot, words, host.now, most)
    return [
        {"key": hit.key, "value": hit.value, "version": hit.version, "score": hit.score, "origin": hit.origin}
        for hit in found
    ]


# -- all that is known -------------------------------------------------------------------------------------------------


def _own(host: Host) -> Subject:
    return Subject(host.identity.bot_name or host.identity.origin or str(host.identity.bot), bot=host.identity.bot)


def person_of(host: Host) -> str:
    """The person of the conversation, as user memory knows them."""
    return str(host.identity.session or "owner")


@keyword("EXPORT BOT MEMORY", effect=Effect.READ, example="EXPORT BOT MEMORY", group="memory")
async def export_bot_memory(host: Host) -> Value:
    """All that is known of this bot: memories with their history, what it shares and is given, and the counts."""
    return await host.services.memories.exported(host.identity.tenant, _own(host), host.now)


@keyword("EXPORT USER MEMORY", effect=Effect.READ, example="EXPORT USER MEMORY", group="memory")
async def export_user_memory(host: Host) -> Value:
    """All that any bot remembers about the person of this conversation, and the counts."""
    person = person_of(host)
    return await host.services.memories.exported(host.identity.tenant, Subject(person, person=person), host.now)


@keyword("ERASE BOT MEMORY", effect=Effect.IDEMPOTENT, example="ERASE BOT MEMORY", group="memory")
async def erase_bot_memory(host: Host) -> Value:
    """Erase all that is known of this bot, everywhere: memories, history, shares, search, the journals of ended runs.

    Answers what was removed, counted. Copies that other bots have taken over are theirs and stay.
    """
    return await host.services.memories.erased(host.identity.tenant, _own(host), host.now)


@keyword("ERASE USER MEMORY", effect=Effect.IDEMPOTENT, example="ERASE USER MEMORY", group="memory")
async def erase_user_memory(host: Host) -> Value:
    """Erase all that any bot remembers about the person of this conversation, and the journals of its ended runs."""
    person = person_of(host)
    return await host.services.memories.erased(host.identity.tenant, Subject(person, person=person), host.now)


KEYWORDS = (
    set_bot_memory,
    get_bot_memory,
    increment_bot_memory,
    append_bot_memory,
    delete_bot_memory,
    bot_memory_version,
    list_bot_memory,
    memory_history,
    search_memory,
    export_bot_memory,
    export_user_memory,
    erase_bot_memory,
    erase_user_memory,
)
