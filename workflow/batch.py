"""The arrays of one group commit: many turns side by side, a column each. Pure; `commit` sends them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeAlias, cast
from uuid import UUID

from keywords.answers import dump_answer
from keywords.encode import dump_text
from keywords.host import EffectStatement
from keywords.mistakes import Mistake
from keywords.records import record
from storage.arrays import blobs, booleans, column, integers, texts, times, uuids
from workflow.turn import FINISHED, STUCK, Birth, Turn, with_ended

Columns: TypeAlias = dict[str, Any]

EVENTFUL = frozenset(
    {"event.published", "event.offered", "event.delayed", "run.continued"}
)  # news for readers of the log


def mistake_text(mistake: Mistake) -> str:
    """A mistake as the JSON that rows hold; what is not known is left out."""
    return json.dumps({name: part for name, part in asdict(mistake).items() if part is not None}, ensure_ascii=False)


def storable(words: str) -> str:
    """Words of unknown origin without what Postgres cannot hold."""
    return words.encode("utf-8", "replace").decode().replace("\0", "?")


def verdict_text(verdict: object) -> str:
    """What a deciding statement answered, as the JSON that the answer column holds."""
    return json.dumps(verdict, ensure_ascii=False)


@record
class Prepared:
    """A turn whose values have been written as JSON, once, however often its batch must be tried."""

    turn: Turn
    row: tuple[Any, ...]  # what `commit_turns` takes of the turn
    lines: tuple[tuple[Any, ...], ...]  # and of each of its lines
    of_children: tuple[tuple[Any, ...], ...]  # lines of the children that are born ended
    weight: int  # in bytes, about


def prepared(turn: Turn) -> Prepared:
    """Raises TypeError or ValueError for a value that no JSON can hold."""
    t, execution = turn, turn.identity.execution
    heavy = len(t.state or "") + len(t.result or "")
    lines, of_children, living = _lines(t), list[tuple[Any, ...]](), 0
    for _, body in t.values:
        heavy += len(body)
    for birth in t.births:
        heavy += len(birth.state)
        if birth.ended:
            of_children += _lines(birth.ended)
            heavy += len(birth.ended.state or "") + len(birth.ended.result or "")
            heavy += sum(size(written.row.values) for written in birth.ended.effects)
        else:
            living += 1
    for line in (*lines, *of_children):
        heavy += len(line[_ANSWER] or "") + len(line[_ANSWER + 1] or "") + len(line[-1] or "")
    for written in t.effects:
        heavy += size(written.row.values)
    row = (
        execution, t.epoch, t.seq, t.status, t.at, t.step, t.state, t.reason, t.wake_at, t.once_call, t.attempt,
        t.retrying, living, t.result, t.error, t.status in FINISHED,
    )  # fmt: skip
    return Prepared(turn, row, tuple(lines), tuple(of_children), heavy)


def _lines(turn: Turn) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    tenant, execution = turn.identity.tenant, turn.identity.execution
    for line in turn.lines:
        e = line.entry
        answer = None if e.mistake else dump_text(e.answer)
        given = dump_answer(e.given) if e.given else None
        error = mistake_text(e.mistake) if e.mistake else None
        found.append(
            (
                tenant, execution, line.generation, e.n, e.attempt, e.at, e.step, e.line, e.column, e.keyword,
                line.started, e.ended, answer, given, error, line.state,
            )
        )  # fmt: skip
    return found


def size(value: object) -> int:
    """About how many bytes a value takes as JSON."""
    if isinstance(value, str):
        return len(value) + 8
    if isinstance(value, dict):
        return 8 + sum(len(str(key)) + 8 + size(item) for key, item in cast("dict[object, object]", value).items())
    if isinstance(value, list | tuple):
        return 8 + sum(map(size, cast("Sequence[object]", value)))
    return 8


# The names and packers of `Prepared.row` and `Prepared.lines`, in their order.
_ROW = (
    ("id", uuids), ("epoch", integers), ("seq", integers), ("status", texts), ("at", times), ("step", integers),
    ("state", texts), ("reason", texts), ("wake_at", times), ("once_call", integers), ("attempt", integers),
    ("retrying", booleans), ("need", integers), ("result", texts), ("error", texts), ("finished", booleans),
)  # fmt: skip
_LINE = (
    ("j_tenant", uuids), ("j_execution", uuids), ("j_generation", integers), ("j_n", integers), ("j_attempt", integers),
    ("j_at", integers), ("j_step", integers), ("j_line", integers), ("j_column", integers), ("j_keyword", texts),
    ("j_started", times), ("j_ended", times), ("j_answer", texts), ("j_given", texts), ("j_error", texts),
    ("j_state", texts),
)  # fmt: skip

_ANSWER = [name for name, _ in _LINE].index("j_answer")


def turn_columns(turns: Sequence[Prepared]) -> Columns:
    """Parameters of `commit_turns`, but for the owner."""
    rows = list(zip(*[turn.row for turn in turns], strict=True))
    lines = list(zip(*[line for turn in turns for line in turn.lines], strict=True)) or [()] * len(_LINE)
    columns: Columns = {name: pack(values) for (name, pack), values in zip(_ROW, rows, strict=True)}
    columns |= {name: pack(values) for (name, pack), values in zip(_LINE, lines, strict=True)}
    return columns


def effect_columns(statement: EffectStatement, turns: Sequence[Turn]) -> tuple[Columns, list[tuple[UUID, int]]]:
    """Parameters of one kind's statement, and by `ref` which call of whom each row is of."""
    rows = [(turn, w) for turn in turns for w in turn.effects if w.row.kind.name == statement.kind.name]
    if not rows:
        return {}, []
    columns: Columns = {
        "ref": integers(range(len(rows))),
        "tenant": uuids([t.identity.tenant for t, _ in rows]),
        "bot": uuids([t.identity.bot for t, _ in rows]),
        "execution": uuids([t.id for t, _ in rows]),
        "n": integers([w.moment.n for _, w in rows]),
        "at": times([w.moment.now for _, w in rows]),
    }
    for place, (name, kind) in enumerate(statement.kind.columns):
        columns[name] = column(kind, [w.row.values[place] for _, w in rows])
    return columns, [(turn.id, written.moment.n) for turn, written in rows]


def line_columns(turns: Sequence[Prepared]) -> Columns:
    """Parameters of `journal_children`; empty when no child of any turn is born ended."""
    lines = [line for ready in turns for line in ready.of_children]
    if not lines:
        return {}
    rows = zip(*lines, strict=True)
    return {name: pack(values) for (name, pack), values in zip(_LINE, rows, strict=True)}


def birth_columns(turns: Sequence[Turn], unborn: Collection[UUID] = ()) -> Columns:
    """Parameters of `insert_children`; empty when no turn has any. What has run to its end is born in any case."""
    births: list[tuple[Turn, Birth]] = [
        (turn, birth) for turn in turns for birth in turn.births if birth.ended or turn.id not in unborn
    ]
    if not births:
        return {}
    return {
        "id": uuids([b.identity.execution for _, b in births]),
        "parent": uuids([t.id for t, _ in births]),
        "parent_n": integers([t.n for t, _ in births]),
        "branch": integers([b.branch for _, b in births]),
        "bot": uuids([b.identity.bot for _, b in births]),
        "bot_name": texts([b.identity.bot_name for _, b in births]),
        "origin": texts([b.identity.origin for _, b in births]),
        "name": texts([b.name for _, b in births]),
        "program": texts([b.program for _, b in births]),
        "entry": texts([b.entry for _, b in births]),
        "state": texts([b.state for _, b in births]),
        "inherits": booleans([b.inherits for _, b in births]),
        "deadline": times([b.deadline for _, b in births]),
        "held": booleans([b.held for _, b in births]),
        "in_window": booleans([b.in_window for _, b in births]),
        "at": times([t.at for t, _ in births]),
        "status": texts([b.ended and b.ended.status for _, b in births]),
        "step": integers([b.ended.step if b.ended else 0 for _, b in births]),
        "last": texts([b.ended and b.ended.state for _, b in births]),
        "result": texts([b.ended and b.ended.result for _, b in births]),
        "error": texts([b.ended and b.ended.error for _, b in births]),
    }


def fork_columns(turns: Sequence[Turn]) -> Columns:
    """Parameters of `fork_parents`: who does not simply wait for all of its births."""
    found = [(turn, turn.join) for turn in turns if turn.join is not None]
    if not found:
        return {}
    return {
        "id": uuids([t.id for t, _ in found]),
        "n": integers([t.n for t, _ in found]),
        "need": integers([j.children if j.wanted is None else j.wanted for _, j in found]),
        "spare": integers([None if j.wanted is None else j.children - j.wanted for _, j in found]),
        "wanted": integers([j.wanted for _, j in found]),
        "slots": integers([j.slots for _, j in found]),
    }


def release_columns(turns: Sequence[Turn]) -> Columns:
    """Parameters of `release_children`: for each parent how many may begin, for those that end and at a fork."""
    free: Counter[tuple[UUID, int]] = Counter()
    latest: dict[tuple[UUID, int], datetime] = {}
    for turn in turns:
        key, count = (turn.id, turn.n), turn.join.release if turn.join else 0
        if turn.finished and turn.in_window and turn.parent:
            key, count = (turn.parent, turn.parent_n), 1
        if count:
            free[key] += count
            latest[key] = turn.at
    if not free:
        return {}
    return {
        "parent": uuids([parent for parent, _ in free]),
        "n": integers([n for _, n in free]),
        "free": integers(list(free.values())),
        "at": times([latest[key] for key in free]),
    }


def value_columns(turns: Sequence[Turn]) -> Columns:
    """Parameters of `keep_values`; empty when no turn has any."""
    rows = [(t.identity.tenant, t.id, hash_, body) for t in turns for hash_, body in t.values]
    if not rows:
        return {}
    tenants, executions, hashes, bodies = zip(*rows, strict=True)
    return {"tenant": uuids(tenants), "execution": uuids(executions), "hash": blobs(hashes), "body": blobs(bodies)}


def join_columns(turns: Sequence[Turn]) -> Columns:
    """Parameters of `join_parents`: each parent once, with how many of its children end in this batch."""
    well: Counter[tuple[UUID, int]] = Counter()
    badly: Counter[tuple[UUID, int]] = Counter()
    latest: dict[tuple[UUID, int], datetime] = {}
    for turn in turns:
        if turn.parent and turn.finished:
            key = (turn.parent, turn.parent_n)
            (well if turn.status == "completed" else badly)[key] += 1
            latest[key] = turn.at
    if not latest:
        return {}
    return {
        "parent": uuids([parent for parent, _ in latest]),
        "n": integers([n for _, n in latest]),
        "well": integers([well[key] for key in latest]),
        "badly": integers([badly[key] for key in latest]),
        "at": times(list(latest.values())),
    }


def topics(turns: Sequence[Turn], woken: Collection[UUID]) -> list[str]:
    """Who may want to know of this batch; empty when it concerns only the worker that wrote it."""
    found: dict[str, None] = {}
    kinds = {written.row.kind.name for turn in with_ended(turns) for written in turn.effects}
    if kinds & EVENTFUL:
        found["event"] = None
    if any(kind.startswith("memory.") for kind in kinds):
        found["memory"] = None
    if "approval.requested" in kinds:
        found["approval"] = None
    for turn in turns:
        if any(not birth.ended for birth in turn.births) or turn.join or (turn.in_window and turn.finished):
            found["ready"] = None
        if turn.finished:
            found[f"done:{turn.id}"] = None
        if turn.status in STUCK:
            found[f"done:{turn.id}"] = None
            found[f"done:{turn.root or turn.id}"] = None  # who waits for the family hears that a person is needed
    if woken:
        found["ready"] = None
    return list(found)
