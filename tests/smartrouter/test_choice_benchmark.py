"""The benchmark's figures mean what they say."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
SCORE = np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])  # the cheap model is right every other time
COST = np.array([[1.0, 9.0]] * 4)


@pytest.fixture
def curves(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("router_curves")


def test_mixing_the_cheapest_and_the_best_at_random_recovers_half(curves: ModuleType) -> None:
    found = curves.figures([(1.0, 0.5), (9.0, 1.0)], SCORE, COST, 1, 0)
    assert found["apgr"] == pytest.approx(0.5)
    assert found["aiq"] == pytest.approx(0.75)


def test_knowing_every_outcome_beats_every_mixture(curves: ModuleType) -> None:
    chosen = [np.array([0, 0, 0, 0]), np.array([1, 0, 1, 0])]
    found = curves.figures(curves.reached(chosen, SCORE, COST), SCORE, COST, 1, 0)
    assert found["apgr"] == pytest.approx(0.75, abs=0.01), "all of the gap at half of the cost"
    assert found["q25"] == pytest.approx(0.5 + 0.5 * 1.25 / 4)


def test_a_point_under_the_hull_changes_nothing(curves: ModuleType) -> None:
    good, bad = [(1.0, 0.5), (5.0, 0.9), (9.0, 1.0)], [(4.0, 0.6), (6.0, 0.91)]
    assert curves.figures(good, SCORE, COST, 1, 0) == curves.figures([*good, *bad], SCORE, COST, 1, 0)


def test_never_asking_the_best_model_recovers_nothing(curves: ModuleType) -> None:
    found = curves.figures([(1.0, 0.5)], SCORE, COST, 1, 0)
    assert found["apgr"] == pytest.approx(0.0)
    assert found["q25"] == pytest.approx(0.5)
