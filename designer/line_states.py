"""What became of each line of a program in a run, as its cards show it. Pure: rows and positions in, changes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

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


@dataclass(slots=True)
class Lines:
    """The lines of one program, as one watcher has been told of them."""

    program: str
    done: dict[int, str] = field(default_factory=dict[int, str])  # by what their last call came to
    shown: dict[int, str] = field(default_factory=dict[int, str])

    @classmethod
    def of(cls, program: str, lines: Iterable[LineState], positions: Mapping[UUID, Position]) -> Lines:
        """As a page shows them that is opened now."""
        made = cls(program)
        for line in lines:
            made.done[line.line] = "failed" if line.failed else "done"
        made.shown = made._all(positions)
        return made

    def told(self, news: News) -> dict[int, str]:
        """The lines that show something else after these news."""
        for row in news.rows:
            position = news.all.get(row.execution)
            if position is None or position.program != self.program:
                continue
            if row.keyword == "RETRY" and row.attempt == 0:
                self.done = {line: state for line, state in self.done.items() if state != "failed"}
            elif row.line is not None:
                self.done[row.line] = "failed" if row.error else "done"
        now = self._all(news.all)
        changed = {line: state for line, state in now.items() if self.shown.get(line, "") != state}
        changed |= {line: "" for line in self.shown if line not in now and self.shown[line]}
        self.shown = now
        return changed

    def _all(self, positions: Mapping[UUID, Position]) -> dict[int, str]:
        found = dict(self.done)
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
