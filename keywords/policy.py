"""How one call is to be made: what RETRY, TIMEOUT, CACHE and ONCE behind a statement say of it.

In a compiled step a policy is `{"retry": e, "backoff": e, "timeout": e, "cache": e, "once": true, "doubt": "skip",
"text": "the statement"}`, each part only where it was written; `text` is there for `cache`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from keywords.encode import dump_text
from keywords.evaluate import Closure, compiled
from keywords.host import Value
from keywords.mistakes import Mistake, WrongValue
from keywords.operators import calculable
from keywords.registry import Registry
from keywords.values import Object, kind_of
from keywords.world import World

MOST_RETRIES = 1_000
LONGEST = 366 * 86_400  # seconds of a TIMEOUT, a BACKOFF, a CACHE
FINAL = frozenset({"refused", "cancelled", "in_doubt", "syntax"})  # a no is a no: asking again changes nothing
UNDOING = 5  # further attempts of a call that undoes something, where its line says nothing else
BETWEEN = 1.0  # seconds before the first of them


@dataclass(frozen=True, slots=True)
class Policy:
    """As it stands for one call, all its values known."""

    retries: int | None = None
    backoff: float | None = None  # seconds before the second attempt, doubled each time
    timeout: float | None = None  # seconds of each attempt
    cache: float | None = None  # seconds for which the answer may be given to other runs
    once: bool = False
    doubt: str = ""  # retry, skip, fail; "": a person decides
    text: str = ""  # of the statement, for the key of the cache

    def tries_again(self, mistake: Mistake, attempt: int) -> bool:
        """Whether a call that failed so at this attempt is made again."""
        return self.retries is not None and attempt <= self.retries and mistake.kind not in FINAL

    def key(self, keyword: str, arguments: Mapping[str, Value]) -> str:
        """What names an answer in the cache: the statement, the keyword, and what it was given."""
        given = Object({name: arguments[name] for name in sorted(arguments)})
        return sha256(f"{self.text}\n{keyword}\n{dump_text(given)}".encode("utf-8", "surrogatepass")).hexdigest()


NONE = Policy()
UNDO = Policy(retries=UNDOING, backoff=BETWEEN)
Linked = Callable[[dict[str, Value], World], Policy]


def linked_policy(raw: Mapping[str, Any] | None, registry: Registry) -> Linked | None:
    """The policy of a step, to be asked for once its variables are known."""
    if not raw:
        return None
    amounts = {name: compiled(raw[name], registry) for name in ("retry", "backoff", "timeout", "cache") if name in raw}
    fixed = Policy(once=bool(raw.get("once")), doubt=raw.get("doubt", ""), text=raw.get("text", ""))

    def policy(v: dict[str, Value], w: World) -> Policy:
        retries = amounts.get("retry")
        return replace(
            fixed,
            retries=None if retries is None else times("RETRY", retries(v, w)),
            backoff=_seconds("BACKOFF", amounts.get("backoff"), v, w),
            timeout=_seconds("TIMEOUT", amounts.get("timeout"), v, w),
            cache=_seconds("CACHE", amounts.get("cache"), v, w),
        )

    return policy


def times(word: str, value: Value, most: int = MOST_RETRIES, least: int = 0) -> int:
    """The whole number that a value stands for."""
    count = calculable(value)
    if count is None or count != int(count) or not least <= count <= most:
        raise WrongValue(f"{word} needs a whole number from {least} to {most:,}, not {kind_of(value)}.")
    return int(count)


def _seconds(word: str, closure: Closure | None, v: dict[str, Value], w: World) -> float | None:
    if closure is None:
        return None
    value = closure(v, w)
    seconds = value.total_seconds() if isinstance(value, timedelta) else calculable(value)
    if seconds is None or not 0 < seconds <= LONGEST:
        raise WrongValue(f"{word} needs a number of seconds above 0, at most a year, not {kind_of(value)}.")
    return float(seconds)
