"""The choice follows what was judged: by task at once, by the prompt's features as examples grow, and never blindly."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest

from smartrouter.routing.choice import AIMS, Aim, Judgement, choose, prior, worth
from smartrouter.routing.experience import Experience
from smartrouter.routing.features import Prompt, read
from smartrouter.routing.gates import Candidate
from smartrouter.routing.learned import LEAST, Learned, due, learn
from smartrouter.routing.pace import Pace
from smartrouter.routing.posterior import posterior
from smartrouter.routing.tally import Tally
from smartrouter.routing.tasks import TASK_TYPES

SMALL, LARGE = Candidate("small", 1e-7, 1e-7), Candidate("large", 1e-5, 1e-5)
CHAT, CODE = read("Hello there"), read("Write a function to add two numbers")
AT = {task: column for column, task in enumerate(TASK_TYPES)}


def taught(*calls: tuple[str, Prompt, float, int]) -> Experience:
    known = Experience()
    for model, prompt, quality, times in calls:
        for number in range(times):
            known.judge(model, prompt, quality, 0.0, f"{model}-{prompt.task}-{number}")
    return known


def about(topic: int, chance: random.Random) -> Prompt:
    """A prompt about one of two topics, which only its meaning tells apart."""
    angle = topic * math.pi / 2 + chance.gauss(0, 0.2)
    noise = [chance.gauss(0, 0.05) for _ in range(6)]
    return Prompt("chat", 100, read("Hello there").surface, (math.cos(angle), math.sin(angle), *noise))


def two_topics(count: int = 600) -> Experience:
    """`small` is right on the first topic, `large` on the second."""
    chance, known = random.Random(1), Experience()
    for number in range(count):
        prompt = about(number % 2, chance)
        for model, good in (("small", number % 2 == 0), ("large", number % 2 == 1)):
            known.judge(model, prompt, float(chance.random() < (0.9 if good else 0.3)), 0.0, str(number))
    return known


def learned_of(known: Experience) -> Learned | None:
    believed = Judgement.of(known, (SMALL, LARGE), 0.0).believed.mean
    return learn(list(known.examples.values()), ("small", "large"), believed)


def test_judgements_of_a_task_move_the_choice_for_this_task() -> None:
    known = taught(
        ("small", CODE, 0.95, 60), ("large", CODE, 0.4, 60), ("small", CHAT, 0.3, 60), ("large", CHAT, 0.9, 60)
    )
    judgement = Judgement.of(known, (SMALL, LARGE), 0.0)
    assert choose(judgement, CODE, AIMS["quality"]).model == "small"
    assert choose(judgement, CHAT, AIMS["quality"]).model == "large"


def test_a_hard_task_says_nothing_against_a_model_that_was_not_tried_at_it() -> None:
    start = prior((SMALL, LARGE))
    found = posterior(("small", "large"), {("small", "math"): Tally(200, 20, 20)}, start)
    assert found.mean[1, AT["math"]] < start[1, AT["math"]], "the task looks hard"
    assert found.mean[1, AT["chat"]] == pytest.approx(start[1, AT["chat"]]), "the untried model is not to blame"
    assert found.mean[0, AT["math"]] == pytest.approx(0.1, abs=0.06)


def test_published_figures_come_before_the_price_and_judgements_before_both() -> None:
    praised = Candidate("small", 1e-7, 1e-7, published={"": 0.7, "code": 0.99})
    judgement = Judgement.of(Experience(), (praised, LARGE), 0.0)
    assert choose(judgement, CODE, AIMS["quality"]).model == "small"
    assert choose(judgement, CHAT, AIMS["quality"]).model == "large"
    refuted = Judgement.of(taught(("small", CODE, 0.2, 100)), (praised, LARGE), 0.0)
    assert choose(refuted, CODE, AIMS["quality"]).model == "large"


def test_examples_teach_what_the_task_does_not_tell() -> None:
    known = two_topics()
    learned = learned_of(known)
    judgement = Judgement.of(known, (SMALL, LARGE), 0.0, learned)
    chance = random.Random(2)
    right = [choose(judgement, about(topic, chance), AIMS["quality"]).model for topic in [0, 1] * 50]
    assert sum(model == ("small", "large")[place % 2] for place, model in enumerate(right)) >= 95


def test_one_answer_a_prompt_teaches_too() -> None:
    known, whole = Experience(), two_topics()
    for number, example in enumerate(whole.examples.values()):
        model = ("small", "large")[number // 2 % 2]
        known.judge(model, example.prompt, example.quality[model], 0.0, example.id)
    judgement = Judgement.of(known, (SMALL, LARGE), 0.0, learned_of(known))
    chance = random.Random(3)
    right = [choose(judgement, about(topic, chance), AIMS["quality"]).model for topic in [0, 1] * 50]
    assert sum(model == ("small", "large")[place % 2] for place, model in enumerate(right)) >= 90


def test_examples_say_nothing_of_a_prompt_unlike_all_of_them() -> None:
    learned = learned_of(two_topics())
    assert learned is not None
    strange = Prompt("chat", 100, CHAT.surface, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0))
    assert learned.departures(strange).tolist() == [0.0, 0.0]


def test_learning_waits_for_enough_examples_and_for_a_quarter_more() -> None:
    known = two_topics(LEAST - 1)
    assert learned_of(known) is None
    assert not due(None, LEAST - 1) and due(None, LEAST)
    learned = learned_of(two_topics(100))
    assert not due(learned, 124) and due(learned, 125)


def test_what_was_learned_of_other_models_is_left_aside() -> None:
    known = two_topics(100)
    assert Judgement.of(known, (SMALL,), 0.0, learned_of(known)).learned is None


def test_learning_twice_gives_the_same() -> None:
    first, second = learned_of(two_topics(200)), learned_of(two_topics(200))
    assert first is not None and second is not None
    prompt = about(0, random.Random(4))
    assert first.departures(prompt).tolist() == second.departures(prompt).tolist()


def test_the_same_seed_chooses_the_same_and_no_seed_the_best_known() -> None:
    judgement = Judgement.of(taught(("small", CHAT, 0.8, 5), ("large", CHAT, 0.7, 5)), (SMALL, LARGE), 0.0)
    drawn = [choose(judgement, CHAT, AIMS["quality"], seed=seed).model for seed in range(50)]
    assert drawn == [choose(judgement, CHAT, AIMS["quality"], seed=seed).model for seed in range(50)]
    assert set(drawn) == {"small", "large"}
    assert len({choose(judgement, CHAT, AIMS["quality"]).model for _ in range(20)}) == 1


def test_exploring_finds_the_better_model_and_then_stays() -> None:
    known, chance = Experience(), random.Random(5)
    truth = {"small": 0.9, "large": 0.5}
    asked: list[str] = []
    for number in range(400):
        judgement = Judgement.of(known, (SMALL, LARGE), 0.0)
        model = choose(judgement, CHAT, AIMS["quality"], seed=number).model
        known.judge(model, CHAT, float(chance.random() < truth[model]), 0.0, str(number))
        asked.append(model)
    assert asked[0] == "large" or "large" in asked[:20], "the dearer model is tried first"
    assert asked[-100:].count("small") >= 95


def test_graded_judgements_settle_sooner_than_passes_and_failures() -> None:
    start = prior((SMALL, LARGE))
    coins = posterior(("small", "large"), {("small", "chat"): Tally(100, 90, 90)}, start)
    grades = posterior(("small", "large"), {("small", "chat"): Tally(100, 90, 81.1)}, start)
    assert grades.strength[0, AT["chat"]] > 1.5 * coins.strength[0, AT["chat"]]


def test_old_judgements_give_way() -> None:
    known = taught(("small", CHAT, 0.1, 400), ("large", CHAT, 0.9, 400))
    assert choose(Judgement.of(known, (SMALL, LARGE), 0.0), CHAT, AIMS["quality"]).model == "large"
    later = 400 * 86_400.0
    for number in range(20):
        known.judge("small", CHAT, 0.95, later, f"later-{number}")
        known.judge("large", CHAT, 0.6, later, f"later-{number}")
    assert choose(Judgement.of(known, (SMALL, LARGE), later), CHAT, AIMS["quality"]).model == "small"


def test_each_aim_weighs_what_it_says() -> None:
    quality, cost, seconds = np.array([0.9, 0.88, 0.5]), np.array([1.0, 0.1, 0.01]), np.array([1.0, 1.5, 0.1])
    best = {name: int(worth(aim, quality, cost, seconds).argmax()) for name, aim in AIMS.items()}
    assert best == {"quality": 0, "balanced": 1, "cost": 1, "speed": 0}
    assert int(worth(Aim(cost=100), quality, cost, seconds).argmax()) == 2


def test_speed_prefers_the_model_that_was_measured_faster() -> None:
    known = taught(("small", CHAT, 0.8, 40), ("large", CHAT, 0.85, 40))
    for _ in range(20):
        known.time("small", CHAT, Pace.streamed(0.1, 0.005, 200, 0.0))
        known.time("large", CHAT, Pace.streamed(1.0, 0.05, 200, 0.0))
    assert choose(Judgement.of(known, (SMALL, LARGE), 0.0), CHAT, AIMS["speed"]).model == "small"


def test_an_explanation_is_json_and_names_scores_and_the_ruled_out() -> None:
    ill = Candidate("ill", 1e-6, 1e-6, unavailable="it failed three times")
    choice = choose(Judgement.of(taught(("small", CHAT, 0.8, 5)), (SMALL, LARGE, ill), 0.0), CHAT, AIMS["balanced"])
    told = json.loads(json.dumps(choice.explain()))
    assert told["task"] == "chat"
    assert told["model"] == told["ranking"][0]["model"]
    assert {one["model"] for one in told["ranking"]} == {"small", "large"}
    assert told["ruled_out"] == {"ill": "it failed three times"}
    assert all(one["cost"] is not None for one in told["ranking"])


def test_many_models_with_unknown_prices_and_no_experience_can_be_chosen_from() -> None:
    nameless = tuple(Candidate(f"m{number}") for number in range(200))
    assert choose(Judgement.of(Experience(), nameless, 0.0), CHAT, AIMS["balanced"]).model == "m0"
