"""A running program's state on another version of its text: where it stands there, or why it cannot stand there.

A place is known by what people see: the SUB or branch, the STEP around it, the keyword, and which of several. It may be
moved when that place is in the new program too, what the new program reads from there on is set, and each branch that
is open has its like. Its own hidden variables (the count of a loop, a value kept while a statement waits) keep their
meaning only where the loop or statement around the place has kept its form; else the move is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from keywords.mistakes import Refused
from keywords.program import Program
from keywords.reach import Region, region
from keywords.state import Frame, State


class Misfit(Refused):
    """The state has no place in the other program."""


@dataclass
class Refit:
    """Moves states from one program to another; the branches of a PARALLEL go with what waits for them."""

    old: Program
    new: Program
    given: Collection[str] = ()  # variables that will be set there, by lower-case name
    entries: dict[str, str] = field(default_factory=dict[str, str])  # of branches: in the old program -> in the new

    def moved(self, state: State) -> State:
        """The state on the new program; raises Misfit with the reason."""
        if state.undoing is not None:
            raise Misfit("It is undoing what it had done.")
        frames: list[Frame] = []
        lost = [undo for undo in state.undo if undo.entry not in self.new.entries]
        if lost or (state.undo and _undoing(self.old) != _undoing(self.new)):
            raise Misfit("The new program undoes other things (COMPENSATE) than what this one has done so far.")
        for depth, frame in enumerate(state.frames):
            top = depth == len(state.frames) - 1
            frames.append(self._frame(frame, state, frames[-1] if frames else None, top=top))
        return replace(state, frames=frames)

    def _frame(self, frame: Frame, state: State, below: Frame | None, *, top: bool) -> Frame:
        entry = frame.entry
        if entry.startswith("branch:"):
            entry = self.entries.get(entry, entry)
        if entry not in self.new.entries:
            what = "The branch" if entry.startswith("branch:") else f"{entry.partition(':')[2] or entry}, in which"
            raise Misfit(f"{what} it stands is not in the new program.")
        before, after = region(self.old, frame.entry), region(self.new, entry)
        if top and state.call is None and frame.at == self.old.entries[frame.entry]:
            place = self.new.entries[entry]
        elif top and state.call is None and self.old.steps[frame.at][0] == "step":
            place = self._step_place(after, self.old.steps[frame.at][4])
        else:
            place = self._place(before, after, frame.at)
        hidden = self._hidden(before, after, frame.at, place, top and state.call is None)
        kept = {name: value for name, value in frame.variables.items() if not _numbered(name)}
        moved = {hidden[name]: value for name, value in frame.variables.items() if name in hidden}
        shared = state.frames[0].variables
        reads = after.read_from(place, again=top and state.call is None)
        lacking = {
            name
            for name in reads
            if not name.startswith("~") and name not in kept and name not in shared and name not in self.given
        }
        lacking -= before.read_from(frame.at, again=top and state.call is None)
        lacking -= {name for name in lacking if _machines(name)}
        if lacking:
            names = ", ".join(sorted(lacking)[:10])
            raise Misfit(f"From there on the new program reads {names}, which is not set. Say what it is to be.")
        return Frame(entry, place, kept | moved, self._handler(before, after, frame.on_error))

    def _step_place(self, after: Region, number: int) -> int:
        for at in after.places:
            if self.new.steps[at][0] == "step" and self.new.steps[at][4] == number:
                return at
        raise Misfit(f"The new program has no STEP {number}.")

    def _place(self, before: Region, after: Region, at: int) -> int:
        """The like, in the new program, of the step that is waited at."""
        old, number = self.old.steps[at], before.step_of[at]
        alike = [i for i in before.places if before.step_of[i] == number and _sort(before.steps[i]) == _sort(old)]
        there = [i for i in after.places if after.step_of[i] == number and _sort(after.steps[i]) == _sort(old)]
        where = f"STEP {number} of the new program" if number else "The new program"
        if number and number not in after.numbers:
            raise Misfit(f"The new program has no STEP {number}, in which it stands.")
        if not there:
            raise Misfit(f"{where} has no {_named(old)}, at which it stands.")
        same = [i for i in there if _meaning(after.steps[i]) == _meaning(old)]
        like = [i for i in alike if _meaning(before.steps[i]) == _meaning(old)]
        if len(same) == len(like):
            place = same[like.index(at)]
        elif len(there) == len(alike):
            place = there[alike.index(at)]
        else:
            raise Misfit(
                f"{where} has {len(there)} times {_named(old)} where it had {len(alike)}: unclear which it is."
            )
        if old[0] == "fork":
            self._branches(old, self.new.steps[place])
        return place

    def _branches(self, old: Any, new: Any) -> None:
        labels = {branch[0]: branch for branch in new[4]}
        for label, entry, *_ in old[4]:
            if label not in labels:
                raise Misfit(f"The branch {label}, which is open, is not in the new program.")
            self.entries[entry] = labels[label][1]
        if [branch[0] for branch in old[4]] != [branch[0] for branch in new[4]]:
            raise Misfit("The PARALLEL at which it stands has other branches in the new program.")

    def _hidden(self, before: Region, after: Region, at: int, place: int, again: bool) -> dict[str, str]:
        """The names that live hidden variables have there."""
        old = [name for name in before.hidden if name in before.read_from(at, again=again)]
        new = [name for name in after.hidden if name in after.read_from(place, again=again)]
        if [before.uses(name) for name in old] != [after.uses(name) for name in new]:
            raise Misfit("The loop, or the statement, in the middle of which it stands has changed its form.")
        return dict(zip(old, new, strict=True))

    def _handler(self, before: Region, after: Region, said: str | None) -> str | None:
        if said is None or not said.startswith("goto:"):
            return said
        target = int(said.removeprefix("goto:"))
        if target not in before.handlers or len(before.handlers) != len(after.handlers):
            raise Misfit("ON ERROR GOTO leads to another number of places in the new program.")
        return f"goto:{after.handlers[before.handlers.index(target)]}"


def refitted(old: Program, new: Program, state: State, given: Mapping[str, Any]) -> State:
    """The state on the new program; raises Misfit. `given` are variables that will be set there."""
    return state if old.hash == new.hash else Refit(old, new, {name.lower() for name in given}).moved(state)


def _undoing(program: Program) -> int:
    return sum(entry.startswith("undo:") for entry in program.entries)


def _sort(step: Any) -> tuple[Any, ...]:
    """What kind of place a step is."""
    return (step[0], step[4]) if step[0] in ("call", "sub") else (step[0],)


def _meaning(step: Any) -> Any:
    """What it does there, without where it stands in the text."""
    return [step[4:6]] if step[0] == "sub" else [branch[0] for branch in step[4]] if step[0] == "fork" else step[4:6]


def _named(step: Any) -> str:
    if step[0] == "fork":
        return "PARALLEL"
    return str(step[4]).removeprefix("sub:") if step[0] in ("call", "sub") else f"place like that ({step[0]})"


def _numbered(name: str) -> bool:
    return name.startswith("~") and name[1:].isdigit()


def _machines(name: str) -> bool:
    """Names that the machine itself sets."""
    return name in ("result", "error", "timed_out") or name.startswith(("branch_", "step"))
