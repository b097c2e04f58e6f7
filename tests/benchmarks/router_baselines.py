"""What the router is measured against, each given the same outcomes to learn from.

random                mixes the cheapest and the best model
zero_router           mixes whichever single models lie on the hull: ignores the prompt, knows the data
always_best           never saves
litellm_complexity    LiteLLM's heuristic, its threshold swept between the cheapest and the best model
litellm_adaptive      LiteLLM's request types with a mean for each model; at work, its bandit under our reward
knn                   the mean of the hundred prompts nearest in meaning
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from router_curves import WEIGHTS, Point, reached
from router_outcomes import Outcomes
from router_streams import AIM

from smartrouter.routing.choice import Aim, worth

Array: TypeAlias = NDArray[np.float64]

_NEIGHBOURS = 100
_DOUBT = 10.0
_THRESHOLDS = 41


def points(fit: Outcomes, data: Outcomes) -> dict[str, list[Point]]:
    """The trade-offs that each baseline reaches on `data` after learning from `fit`."""
    best, cheapest = int(fit.score.mean(0).argmax()), int(fit.cost.mean(0).argmin())
    single = [(float(data.cost[:, m].mean()), float(data.score[:, m].mean())) for m in range(len(data.models))]
    return {
        "random": [single[cheapest], single[best]],
        "zero_router": single,
        "always_best": [single[cheapest]],  # no budget below the best model's own buys more
        "litellm_complexity": _complexity(data, cheapest, best),
        "litellm_adaptive": _swept(_typed(fit, data), fit, data),
        "knn": _swept(_nearest(fit, data), fit, data),
    }


def regrets(fit: Outcomes, data: Outcomes, seed: int) -> dict[str, float]:
    """The regret per 1,000 calls of each baseline that can work without knowing the data."""
    unit = float(data.cost[:, data.score.mean(0).argmax()].mean())
    rewards = data.score - AIM.cost * data.cost / unit
    top = float(rewards.mean(0).max())
    order = np.random.default_rng(seed).permutation(len(data)).tolist()
    return {
        "random": 1000 * (top - float(rewards.mean())),
        "always_best": 1000 * (top - float(rewards[:, fit.score.mean(0).argmax()].mean())),
        "litellm_adaptive": 1000 * (top - _bandit(fit, data, rewards, unit, order, random.Random(seed))),
    }


def request_type(text: str) -> str:
    """LiteLLM's own type of a request."""
    return _litellm()["classify"](text).value


@cache
def _litellm() -> dict[str, Callable[..., Any]]:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    from litellm.router import Router  # imported late: slow, and it looks at the environment
    from litellm.router_strategy.adaptive_router import bandit
    from litellm.router_strategy.adaptive_router.classifier import classify_prompt
    from litellm.router_strategy.complexity_router.complexity_router import ComplexityRouter

    names = {"SIMPLE": "cheap", "MEDIUM": "cheap", "COMPLEX": "best", "REASONING": "best"}
    models: list[Any] = [
        {"model_name": name, "litellm_params": {"model": f"openai/{name}", "api_key": "unused"}}
        for name in ("cheap", "best")
    ]
    router = ComplexityRouter("router", Router(model_list=models), complexity_router_config={"tiers": names})

    def complexity(text: str) -> float:
        return router.classify(text)[1]

    return {
        "classify": classify_prompt,
        "complexity": complexity,
        "cell": lambda: bandit.BanditCell(5.0, 5.0),
        "learn": bandit.apply_delta,
        "pick": bandit.pick_best,
    }


def _complexity(data: Outcomes, cheapest: int, best: int) -> list[Point]:
    scores = np.array([_litellm()["complexity"](text) for text in data.texts])
    thresholds = np.quantile(scores, np.linspace(0, 1, _THRESHOLDS))
    swept = reached([np.where(scores >= one, best, cheapest) for one in thresholds], data.score, data.cost)
    return [*swept, (float(data.cost[:, best].mean()), float(data.score[:, best].mean()))]


def _swept(quality: Array, fit: Outcomes, data: Outcomes) -> list[Point]:
    usual = fit.cost.mean(0)
    cost = np.tile(usual / usual[fit.score.mean(0).argmax()], (len(data), 1))
    chosen = [worth(Aim(cost=float(one)), quality, cost, np.zeros_like(cost)).argmax(1) for one in WEIGHTS]
    return reached(chosen, data.score, data.cost)


def _typed(fit: Outcomes, data: Outcomes) -> Array:
    types = np.array([request_type(text) for text in fit.texts])
    overall = fit.score.mean(0)
    means = {
        one: (fit.score[types == one].sum(0) + _DOUBT * overall) / ((types == one).sum() + _DOUBT)
        for one in set(types.tolist())
    }
    return np.array([means.get(request_type(text), overall) for text in data.texts])


def _nearest(fit: Outcomes, data: Outcomes) -> Array:
    known = np.array([prompt.meaning for prompt in fit.prompts], np.float32)
    asked = np.array([prompt.meaning for prompt in data.prompts], np.float32)
    count = min(_NEIGHBOURS, len(known))
    found = np.empty((len(asked), fit.score.shape[1]))
    for row, point in enumerate(asked):
        found[row] = fit.score[np.argpartition(known @ point, -count)[-count:]].mean(0)
    return found


def _bandit(
    fit: Outcomes, data: Outcomes, rewards: Array, unit: float, order: Sequence[int], chance: random.Random
) -> float:
    tools = _litellm()
    cells: dict[str, dict[str, Any]] = {}

    def learn(kind: str, model: str, score: float) -> None:
        own = cells.setdefault(kind, {one: tools["cell"]() for one in data.models})
        own[model] = tools["learn"](own[model], score, 1 - score)

    for text, scores in zip(fit.texts, fit.score.tolist(), strict=True):
        kind = request_type(text)
        for model, score in zip(data.models, scores, strict=True):
            learn(kind, model, score)
    usual = dict(zip(data.models, fit.cost.mean(0).tolist(), strict=True))
    weight = AIM.cost * (max(usual.values()) - min(usual.values())) / unit
    earned = 0.0
    for row in order:
        kind = request_type(data.texts[row])
        own = cells.get(kind) or {one: tools["cell"]() for one in data.models}
        model: str = tools["pick"](own, usual, 1.0, weight, chance)
        column = data.models.index(model)
        earned += float(rewards[row, column])
        learn(kind, model, float(data.score[row, column]))
    return earned / len(order)
