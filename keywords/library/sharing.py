"""Bots that share what they remember: grants, taking them back, and taking over what was shared."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from keywords.functions_time import date_value
from keywords.host import MEMORY_SHARED, MEMORY_SYNCED, MEMORY_UNSHARED, Decided, Host, Value
from keywords.library import limits
from keywords.library.keeping import until
from keywords.mistakes import LimitReached, WrongValue
from keywords.registry import Effect, keyword

MOST_TARGETS = 100
MOST_SHARES = 1000


async def _targets(host: Host, keyword_: str, bots: Value) -> list[list[str]]:
    """The bots meant: ids and full names, each once. None of them is the bot that asks."""
    named = [bots] if isinstance(bots, str) else list(bots)
    names = [limits.name_of("a bot", name) for each in named for name in (each if isinstance(each, list) else [each])]
    if not names:
        raise WrongValue(f"{keyword_} needs the name of at least one bot.")
    if len(names) > MOST_TARGETS:
        raise LimitReached(f"{keyword_} takes at most {MOST_TARGETS} bots at once, not {len(names)}.")
    found: dict[UUID, str] = {}
    for name in names:
        target, known = await host.services.bots.identified(host.identity.tenant, host.identity.origin, name)
        if target == host.identity.bot:
            raise WrongValue(f"{keyword_} needs another bot: {known} is the bot that shares.")
        found[target] = known
    return [[str(target), known] for target, known in found.items()]


def _end(now: datetime, given: Value) -> datetime | None:
    """When a share ends: a date or time, or how long it lasts ("7 days", 3600)."""
    if given is None:
        return None
    found = given if isinstance(given, date) else None
    if isinstance(given, str) and any(c.isdigit() for c in given) and ("-" in given or "/" in given):
        found = date_value(given)
    if found is None:
        found = until(now, given)
        if found is None:
            return None
    if not isinstance(found, datetime):
        found = datetime.combine(found, time(), now.tzinfo)
    if found.tzinfo is None:
        found = found.replace(tzinfo=now.tzinfo)
    if found <= now:
        raise WrongValue(f"UNTIL needs a time that is yet to come, not {limits.shown(given)}.")
    return found


@keyword(
    "BOT SHARE MEMORY {key} WITH {bot:many} [SNAPSHOT {snapshot:flag}] [UNTIL {until}] [WRITABLE {writable:flag}] "
    "[RESHARE {reshare:flag}]",
    effect=Effect.TRANSACTION,
    example='BOT SHARE MEMORY "greeting" WITH "sales"',
    group="memory",
    tool=True,
)
async def bot_share_memory(
    host: Host,
    key: str,
    bot: Value,
    snapshot: bool = False,
    until: Value = None,
    writable: bool = False,
    reshare: bool = False,
) -> Decided:
    """Let other bots see what this bot remembers under a key; they take it over with BOT SYNC MEMORY.

    Each later value is delivered, too; with SNAPSHOT only the present one. "order.*" shares all keys that begin so,
    also those to come. UNTIL ends it at a time, or after "7 days". WRITABLE lets them write it (SET BOT MEMORY ...
    FOR), RESHARE lets them share their copy on. It is an error when this bot remembers nothing under the key.
    """
    pattern, prefix = limits.memory_pattern(key)
    targets = await _targets(host, "BOT SHARE MEMORY", bot)
    if snapshot and writable:
        raise WrongValue("BOT SHARE MEMORY cannot be SNAPSHOT and WRITABLE: nobody writes to a copy. Choose one.")
    return Decided(
        MEMORY_SHARED.row(
            key=limits.memory_key(key),
            pattern=pattern,
            prefix=prefix,
            targets=targets,
            snapshot=bool(snapshot),
            writable=bool(writable),
            reshare=bool(reshare),
            expires=_end(host.now, until),
        )
    )


@keyword(
    "BOT UNSHARE MEMORY {key} [WITH {bot:many}] [PURGE {purge:flag}]",
    "BOT UNSHARE MEMORY {key} FROM {bot:many} [PURGE {purge:flag}]",
    effect=Effect.TRANSACTION,
    example='BOT UNSHARE MEMORY "greeting" WITH "sales"',
    group="memory",
)
async def bot_unshare_memory(host: Host, key: str, bot: Value = None, purge: bool = False) -> Decided:
    """Take back what was shared under a key or "prefix.*", from these bots or from all; it is gone for them at once.

    What a bot has taken over with SYNC is its own and stays, unless PURGE removes what it left unmodified. Answers key,
    revoked, copies and purged.
    """
    pattern, prefix = limits.memory_pattern(key)
    targets = None if bot is None else await _targets(host, "BOT UNSHARE MEMORY", bot)
    return Decided(
        MEMORY_UNSHARED.row(
            key=limits.memory_key(key), pattern=pattern, prefix=prefix, targets=targets, purge=bool(purge)
        )
    )


@keyword(
    "BOT SYNC MEMORY FROM {bot} [KEEP {keep:flag}] [NEWEST {newest:flag}] [FAIL {fail:flag}]",
    name="BOT SYNC MEMORY",
    effect=Effect.TRANSACTION,
    example='BOT SYNC MEMORY FROM "sales"',
    group="memory",
)
async def bot_sync_memory(
    host: Host, bot: str, keep: bool = False, newest: bool = False, fail: bool = False
) -> Decided:
    """Take over everything another bot shares with this one; answers which keys changed and which were in conflict.

    A key that this bot has written itself since the last time is a conflict, and is named: the other bot's value wins
    (this bot's stays in MEMORY HISTORY). KEEP leaves its own, NEWEST takes what was committed later, FAIL changes
    nothing at all and is an error. `removed` names what the other bot has deleted.
    """
    if sum(map(bool, (keep, newest, fail))) > 1:
        raise WrongValue("BOT SYNC MEMORY takes one of KEEP, NEWEST and FAIL, not several.")
    mode = "keep" if keep else "newest" if newest else "fail" if fail else "source"
    other = limits.name_of("a bot", bot)
    source, name = await host.services.bots.identified(host.identity.tenant, host.identity.origin, other)
    if source == host.identity.bot:
        raise WrongValue(f"BOT SYNC MEMORY needs another bot: {name} is the bot that asks.")
    return Decided(MEMORY_SYNCED.row(source=source, source_name=name, mode=mode))


@keyword("LIST BOT SHARES", effect=Effect.READ, example="LIST BOT SHARES", group="memory")
async def list_bot_shares(host: Host) -> Value:
    """What this bot shares and is given: key, source, target, snapshot, writable, reshare, until, given."""
    identity = host.identity
    return [
        {
            "key": share.key,
            "source": share.source,
            "target": share.target,
            "snapshot": share.snapshot,
            "writable": share.writable,
            "reshare": share.reshare,
            "until": share.until,
            "given": share.given,
        }
        for share in await host.services.memories.shares(identity.tenant, identity.bot, host.now, MOST_SHARES)
    ]


KEYWORDS = (bot_share_memory, bot_unshare_memory, bot_sync_memory, list_bot_shares)
