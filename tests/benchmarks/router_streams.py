"""The router at work: one prompt after the other, and of each only the outcome of the model that was asked.

The reward of a call is its score less a tenth of its cost, in units of the best model's usual cost. Regret is what the
best single model, known only afterwards, would have earned more, in rewards per 1,000 calls; below zero the router
earned more than any single model could.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from router_outcomes import Outcomes

from smartrouter.routing.choice import Aim, Candidate, Judgement, choose
from smartrouter.routing.experience import Experience
from smartrouter.routing.learned import Learned, due, learn

AIM = Aim(cost=0.1)
_DAY = 86_400.0
_BATCH = 0.02  # the judgement is made anew when the experience has grown by so much, as in a batched product


def regret(
    data: Outcomes,
    start: Experience,
    candidates: Sequence[Candidate],
    learned: Learned | None,
    seed: int,
    feedback: float = 1.0,
) -> float:
    """The regret per 1,000 calls of one pass over `data` in random order, judged on a share of the calls."""
    unit = float(data.cost[:, data.score.mean(0).argmax()].mean())
    rewards = data.score - AIM.cost * data.cost / unit
    chance = np.random.default_rng(seed)
    known = start.humbled()
    judgement, fresh = Judgement.of(known, candidates, 0.0, learned), 0
    models = list(data.models)
    earned = 0.0
    for number, row in enumerate(chance.permutation(len(data)).tolist()):
        prompt, now = data.prompts[row], _DAY * number / len(data)
        model = choose(judgement, prompt, AIM, seed=seed * 1_000_003 + number).model
        column = models.index(model)
        earned += float(rewards[row, column])
        known.pay(model, prompt, float(data.cost[row, column]), now)
        if chance.random() < feedback:
            foretold = float(judgement.departures(prompt)[column])
            known.judge(model, prompt, float(data.score[row, column]), now, data.keys[row], foretold=foretold)
            fresh += 1
        if fresh > _BATCH * number:
            if due(learned, len(known.examples)):
                learned = learn(list(known.examples.values()), models, judgement.believed.mean)
            judgement, fresh = Judgement.of(known, candidates, now, learned), 0
    return 1000 * (float(rewards.mean(0).max()) - earned / len(data))
