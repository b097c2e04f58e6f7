"""What became of a dialog in its rehearsal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from keywords.mistakes import Mistake
from keywords.program import Program
from mcp_server.rehearsal.paths import possible

IDLE = frozenset({"jump", "drop"})  # steps that are no statement of their own


@dataclass(slots=True)
class Rehearsed:
    """What became of one dialog."""

    path: str
    status: str = "completed"  # or failed, waiting, refused by the compiler ("broken")
    reached: int = 0
    statements: int = 0
    refused: list[str] = field(default_factory=list[str])
    kept: list[str] = field(default_factory=list[str])  # in the outbox
    missing: list[str] = field(default_factory=list[str])  # scripts, bots, workflows and functions that nobody has
    error: dict[str, Any] | None = None
    doubts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])  # what fails with other inputs

    def told(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "status": self.status,
            "reached": self.reached,
            "statements": self.statements,
            "refused": self.refused,
            "kept": self.kept,
            "missing": self.missing,
            "error": self.error,
            "doubts": self.doubts,
        }


def broken(found: Rehearsed, message: str, line: int | None = None, column: int | None = None) -> Rehearsed:
    found.status = "broken"
    found.error = {"message": message, "line": line, "column": column}
    return found


def told(mistake: Mistake) -> dict[str, Any]:
    return {"message": mistake.message, "line": mistake.line, "column": mistake.column}


def note(found: Rehearsed, mistake: Mistake) -> None:
    """A failure; the first one counts, and more than one that only waits."""
    if found.status == "completed" or (found.status == "waiting" and mistake.kind != "waiting"):
        found.status = "waiting" if mistake.kind == "waiting" else "failed"
        found.error = told(mistake)


def doubt(found: Rehearsed, mistake: Mistake) -> None:
    """A failure with inputs that were made up to come to a line."""
    said = told(mistake)
    if mistake.kind != "waiting" and all(one["line"] != said["line"] for one in found.doubts):
        found.doubts.append(said)


def counted(program: Program, seen: Collection[int]) -> tuple[int, int]:
    """How many lines hold statements that any run could come to, and how many of them were come to."""
    lines = {program.steps[at][1] for at in possible(program) if program.steps[at][0] not in IDLE}
    reached = {program.steps[at][1] for at in seen}
    return len(lines), len(lines & reached)
