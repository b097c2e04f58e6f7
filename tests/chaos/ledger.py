"""What the diary and the journal say together: was work lost, was any done again without need?"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from keywords.host import ProgramText
from storage.pool import Where, connect
from tests.chaos.diary import Note

STEPS = 10
TEN_STEPS = ProgramText(
    "\n".join(
        (
            'ORCHESTRATE WORKFLOW "ten steps"',
            "PARAM diary AS STRING",
            "PARAM seconds AS NUMBER",
            *(f'STEP {n}: NOTE IN diary LASTING seconds\nTALK "step {n}: ${{result}}"' for n in range(1, STEPS + 1)),
            "RETURN result",
            "END WORKFLOW\n",
        )
    ),
    "ten steps",
)
TOLD = ["START", *["NOTE IN", "TALK"] * STEPS]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the journal."""

    execution: UUID
    generation: int
    n: int
    step: int
    keyword: str
    attempt: int
    answer: object
    failed: bool

    @property
    def call(self) -> str:
        return f"{self.execution}:{self.generation}:{self.n}"


@dataclass(frozen=True, slots=True)
class Journal:
    """How the runs stand, and all that was journalled of them."""

    statuses: Mapping[UUID, str]
    rows: Sequence[Row]

    @property
    def unfinished(self) -> set[UUID]:
        return {id_ for id_, status in self.statuses.items() if status not in ("completed", "failed", "cancelled")}

    @property
    def calls(self) -> set[str]:
        """The calls whose answer is committed."""
        return {row.call for row in self.rows if row.keyword == "NOTE IN"}


@dataclass(frozen=True, slots=True)
class Kill:
    """What was certain at a kill: the length of the diary, and the calls that were committed."""

    noted: int
    committed: Collection[str]


async def journal_of(where: Where, runs: Collection[UUID] | None = None) -> Journal:
    """The journal of these executions, or of all, as it stands now."""
    given = {"runs": None if runs is None else list(runs)}
    async with await connect(where, application="looking") as connection:
        cursor = await connection.execute(
            "select id, status from workflow_executions where id = any(%(runs)s) or %(runs)s::uuid[] is null", given
        )
        statuses = dict(await cursor.fetchall())
        cursor = await connection.execute(
            "select execution_id, generation, seq, step, keyword, attempt, answer, error is not null"
            " from workflow_steps where execution_id = any(%(runs)s) or %(runs)s::uuid[] is null"
            " order by execution_id, generation, seq, attempt",
            given,
        )
        return Journal(statuses, [Row(*row) for row in await cursor.fetchall()])


async def unfinished(where: Where) -> int:
    """How many executions have not ended."""
    async with await connect(where, application="looking") as connection:
        cursor = await connection.execute("select count(*) from workflow_executions where finished_on = 'infinity'")
        row = await cursor.fetchone()
        return row[0] if row else 0


async def quiet(where: Where) -> None:
    """Returns when Postgres has carried out, or dropped, the last that killed processes had asked of it."""
    async with await connect(where, application="looking") as connection:
        while True:
            cursor = await connection.execute(
                "select count(*) from pg_stat_activity"
                " where datname = current_database() and application_name like 'botmcp %'"
            )
            if await cursor.fetchone() == (0,):
                return
            await asyncio.sleep(0.01)


def lost(notes: Sequence[Note], journal: Journal) -> int:
    """Calls that every run makes, and that no note tells of; an uncommitted run lost what it did not do."""
    made = {note.call for note in notes}
    return len(journal.statuses) * STEPS - len(made & journal.calls)


def repeated(notes: Sequence[Note]) -> set[str]:
    """The calls that were made more than once."""
    return {call for call, places in _places(notes).items() if len(places) > 1}


def repeated_after_commit(notes: Sequence[Note], journal: Journal, kills: Collection[Kill] = ()) -> set[str]:
    """The calls that were made again although their answer was committed: at a kill, or by the journal's own word.

    The journal keeps the line of the note that was committed; a note of the same call behind it came too late.
    """
    places = _places(notes)
    at_a_kill = {call for kill in kills for call in kill.committed if places[call] and places[call][-1] >= kill.noted}
    answers = {row.call: row.answer for row in journal.rows if row.keyword == "NOTE IN"}
    by_the_journal = {
        call for call, found in places.items() if call in answers and notes[found[-1]].line != answers[call]
    }
    return at_a_kill | by_the_journal


def forgotten(notes: Sequence[Note], committed: Collection[str]) -> set[str]:
    """Calls that Postgres confirmed and does not know any more: their run had gone on to a later one by this time."""
    latest: dict[str, int] = {}
    for note in notes:
        latest[note.run] = max(latest.get(note.run, 0), note.n)
    return {note.call for note in notes if note.n < latest[note.run]} - set(committed)


def _places(notes: Sequence[Note]) -> defaultdict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, note in enumerate(notes):
        found[note.call].append(place)
    return found


def untold(notes: Sequence[Note], journal: Journal) -> list[str]:
    """Where the journal does not tell what happened: ten calls in order, each with its answer, and as an attempt no
    lower than how often it was made; each message once."""
    turns = {notes[place].line: turn for places in _places(notes).values() for turn, place in enumerate(places, 1)}
    by_run: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in journal.rows:
        by_run[row.execution].append(row)
    return [f"{run}: {fault}" for run in journal.statuses for fault in _faults(by_run[run], turns)]


def _faults(rows: Sequence[Row], turns: Mapping[str, int]) -> Iterator[str]:
    if [row.keyword for row in rows] != TOLD or [row.n for row in rows] != list(range(len(TOLD))):
        yield f"the journal holds {[(row.n, row.keyword) for row in rows]}"
        return
    for step in range(1, STEPS + 1):
        call, message = rows[2 * step - 1], rows[2 * step]
        line = str(call.answer)
        known = line in turns and Note(line).call == call.call and call.attempt >= turns[line]
        if not known or call.failed or call.step != step:
            yield f"step {step} is journalled as {call}"
        if message.answer != f"step {step}: {line}":
            yield f"step {step} is told as {message.answer}"
