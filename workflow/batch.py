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
from workflow.turn import STUCK, Birth, Turn

Columns: TypeAlias = dict[str, list[Any]]


def mistake_text(mistake: Mistake) -> str:
    """A mistake as the JSON that rows hold; what is not known is left out."""
    return json.dumps({name: part for name, part in asdict(mistake).items() if part is not None}, ensure_ascii=False)


def storable(words: str) -> str:
    """Words of unknown origin without what Postgres cannot hold."""
    return words.encode("utf-8", "replace").decode().replace("\0", "?")


def verdict_text(verdict: object) -> str:
    """What a deciding statement answered, as the JSON that the answer column holds."""
    return json.dumps(verdict, ensure_ascii=False)


def weight(turn: Turn) -> int:
    """About how many bytes a turn brings."""
    texts = len(turn.state or "") + len(turn.result or "") + sum(len(birth.state) for birth in turn.births)
    said = sum(size(line.entry.answer) + len(line.state or "") for line in turn.lines)
    given = [line.entry.given for line in turn.lines if line.entry.given]
    joined = sum(size(dict(child.variables)) for answer in given for child in answer.joined or ())
    return texts + said + joined + sum(size(written.row.values) for written in turn.effects)


def size(value: object) -> int:
    """About how many bytes a value takes as JSON."""
    if isinstance(value, str):
        return len(value) + 8
    if isinstance(value, dict):
        return 8 + sum(len(str(key)) + 8 + size(item) for key, item in cast("dict[object, object]", value).items())
    if isinstance(value, list | tuple):
        return 8 + sum(map(size, cast("Sequence[object]", value)))
    return 8


def turn_columns(turns: Sequence[Turn]) -> Columns:
    """Parameters of `commit_turns`, but for the owner."""
    lines = [(turn, line) for turn in turns for line in turn.lines]
    return {
        "id": [t.id for t in turns],
        "epoch": [t.epoch for t in turns],
        "seq": [t.seq for t in turns],
        "status": [t.status for t in turns],
        "at": [t.at for t in turns],
        "step": [t.step for t in turns],
        "state": [t.state for t in turns],
        "reason": [t.reason for t in turns],
        "wake_at": [t.wake_at for t in turns],
        "once_call": [t.once_call for t in turns],
        "attempt": [t.attempt for t in turns],
        "retrying": [t.retrying for t in turns],
        "need": [len(t.births) for t in turns],
        "result": [t.result for t in turns],
        "error": [t.error for t in turns],
        "finished": [t.finished for t in turns],
        "j_tenant": [t.identity.tenant for t, _ in lines],
        "j_execution": [t.id for t, _ in lines],
        "j_generation": [line.generation for _, line in lines],
        "j_n": [line.entry.n for _, line in lines],
        "j_attempt": [line.entry.attempt for _, line in lines],
        "j_at": [line.entry.at for _, line in lines],
        "j_step": [line.entry.step for _, line in lines],
        "j_line": [line.entry.line for _, line in lines],
        "j_column": [line.entry.column for _, line in lines],
        "j_keyword": [line.entry.keyword for _, line in lines],
        "j_started": [line.started for _, line in lines],
        "j_ended": [line.entry.ended for _, line in lines],
        "j_answer": [None if line.entry.mistake else dump_text(line.entry.answer) for _, line in lines],
        "j_given": [dump_answer(line.entry.given) if line.entry.given else None for _, line in lines],
        "j_error": [mistake_text(line.entry.mistake) if line.entry.mistake else None for _, line in lines],
        "j_state": [line.state for _, line in lines],
    }


def effect_columns(statement: EffectStatement, turns: Sequence[Turn]) -> tuple[Columns, list[UUID]]:
    """Parameters of one kind's statement, and by `ref` whose call each row is."""
    rows = [(turn, w) for turn in turns for w in turn.effects if w.row.kind.name == statement.kind.name]
    if not rows:
        return {}, []
    columns: Columns = {
        "ref": list(range(len(rows))),
        "tenant": [t.identity.tenant for t, _ in rows],
        "bot": [t.identity.bot for t, _ in rows],
        "execution": [t.id for t, _ in rows],
        "n": [w.moment.n for _, w in rows],
        "at": [w.moment.now for _, w in rows],
    }
    for place, (name, kind) in enumerate(statement.kind.columns):
        values = [w.row.values[place] for _, w in rows]
        columns[name] = [_json(v) for v in values] if kind == "jsonb" else values
    return columns, [turn.id for turn, _ in rows]


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, allow_nan=False)


def birth_columns(turns: Sequence[Turn]) -> Columns:
    """Parameters of `insert_children`; empty when no turn has any."""
    births: list[tuple[Turn, Birth]] = [(turn, birth) for turn in turns for birth in turn.births]
    if not births:
        return {}
    return {
        "id": [b.identity.execution for _, b in births],
        "parent": [t.id for t, _ in births],
        "parent_n": [t.n for t, _ in births],
        "branch": [b.branch for _, b in births],
        "bot": [b.identity.bot for _, b in births],
        "bot_name": [b.identity.bot_name for _, b in births],
        "origin": [b.identity.origin for _, b in births],
        "name": [b.name for _, b in births],
        "program": [b.program for _, b in births],
        "entry": [b.entry for _, b in births],
        "state": [b.state for _, b in births],
        "inherits": [b.inherits for _, b in births],
        "deadline": [b.deadline for _, b in births],
        "at": [t.at for t, _ in births],
    }


def join_columns(turns: Sequence[Turn]) -> Columns:
    """Parameters of `join_parents`: each parent once, with how many of its children end in this batch."""
    ended = Counter(turn.parent for turn in turns if turn.finished and turn.parent)
    if not ended:
        return {}
    latest: dict[UUID, datetime] = {turn.parent: turn.at for turn in turns if turn.parent}
    return {"parent": list(ended), "ended": list(ended.values()), "at": [latest[p] for p in ended if p]}


def topics(turns: Sequence[Turn], woken: Collection[UUID]) -> list[str]:
    """Who may want to know of this batch; empty when it concerns only the worker that wrote it."""
    found: dict[str, None] = {}
    for turn in turns:
        kinds = {written.row.kind.name for written in turn.effects}
        if "event.published" in kinds:
            found["event"] = None
        if "approval.requested" in kinds:
            found["approval"] = None
        if turn.births:
            found["ready"] = None
        if turn.finished:
            found[f"done:{turn.id}"] = None
        if turn.status in STUCK:
            found[f"done:{turn.id}"] = None
            found[f"done:{turn.root or turn.id}"] = None  # who waits for the family hears that a person is needed
    if woken:
        found["ready"] = None
    return list(found)
