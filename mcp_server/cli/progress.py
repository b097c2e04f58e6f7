"""Follows an execution to its end and shows each journalled call, message and wait as it happens."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.markup import escape

from mcp_server.app import App
from mcp_server.cli.console import coloured
from workflow.details import Approval, Caller, Cursor, Detail, JournalRow

LOOK_SECONDS = 0.25
FINISHED = ("completed", "failed", "cancelled")
LONGEST = 160


async def followed(app: App, caller: Caller, execution: UUID) -> AsyncIterator[tuple[tuple[JournalRow, ...], Detail]]:
    """What is new in the journal, and where the execution stands, again and again until it has ended."""
    cursor: Cursor | None = None
    while True:
        # The detail is read first: what is journalled before an end is then always among the rows.
        detail = await app.operations.wait(caller, execution, LOOK_SECONDS)
        rows, cursor = await app.operations.journal(caller, execution, cursor)
        yield rows, detail
        if detail.status in FINISHED and not rows:
            return


@dataclass(slots=True)
class Shown:
    """Prints the progress of one execution."""

    console: Console
    started: datetime
    prefix: str = ""
    waits: str = ""
    asked: set[UUID] = field(default_factory=set[UUID])
    questions: set[str] = field(default_factory=set[str])

    def rows(self, rows: tuple[JournalRow, ...]) -> None:
        for row in rows:
            if row.keyword != "START":
                self._row(row)

    def _row(self, row: JournalRow) -> None:
        seconds = (row.ended_at - self.started).total_seconds()
        step = f"step {row.step} " if row.step else ""
        who = escape(_who(row))
        if row.error:
            what = f"[red]{escape(row.keyword)}: {escape(_cut(str(row.error)))}[/]"
        elif row.keyword in ("TALK", "PRINT"):
            what = f"{escape(row.keyword)} [bold]{escape(_cut(str(row.answer)))}[/]"
        else:
            told = "" if row.answer is None or row.keyword == "PUBLISH EVENT" else _cut(_told(row.answer))  # an id
            what = escape(_called(row)) + (f" [dim]{escape(told)}[/]" if told else "")
        again = f" [yellow](attempt {row.attempt})[/]" if row.attempt > 1 else ""
        self.console.print(f"{self.prefix}[dim]{seconds:6.2f} s[/] {who}: {step}{what}{again}")

    def standing(self, detail: Detail, how: Callable[[Approval], str]) -> None:
        """Say once what it waits for; `how` tells how an approval can be decided."""
        for approval in detail.approvals:
            if approval.id not in self.asked:
                self.asked.add(approval.id)
                people = f" from {', '.join(approval.approvers)}" if approval.approvers else ""
                asks = f"[cyan]waits for an approval{escape(people)}[/]: {escape(approval.message)}"
                self.console.print(f"{self.prefix}  {asks} {how(approval)}")
        for question in detail.questions:
            asks = f"[cyan]asks[/] {escape(question.prompt or question.expects or 'something')}"
            again = f"{question.execution} {len(detail.messages)}"  # the same line may be asked again
            if again not in self.questions:
                self.questions.add(again)
                self.console.print(f"{self.prefix}  {asks} (botmcp answer {question.root} TEXT)")
        waits = detail.reason or "" if detail.status == "waiting" and not detail.needs_a_person else ""
        if waits and waits != self.waits:
            self.console.print(f"{self.prefix}  [cyan]waits for {escape(waits)}[/]")
        self.waits = waits

    def ended(self, detail: Detail) -> None:
        """How it ended."""
        told = (
            escape(str(detail.error))
            if detail.error
            else escape(_told(detail.result))
            if detail.result is not None
            else ""
        )
        self.console.print(f"{self.prefix}{coloured(detail.status)}{': ' if told else ''}{told}")


def _who(row: JournalRow) -> str:
    """Whose row it is: a bot, or a branch of one; a branch's execution is called by its label."""
    if row.entry == "main":
        return row.bot_name or row.workflow_name
    return f"{row.bot_name} branch {row.workflow_name}".strip()


def _called(row: JournalRow) -> str:
    """The keyword; with what stands behind it, where the answer does not tell what was called."""
    behind = re.search(rf"{re.escape(row.keyword)}\b(.*)", row.written or "", re.IGNORECASE)
    return _cut(f"{row.keyword}{_own(behind[1]) if behind else ''}")


def _own(behind: str) -> str:
    """What stands behind a keyword up to the bracket that closes one before it: ` key` of `VAL(GET MEMORY key) + 1`."""
    depth, quoted = 0, False
    for at, sign in enumerate(behind):
        quoted ^= sign == '"'
        depth += 0 if quoted else (sign in "([{") - (sign in ")]}")
        if depth < 0:
            return behind[:at]
    return behind


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."
