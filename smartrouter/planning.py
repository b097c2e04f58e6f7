"""From a request to whom is asked: the models it may mean, its limits, the choice, and the choice in short."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

from keywords.host import ModelRequest
from keywords.mistakes import LimitReached, UnknownName
from smartrouter.asking import Answered
from smartrouter.budgets import Allowance
from smartrouter.catalogue import Model
from smartrouter.counting import Size
from smartrouter.preferences import Preference
from smartrouter.purse import Purse, price
from smartrouter.routing.choice import AIMS, Choice, Judgement, choose
from smartrouter.routing.features import Prompt
from smartrouter.routing.gates import Limits, NothingFits

COMFORT = 2_000  # tokens of an answer; where the safe bound leaves fewer, the prompt is really counted
USUAL_MOST = 4_096  # tokens of an answer for which a budget is drawn upon


def wanted(models: Sequence[Model], name: str | None) -> tuple[Model, ...]:
    """All models, or those of this name; raises UnknownName."""
    if name is None:
        return tuple(models)
    found = tuple(model for model in models if model.called(name))
    if not found:
        known = [model.name for model in models]
        raise UnknownName("model", name, known, f"Configured are {', '.join(known)}; BOTMCP_MODELS names more.")
    return found


def words_of(messages: Sequence[Mapping[str, Any]]) -> str:
    """What is asked: the user's last words."""
    for message in reversed(messages):
        if message.get("role") == "user":
            content = message.get("content")
            return content if isinstance(content, str) else str(content or "")
    return ""


def limits_of(request: ModelRequest, size: Size, purse: Purse, judgement: Judgement) -> Limits:
    """What the choice must keep; the prompt is counted where its bytes alone would cost too much."""
    abilities = frozenset({"tools"}) if request.tools else frozenset[str]()
    seconds = None if request.max_latency is None else request.max_latency / 1000
    limits = Limits(size.about, None, purse.left, seconds, abilities=abilities)
    if purse.limit is None:
        return limits
    billed = size.most
    left = purse.left or 0.0
    if any(price(one, billed, COMFORT) > left for one in judgement.candidates if one.output_price is not None):
        billed = size.counted
    return replace(limits, billed_tokens=billed)


def draws(judgement: Judgement, size: Size) -> float:
    """US dollars for which a budget is drawn upon, when the program names no MAX_COST."""
    return max(
        (price(one, size.counted, min(one.longest or USUAL_MOST, USUAL_MOST)) for one in judgement.candidates),
        default=0.0,
    )


def chosen(
    request: ModelRequest,
    preference: Preference,
    judgement: Judgement,
    prompt: Prompt,
    limits: Limits,
    call_id: str,
    allowance: Allowance,
) -> Choice:
    """Whom to ask, best first; raises NothingFits or LimitReached."""
    aim = None if preference.aim is None else AIMS[preference.aim]
    seed = crc32(call_id.encode())
    explores = aim is not None and request.model is None
    try:
        choice = choose(judgement, prompt, aim, limits, seed if explores else None)
    except NothingFits as error:
        if allowance.amount is not None and (request.max_cost is None or allowance.amount < request.max_cost):
            words = str(error).replace("MAX_COST", "what is left of today's budget")
            raise LimitReached(words) from None
        raise
    if preference.spread:
        ranking = list(choice.ranking)
        random.Random(seed).shuffle(ranking)  # noqa: S311 -- spreading is no secret
        choice = replace(choice, ranking=tuple(ranking))
    return choice


def aside(preference: Preference, choice: Choice, answered: Answered, call_id: str) -> dict[str, Any]:
    """What the journal keeps beside an answer: who gave it, at what cost, and why that one."""
    found = answered.reading
    told: dict[str, Any] = {
        "call": call_id,
        "model": answered.model.label,
        "provider": answered.model.provider,
        "task": choice.task,
        "cost": found.cost,
        "input_tokens": found.read,
        "output_tokens": found.written,
        "why": why(preference, choice, answered.model.label),
    }
    if answered.attempts:
        told["seconds"] = round(answered.attempts[-1].seconds, 3)
    if len(answered.attempts) > 1:
        told["attempts"] = [
            {"model": one.model.label, "ended": one.ended, "seconds": round(one.seconds, 3), "cost": one.cost}
            for one in answered.attempts
        ]
    if found.truncated:
        told["truncated"] = "by what MAX_COST buys" if answered.cut else "by the model's own limit"
    return told


def why(preference: Preference, choice: Choice, label: str) -> str:
    """The choice in one sentence."""
    place = next(at for at, one in enumerate(choice.ranking) if one.model == label)
    one = choice.ranking[place]
    many = len(choice.ranking)
    if preference.aim is None:
        how = "the only one that may answer" if many == 1 else f"number {place + 1} of {many} in the order given"
    else:
        how = f"number {place + 1} of {many} for {preference.aim} at {choice.task}"
    facts = [f"quality {one.quality:.2f} by {one.judgements:.0f} judgements"]
    if one.dollars is not None:
        facts.append(f"about ${one.dollars:.2g}")
    if one.seconds is not None:
        facts.append(f"{one.seconds:.1f} s")
    closed = f"; ruled out: {', '.join(c.model for c in choice.closed[:5])}" if choice.closed else ""
    return f"{how}: {', '.join(facts)}{closed}"
