"""Which models answer at all: a circuit for each, which opens when it fails and is tried again by a single call.

    closed      it is asked
    open        it is not, until its time is over: 5 seconds at first, twice as long after each failed trial, at most 5
                minutes; as long as the provider asks for (Retry-After); 5 minutes where the key or the name is wrong
    half open   one call tries; if it is answered the circuit closes, else it opens again

It opens after three failures in a row, or when more than half of at least five calls within a minute failed. What is
the question's fault never counts. A model that was given too little time is closed only to calls that give no more.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

M = TypeVar("M")
IN_A_ROW = 3
WINDOW, FEWEST = 60.0, 5
SHORTEST, LONGEST = 5.0, 300.0
MORE = 1.5  # times more patience than it was too late for, and it may be asked
Fault = Literal["failed", "slow", "late", "busy", "refused"]


@dataclass(slots=True)
class Circuit:
    """What is known of one model."""

    outcomes: deque[tuple[float, bool]] = field(
        default_factory=deque[tuple[float, bool]]
    )  # when, and whether it failed
    in_a_row: int = 0
    until: float = -math.inf
    cooldown: float = 0.0
    trouble: str = ""
    given: float = math.inf  # closed to calls that give at most so many seconds
    trying: bool = False
    error: Exception | None = None  # told again, where asking again is no use
    changed: bool = False  # opened or closed since it was told

    @property
    def open(self) -> bool:
        """Whether it failed and was not yet answered again."""
        return bool(self.trouble)


class Circuits:
    """The circuits of this process. `chance` spreads the trials of many processes."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._known: dict[object, Circuit] = {}
        self._news = False  # whether any circuit opened or closed since it was told

    def of(self, model: object) -> Circuit:
        """The circuit of a model, made when it is first asked for."""
        found = self._known.get(model)
        if found is None:
            found = self._known[model] = Circuit()
        return found

    def changed(self, models: Iterable[M]) -> list[tuple[M, Circuit]]:
        """The circuits of these models that opened or closed since this was asked last."""
        found: list[tuple[M, Circuit]] = []
        if not self._news:
            return found
        for model in models:
            circuit = self._known.get(model)
            if circuit is not None and circuit.changed:
                circuit.changed = False
                found.append((model, circuit))
        self._news = any(circuit.changed for circuit in self._known.values())
        return found

    def troubled(self, model: object) -> bool:
        """Whether the model failed and was not yet answered again."""
        circuit = self._known.get(model)
        return circuit is not None and circuit.open

    def barred(self, model: object, now: float, seconds: float | None = None) -> float | None:
        """For how long a call that gives so many seconds must not ask this model; None when it may."""
        circuit = self._known.get(model)
        if circuit is None or not circuit.trouble:
            return None
        if circuit.given != math.inf and (seconds is None or seconds > MORE * circuit.given):
            return None
        if now < circuit.until:
            return circuit.until - now
        return 1.0 if circuit.trying else None

    def begin(self, model: object) -> bool:
        """A call goes out; whether it is the one that tries an open circuit."""
        circuit = self._known.get(model)
        if circuit is None or not circuit.trouble or circuit.trying:
            return False
        circuit.trying = True
        return True

    def left(self, model: object, trial: bool) -> None:
        """The call was given up by its caller: it says nothing."""
        if trial:
            self.of(model).trying = False

    def answered(self, model: object, now: float, took: float = 0.0, *, trial: bool = False) -> bool:
        """The model answered; whether that ended its trouble."""
        circuit = self.of(model)
        healed = circuit.open
        if healed:
            circuit.changed = self._news = True
        if healed and circuit.given != math.inf and took > MORE * circuit.given:  # as late as it was said to be
            circuit.trying = circuit.trying and not trial
            self._count(circuit, now, failed=False)
            return False
        circuit.in_a_row = 0
        if healed:
            circuit.outcomes.clear()
        self._count(circuit, now, failed=False)
        circuit.trouble, circuit.error, circuit.until, circuit.cooldown = "", None, -math.inf, 0.0
        circuit.given = math.inf
        if trial:
            circuit.trying = False
        return healed

    def failed(
        self,
        model: object,
        now: float,
        fault: Fault,
        trouble: str,
        *,
        trial: bool = False,
        after: float | None = None,
        given: float = math.inf,
        error: Exception | None = None,
    ) -> bool:
        """The model did not answer, for this reason; whether its circuit opened."""
        circuit = self.of(model)
        again = circuit.open
        if trial:
            circuit.trying = False
        circuit.in_a_row += 1
        self._count(circuit, now, failed=True)
        if fault == "refused":
            self._close(circuit, now, LONGEST, trouble, math.inf, error)
        elif fault == "busy" and after is not None:
            self._close(circuit, now, min(after, 3600.0), trouble, math.inf, None)
        elif trial or again or circuit.in_a_row >= IN_A_ROW or self._mostly_failed(circuit):
            circuit.cooldown = min(
                LONGEST, max(SHORTEST, circuit.cooldown * 2 if again and trial else circuit.cooldown)
            )
            pause = circuit.cooldown * (0.8 + 0.4 * self._chance())
            reach = max(given, circuit.given) if again and circuit.given != math.inf else given
            self._close(circuit, now, pause, trouble, reach if fault == "late" else math.inf, None)
        else:
            return False
        return True

    def _close(
        self, circuit: Circuit, now: float, seconds: float, trouble: str, given: float, error: Exception | None
    ) -> None:
        circuit.changed = self._news = True
        circuit.until = max(circuit.until, now + seconds)
        circuit.trouble, circuit.given, circuit.error = trouble, given, error

    def _count(self, circuit: Circuit, now: float, *, failed: bool) -> None:
        circuit.outcomes.append((now, failed))
        while circuit.outcomes and (circuit.outcomes[0][0] < now - WINDOW or len(circuit.outcomes) > 1000):
            circuit.outcomes.popleft()

    def _mostly_failed(self, circuit: Circuit) -> bool:
        failures = sum(failed for _, failed in circuit.outcomes)
        return len(circuit.outcomes) >= FEWEST and failures > len(circuit.outcomes) / 2
