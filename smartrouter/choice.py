"""Which models to ask, best first: a pure function of their prices, their order and what the program wants.

    cost       the cheapest first
    quality    the dearest first: until there are measurements, a price is the best word for it
    speed      the one with the cheapest output first: smaller models are cheaper and faster
    balanced   the order of the settings; also when a program does not say

Models without a known price come last, in the order of the settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from keywords.mistakes import ProgramError, UnknownName
from smartrouter.catalogue import Model

SHORTEST = 128  # output tokens; an answer that would have to be shorter is not worth its price
MILLION = 1_000_000


class NoModel(ProgramError):
    """No model is configured, or none may be asked under the program's conditions."""

    kind = "model"

    def __init__(self, reason: str = "") -> None:
        super().__init__(
            reason
            or "No language model is configured. Name one in BOTMCP_MODELS, for example openai/gpt-4o-mini, and set "
            "its key (OPENAI_API_KEY), or name one as llm-model in the package's config.csv."
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may be asked, and how long its answer may be so that the cost stays within its limit."""

    model: Model
    longest: int | None = None  # output tokens


def candidates(
    models: Sequence[Model],
    wanted: str | None,
    goal: str | None,
    max_cost: float | None,
    input_tokens: int,
) -> tuple[Candidate, ...]:
    """The models to ask, best first; raises NoModel or UnknownName when there is none."""
    if not models:
        raise NoModel
    if wanted is not None:
        models = [_named(models, wanted)]
    ordered = [Candidate(model) for model in _ordered(models, goal)]
    if max_cost is None:
        return tuple(ordered)
    affordable = tuple(c for c in (_within(c, max_cost, input_tokens) for c in ordered) if c is not None)
    if not affordable:
        raise NoModel(_too_dear(models, max_cost, input_tokens))
    return affordable


def price_of(model: Model, input_tokens: int, output_tokens: int) -> float | None:
    """What a call costs in US dollars; None when the price is not known."""
    if model.input_price is None or model.output_price is None:
        return None
    return (input_tokens * model.input_price + output_tokens * model.output_price) / MILLION


def _ordered(models: Sequence[Model], goal: str | None) -> list[Model]:
    priced = [m for m in models if m.input_price is not None and m.output_price is not None]
    unpriced = [m for m in models if m not in priced]
    match goal:
        case "cost":
            return [*sorted(priced, key=_price), *unpriced]
        case "quality":
            return [*sorted(priced, key=lambda m: -_price(m)), *unpriced]
        case "speed":
            return [*sorted(priced, key=lambda m: m.output_price or 0.0), *unpriced]
        case _:
            return list(models)


def _price(model: Model) -> float:
    return (model.input_price or 0.0) + (model.output_price or 0.0)


def _within(candidate: Candidate, max_cost: float, input_tokens: int) -> Candidate | None:
    model = candidate.model
    least = price_of(model, input_tokens, SHORTEST)
    if least is None or least > max_cost:
        return None
    if not model.output_price:
        return candidate
    left = max_cost - (price_of(model, input_tokens, 0) or 0.0)
    return replace(candidate, longest=int(left * MILLION / model.output_price))


def _too_dear(models: Sequence[Model], max_cost: float, input_tokens: int) -> str:
    prices = [(price_of(m, input_tokens, SHORTEST), m.name) for m in models]
    known = sorted((price, name) for price, name in prices if price is not None)
    limit = f"MAX_COST {max_cost:g}"
    if not known:
        return (
            f"{limit} cannot be kept: the price of {models[0].name} is not known. "
            "Give it input_price and output_price in the settings, in US dollars per million tokens."
        )
    return (
        f"{limit} cannot be kept: a prompt of about {input_tokens:,} tokens costs at least {known[0][0]:.6f} "
        f"US dollars ({known[0][1]}). Raise the limit, shorten the prompt, or add a cheaper model to BOTMCP_MODELS."
    )


def _named(models: Sequence[Model], wanted: str) -> Model:
    name = wanted.casefold()
    for model in models:
        if name in {model.name.casefold(), model.name.casefold().partition("/")[2]}:
            return model
    known = [model.name for model in models]
    raise UnknownName("model", wanted, known, f"Configured are {', '.join(known)}; BOTMCP_MODELS names more.")
