"""What no score can outweigh: cost, time, room, abilities and health decide first whether a model may be asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from keywords.mistakes import ProgramError
from smartrouter.routing.pace import Span

SHORTEST = 128  # output tokens; an answer that would have to be shorter is not worth its price


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that might answer, as far as it concerns the choice; prices in US dollars per token, None if unknown."""

    model: str
    input_price: float | None = None
    output_price: float | None = None
    context: int | None = None  # tokens, prompt and answer together
    longest: int | None = None  # tokens of an answer
    abilities: frozenset[str] | None = frozenset()  # "tools", "schema", "images", ...; None if nobody knows
    published: dict[str, float] = field(default_factory=dict)  # quality from 0 to 1 by task type; "" for all tasks
    unavailable: str = ""  # why it may not be asked now: "circuit open until 12:03"
    dearer_above: int | None = None  # tokens of a prompt above which the prices do not hold


@dataclass(frozen=True, slots=True)
class Limits:
    """What a call asks for beyond its text."""

    input_tokens: int = 0  # estimated on the high side
    billed_tokens: int | None = None  # of the prompt at the very most; None: as estimated
    max_cost: float | None = None  # US dollars
    max_seconds: float | None = None
    longest: int | None = None  # output tokens the caller wants at most
    abilities: frozenset[str] = frozenset()
    model: str | None = None  # the only one the caller wants
    unavailable: Mapping[str, str] = field(default_factory=dict[str, str])  # models that may not be asked now, and why


class Gate(NamedTuple):
    """The verdict on one candidate: closed for a reason, or open for answers of at most `longest` tokens."""

    model: str
    closed: str = ""  # why, and what would open it
    longest: int | None = None


class NothingFits(ProgramError):
    """No candidate passes every gate."""

    kind = "model"

    def __init__(self, gates: Sequence[Gate]) -> None:
        self.gates = tuple(gates)
        if gates:
            reasons = "; ".join(f"{gate.model}: {gate.closed}" for gate in gates[:8])
            more = f"; and {len(gates) - 8} more" if len(gates) > 8 else ""
            super().__init__(f"No model may answer this call. {reasons}{more}.")
        else:
            super().__init__("No model is configured. Name one in BOTMCP_MODELS, for example openai/gpt-4o-mini.")


def gate(candidate: Candidate, limits: Limits, span: Span | None) -> Gate:
    """Whether the candidate may answer under the limits; what is not known of it closes only what must be certain."""
    name = candidate.model
    if limits.model is not None and limits.model != name:
        return Gate(name, f"the program asks for {limits.model}")
    if unavailable := candidate.unavailable or (limits.unavailable.get(name) if limits.unavailable else ""):
        return Gate(name, unavailable)
    if limits.abilities and candidate.abilities is not None and (missing := limits.abilities - candidate.abilities):
        return Gate(name, f"it has no {', '.join(sorted(missing))}")
    longest = _least(candidate.longest, limits.longest)
    if candidate.context is not None:
        room = candidate.context - limits.input_tokens
        if room < SHORTEST:
            return Gate(
                name,
                f"about {limits.input_tokens:,} tokens leave no room for an answer in its {candidate.context:,}: "
                "shorten the prompt",
            )
        longest = _least(longest, room)
    if limits.max_cost is not None:
        billed = limits.input_tokens if limits.billed_tokens is None else limits.billed_tokens
        affordable = _affordable(candidate, billed, limits.max_cost)
        if isinstance(affordable, str):
            return Gate(name, affordable)
        longest = _least(longest, affordable)
    if limits.max_seconds is not None and span is not None:
        needed = span.surely(longest)
        if needed > limits.max_seconds:
            return Gate(
                name,
                f"it takes up to {needed:.1f} s and MAX_LATENCY allows {limits.max_seconds:.1f} s: "
                f"{_rounded_up(needed * 1000):,} would do",
            )
    return Gate(name, "", longest)


def _affordable(candidate: Candidate, input_tokens: int, max_cost: float) -> int | str | None:
    """How many output tokens the money buys, None for as many as one likes; a sentence when it buys too few."""
    if candidate.input_price is None or candidate.output_price is None:
        return "its price is not known, so MAX_COST cannot be kept: set its prices"
    if candidate.dearer_above is not None and input_tokens > candidate.dearer_above:
        return (
            f"its price rises above {candidate.dearer_above:,} tokens, so MAX_COST cannot be kept: shorten the prompt"
        )
    asked = input_tokens * candidate.input_price
    least = asked + SHORTEST * candidate.output_price
    if least > max_cost:
        return f"it costs at least {_dollars(least)} US dollars and MAX_COST allows {_dollars(max_cost)}"
    if candidate.output_price == 0:
        return None
    return int((max_cost - asked) / candidate.output_price)


def _least(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _dollars(amount: float) -> str:
    """To six places, upwards, so that what is said to do would do."""
    return f"{math.ceil(round(amount * 1e6, 3)) / 1e6:.6f}" if amount >= 1e-6 else f"{amount:.3g}"


def _rounded_up(milliseconds: float) -> int:
    return int(-(-milliseconds // 100) * 100)
