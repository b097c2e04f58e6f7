"""What an expression may know besides its variables: the time, which is an argument, and chance, which is counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from keywords.host import Moment, Value
from keywords.state import State


@dataclass(slots=True)
class World:
    """One `advance` of one state."""

    state: State
    now: datetime
    shared: dict[str, Value]  # the variables of the program itself, which a SUB sees too
    spent: int = 0  # fuel

    def draw(self) -> int:
        """The next random number of this execution, 64 bits: the same again whenever the state is run again."""
        self.state.draws += 1
        return mixed(self.state.seed, "draw", self.state.draws)

    def moment(self) -> Moment:
        """The moment of the call the state stands at."""
        return Moment(self.state.identity, self.state.generation, self.state.n, self.now)


def mixed(seed: int, purpose: str, *numbers: int) -> int:
    """63 bits that follow from the seed, a purpose and numbers, and look like chance."""
    words = ":".join(map(str, (seed, purpose, *numbers)))
    return int.from_bytes(sha256(words.encode()).digest()[:8]) >> 1


def child_seed(seed: int, n: int, index: int) -> int:
    """The seed of the child `index` that call `n` of an execution with this seed starts."""
    return mixed(seed, "child", n, index)
