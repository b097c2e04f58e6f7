"""The workflows of `engine.py`: one of each sort of waiting and working, and how many notes each leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keywords.host import ProgramText

HEAD = "PARAM diary AS STRING\nPARAM seconds AS NUMBER\nPARAM me AS STRING\n"


@dataclass(frozen=True, slots=True)
class Sort:
    """A program, and the calls that every run of it notes, those of its children included."""

    program: ProgramText
    notes: int


def _sort(name: str, notes: int, *lines: str) -> Sort:
    return Sort(ProgramText(HEAD + "\n".join(lines) + "\n", name), notes)


SORTS: Mapping[str, Sort] = {
    sort.program.name: sort
    for sort in (
        _sort(
            "steps",
            3,
            "STEP 1: NOTE IN diary LASTING seconds",
            "STEP 2: NOTE IN diary LASTING seconds",
            'TALK "two are done"',
            "STEP 3: NOTE IN diary LASTING seconds",
        ),
        _sort("timer", 2, "NOTE IN diary LASTING seconds", "DELAY 0.3", "NOTE IN diary LASTING seconds"),
        _sort(
            "approval",
            1,
            'HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 3600',
            "NOTE IN diary LASTING seconds",
        ),
        _sort(
            "parallel",
            5,
            "PARALLEL",
            "  BRANCH a:",
            "    NOTE IN diary LASTING seconds",
            "    DELAY 0.1",
            "    NOTE IN diary LASTING seconds",
            "  BRANCH b:",
            "    NOTE IN diary LASTING seconds",
            "  BRANCH c:",
            "    NOTE IN diary LASTING seconds",
            "END PARALLEL",
            "NOTE IN diary LASTING seconds",
        ),
        _sort("retry", 2, "NOTE AT LAST IN diary", "NOTE IN diary LASTING seconds"),
        _sort("child", 2, 'r = BOT "helper" "helps"', "NOTE IN diary LASTING seconds"),
        _sort(
            "pure",
            2,
            "NOTE IN diary LASTING seconds",
            "total = 0",
            'r = BOT "helper" "adds"',
            'again = BOT "helper" "adds"',
            "PARALLEL",
            "  BRANCH a:",
            "    left = r",
            "  BRANCH b:",
            "    right = again",
            "END PARALLEL",
            'IF left + right <> 2 * VAL(me) + 2 THEN THROW "lost a child"',
            "NOTE IN diary LASTING seconds",
        ),
        _sort("scheduled", 1, "NOTE IN diary LASTING seconds"),
        _sort(
            "event",
            2,
            'PUBLISH EVENT "go " + me WITH {"from": me}',
            "NOTE IN diary LASTING seconds",
            'event = WAIT FOR EVENT "go " + me TIMEOUT 3600',
            "NOTE IN diary LASTING seconds",
        ),
        _sort("once", 2, "NOTE ONCE IN diary LASTING seconds", "NOTE IN diary LASTING seconds"),
    )
}
