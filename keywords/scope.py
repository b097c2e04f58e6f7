"""What the names of a program mean: variables of the program or of a SUB, procedures, and which of them nobody sets."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from keywords.evaluate import Node

BARE = frozenset(["NOW", "TODAY"])  # functions that may be written without brackets, where nothing is called so
GIVEN = frozenset(["result", "timed_out", "error", "message", "approved", "today", "now"])


@dataclass(slots=True)
class Procedure:
    """A SUB or FUNCTION: its parameters and the names that are its own."""

    name: str
    parameters: tuple[str, ...]
    assigned: set[str] = field(default_factory=set[str])

    @property
    def entry(self) -> str:
        return f"sub:{self.name.lower()}"


@dataclass(slots=True)
class Scope:
    """Names of a program. A SUB sees and changes the variables that the main program sets; all others are its own."""

    assigned: set[str] = field(default_factory=set[str])  # by the main program, its PARAMs and its branches
    procedures: dict[str, Procedure] = field(default_factory=dict[str, Procedure])
    inside: Procedure | None = None
    read: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])  # where first
    asked: bool = False  # whether a meaning depended on a name being known
    _meaning: tuple[Hashable, ...] = ()
    _of: tuple[int, bool] | None = None

    def meaning(self) -> Hashable:
        """All that the meaning of a statement's names depends on, but for `inside` and for what `known` is asked."""
        of = len(self.assigned), self.inside is None  # ON EVENT adds a name while the program is compiled
        if self._of != of:
            own = tuple((p.name, p.parameters, frozenset(p.assigned)) for p in self.procedures.values())
            names = self.assigned if self.inside else {name for name in self.assigned if name.upper() in BARE}
            self._of, self._meaning = of, _one((frozenset(names), own))
        return self._meaning

    def target(self, name: str) -> Node:
        """The variable that an assignment to the name changes."""
        lower = name.lower()
        if self.inside and lower not in self.inside.parameters and lower in self.assigned:
            return ["g", lower]
        return ["v", lower]

    def variable(self, name: str, line: int, column: int) -> Node:
        """The variable that the name reads."""
        lower = name.lower()
        self.read.setdefault(lower, (line, column))
        if self.inside and lower not in self.inside.parameters and lower not in self.inside.assigned - self.assigned:
            return ["g", lower]
        return ["v", lower]

    def known(self, name: str) -> bool:
        """Whether anything in the program sets the name."""
        self.asked = True
        lower = name.lower()
        if lower in self.assigned or lower in GIVEN or lower.startswith("branch_"):
            return True
        if lower.startswith("step") and lower[4:].isdigit():
            return True
        return any(lower in p.assigned or lower in p.parameters for p in self.procedures.values())

    def names(self) -> Mapping[str, None]:
        """Every name the text sets."""
        found = dict.fromkeys(sorted(self.assigned))
        for procedure in self.procedures.values():
            found.update(dict.fromkeys((*procedure.parameters, *sorted(procedure.assigned))))
        return found


@lru_cache(maxsize=64)
def _one(meaning: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
    """Of equal ones always the same: that it is equal to itself is seen without looking at its names."""
    return meaning
