"""What became of each line of a program in a run, as its cards show it. Pure: rows and positions in, changes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from workflow.details import JournalRow
from workflow.following import LineState, News, Position

WORDS: Mapping[str, str] = {
    "": "Not reached",
    "done": "Done",
    "running": "Running",
    "waiting": "Waiting",
    "retrying": "Failed, tries again",
    "failed": "Failed",
    "paused": "Paused",
    "in_doubt": "In doubt",
    "cancelled": "Cancelled",
}
_OF_STATUS = {"ready": "running", "running": "running"}
_STRONGEST = ("in_doubt", "failed", "paused", "retrying", "waiting", "running")  # of several branches at one line


def standing(position: Position) -> str:
    """What the line shows at which an execution stands, "" for none."""
    if position.finished or position.keyword is None:
        return ""
    return "retrying" if position.retrying else _OF_STATUS.get(position.status, position.status)


@dataclass(frozen=True, slots=True)
class Last:
    """The last call that a line made."""

    state: str
    execution: UUID
    generation: int
    seq: int


@dataclass(slots=True)
class Lines:
    """The lines of one program, as one watcher has been told of them."""

    program: str
    last: dict[int, Last] = field(default_factory=dict[int, Last])
    shown: dict[int, str] = field(default_factory=dict[int, str])
    generations: dict[UUID, int] = field(default_factory=dict[UUID, int])

    @classmethod
    def of(cls, program: str, lines: Iterable[LineState], positions: Mapping[UUID, Position]) -> Lines:
        """As a page shows them that is opened now."""
        made = cls(program)
        for line in lines:
            state = "failed" if line.failed else "done"
            made.last[line.line] = Last(state, line.execution, line.generation, line.seq)
            made._note(line.execution, line.generation)
        made.shown = made._all(positions)
        return made

    def told(self, news: News) -> dict[int, str]:
        """The lines that show something else after these news."""
        for row in news.rows:
            position = news.all.get(row.execution)
            if position is None or position.program != self.program:
                continue
            if row.generation > self.generations.get(row.execution, 0):  # gone back: what came behind does not count
                self.last = {
                    line: last
                    for line, last in self.last.items()
                    if last.execution != row.execution or last.seq < row.seq
                }
            self._note(row.execution, row.generation)
            if row.line is not None and row.attempt > 0 and not self._later(row):
                state = "failed" if row.error else "done"
                self.last[row.line] = Last(state, row.execution, row.generation, row.seq)
        now = self._all(news.all)
        changed = {line: state for line, state in now.items() if self.shown.get(line, "") != state}
        changed |= {line: "" for line in self.shown if line not in now and self.shown[line]}
        self.shown = now
        return changed

    def _later(self, row: JournalRow) -> bool:
        """Whether a later call of the line is known: the watcher came back from long ago."""
        known = self.last.get(row.line or 0)
        if known is None or known.execution != row.execution:
            return False
        return (known.generation, known.seq) > (row.generation, row.seq)

    def _note(self, execution: UUID, generation: int) -> None:
        self.generations[execution] = max(generation, self.generations.get(execution, 0))

    def _all(self, positions: Mapping[UUID, Position]) -> dict[int, str]:
        found = {line: last.state for line, last in self.last.items()}
        standing_at: dict[int, set[str]] = {}
        for position in positions.values():
            if position.program != self.program:
                continue
            if position.line is not None and (state := standing(position)):
                standing_at.setdefault(position.line, set()).add(state)
            if position.status == "failed" and position.error is not None and position.error.line:
                found[position.error.line] = "failed"
        for line, states in standing_at.items():
            found[line] = next((state for state in _STRONGEST if state in states), "running")
        return found
