"""The memory of bots: kept per bot, shared key by key, taken over by SYNC."""

from __future__ import annotations

from keywords.host import MEMORY_SET, MEMORY_SHARED, MEMORY_SYNCED, Decided, Host, Moment, Recorded, Value
from keywords.library import limits
from keywords.mistakes import WrongValue
from keywords.registry import Effect, keyword


@keyword(
    "SET BOT MEMORY {key}, {value}",
    "SET BOT MEMORY {key} AS {value}",
    effect=Effect.RECORD,
    example='SET BOT MEMORY "greeting", "Hello"',
    group="memory",
    value=False,
)
def set_bot_memory(moment: Moment, key: str, value: Value) -> Recorded:
    """Remember a value under a key, for this bot, across all its runs; a later GET sees it at once."""
    row = MEMORY_SET.row(key=limits.memory_key(key), value=limits.memory_value(value))
    return Recorded(None, (row,))


@keyword("GET BOT MEMORY {key}", effect=Effect.READ, example='GET BOT MEMORY "greeting"', group="memory")
async def get_bot_memory(host: Host, key: str) -> str:
    """What this bot remembers under the key, as text; empty text when there is nothing."""
    found = await host.services.memories.get(host.identity.tenant, host.identity.bot, limits.memory_key(key))
    return found or ""


@keyword(
    "BOT SHARE MEMORY {key} WITH {bot}",
    effect=Effect.TRANSACTION,
    example='BOT SHARE MEMORY "greeting" WITH "sales"',
    group="memory",
    tool=True,
)
async def bot_share_memory(host: Host, key: str, bot: str) -> Decided:
    """Give another bot a copy of what this bot remembers under a key; the other takes it over with BOT SYNC MEMORY.

    It is an error when this bot remembers nothing under the key. Sharing again delivers the present value.
    """
    wanted = limits.memory_key(key)
    other = limits.name_of("a bot", bot)
    target, name = await host.services.bots.identified(host.identity.tenant, host.identity.origin, other)
    if target == host.identity.bot:
        raise WrongValue(f"BOT SHARE MEMORY needs another bot: {name} is the bot that shares.")
    return Decided(MEMORY_SHARED.row(key=wanted, target=target, target_name=name))


@keyword(
    "BOT SYNC MEMORY FROM {bot}",
    name="BOT SYNC MEMORY",
    effect=Effect.TRANSACTION,
    example='BOT SYNC MEMORY FROM "sales"',
    group="memory",
)
async def bot_sync_memory(host: Host, bot: str) -> Decided:
    """Take over everything another bot has shared with this one; answers which keys changed and which were in conflict.

    The other bot's value wins; `conflicts` names the keys whose own, different value it replaced.
    """
    other = limits.name_of("a bot", bot)
    source, name = await host.services.bots.identified(host.identity.tenant, host.identity.origin, other)
    if source == host.identity.bot:
        raise WrongValue(f"BOT SYNC MEMORY needs another bot: {name} is the bot that asks.")
    return Decided(MEMORY_SYNCED.row(source=source, source_name=name))
