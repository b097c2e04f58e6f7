"""A conversation with a package, as a person holds it: its start dialog, what it asks, buttons, tools, its model.

    run     start    the package's start dialog, once
            turn     the bot whose trigger was said, else the package: a dialog of that name, else its model
            tool     a dialog that a button or `/name` asks for
    say     while a run asks something, what is said answers it

Everything runs as executions of one session: what is remembered of it, its contexts, tools and bots hold for all.
"""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hostbridge import agents
from hostbridge.packages import START, Package, alike
from keywords.compile import compile_program
from keywords.host import ProgramText
from keywords.mistakes import ProgramError, UnknownName
from keywords.program import Param
from mcp_server.app import App
from workflow.details import Approval, Caller, Cursor, Detail, JournalRow, Question

LOOK = 0.5  # seconds between two looks at a run that goes on
SPOKEN = ("TALK", "SEND MESSAGE")


@dataclass(frozen=True, slots=True)
class Button:
    """A suggestion: what is shown, and what pressing it says, or which tool it runs."""

    label: str
    says: str
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What the bot says or shows."""

    text: str
    kind: str = "text"  # or media, note, mistake
    bot: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the bot waits for: an answer, or somebody's approval."""

    question: Question | None = None
    approvals: tuple[Approval, ...] = ()


Shown = Said | Asked


@dataclass(slots=True)
class Conversation:
    """One session with one package. Its methods yield what there is to show, until a person is needed or it is over."""

    app: App
    caller: Caller
    package: Package
    session: UUID
    buttons: list[Button] = field(default_factory=list[Button])
    run: UUID | None = None  # the execution that goes on
    _asks: Question | None = None
    _cursor: Cursor | None = None
    _params: list[Param] = field(default_factory=list[Param])  # of a tool, still to be asked for
    _given: dict[str, str] = field(default_factory=dict[str, str])
    _tool: str = ""

    async def begin(self) -> AsyncIterator[Shown]:
        """Run the start dialog, where there is one."""
        start = self.package.dialog(START)
        if start is None:
            yield Said(f"This is {self.package.name}. What can I do for you?")
            return
        async for shown in self._ran(start.program(), {}):
            yield shown

    async def say(self, text: str) -> AsyncIterator[Shown]:
        """What the person says: an answer, a button by its number or label, `/tool`, or a message."""
        if self._asks is not None and self.run is not None:
            question, self._asks = self._asks, None
            await self.app.operations.answer(self.caller, question.execution, text)
            going_on = self._followed()
        elif self._params:
            self._given[self._params.pop(0).name] = text
            going_on = self._asked_for()
        elif text.startswith("/") and len(text) > 1:
            going_on = self._commanded(text[1:])
        elif button := self._pressed(text):
            going_on = self._tooled(button.tool, {}) if button.tool else self._turn(button.says)
        else:
            going_on = self._turn(text)
        async for shown in going_on:
            yield shown

    def tools(self) -> list[str]:
        """The dialogs that can be asked for by name."""
        return sorted(dialog.name for dialog in self.package.dialogs.values() if alike(dialog.name) != START)

    # -- what runs -----------------------------------------------------------------------------------------------------

    async def _turn(self, message: str) -> AsyncIterator[Shown]:
        inputs = {"message": message, "package": self.package.name}
        async for shown in self._ran(agents.turn(self.package.name), inputs):
            yield shown

    async def _commanded(self, line: str) -> AsyncIterator[Shown]:
        """`/name value name=value`."""
        try:
            name, *values = shlex.split(line)
        except ValueError:
            name, *values = line.split()
        given = dict(value.split("=", 1) for value in values if "=" in value)
        async for shown in self._tooled(name, given, [value for value in values if "=" not in value]):
            yield shown

    async def _tooled(
        self, name: str, given: Mapping[str, str], values: list[str] | None = None
    ) -> AsyncIterator[Shown]:
        dialog = self.package.dialog(name)
        if dialog is None or alike(dialog.name) == START:
            known = self.tools()
            yield Said(str(UnknownName("tool", name, known, f"There are: {', '.join(known) or 'none'}.")), "mistake")
            return
        compiled = compile_program(dialog.text(), self.app.registry, dialog.full_name)
        params = list(compiled.program.params) if compiled.program else []
        self._tool, self._given = dialog.name, dict(given)
        open_ = [param for param in params if param.name.casefold() not in {key.casefold() for key in given}]
        for param, value in zip(list(open_), values or [], strict=False):
            self._given[param.name] = value
            open_.remove(param)
        self._params = [param for param in open_ if param.required and param.default is None]
        async for shown in self._asked_for():
            yield shown

    async def _asked_for(self) -> AsyncIterator[Shown]:
        """Ask for the next PARAM of a tool; run it once all are there."""
        if self._params:
            param = self._params[0]
            like = f" (such as {param.like})" if param.like is not None else ""
            words = f" ({', '.join(param.options)})" if param.options else like
            yield Said(f"{param.description or param.name}{words}?", "note")
            return
        dialog = self.package.dialog(self._tool)
        if dialog is not None:
            async for shown in self._ran(dialog.program(), self._given, result=True):
                yield shown

    async def _ran(
        self, program: ProgramText, inputs: Mapping[str, Any], *, result: bool = False
    ) -> AsyncIterator[Shown]:
        self._cursor = None
        try:
            self.run = await self.app.operations.start(
                self.caller, program, inputs=inputs, session=self.session, bot_name=self.package.name
            )
        except ProgramError as error:
            yield Said(str(error), "mistake")
            return
        async for shown in self._followed(result=result):
            yield shown

    async def _followed(self, *, result: bool = False) -> AsyncIterator[Shown]:
        """What the run says, until it ends or needs a person."""
        assert self.run is not None
        spoken = False
        while True:
            detail = await self.app.operations.wait(self.caller, self.run, LOOK)
            while True:
                rows, self._cursor = await self.app.operations.journal(self.caller, self.run, self._cursor)
                for row in rows:
                    for said in self._told(row):
                        spoken = spoken or said.kind == "text"
                        yield said
                if not rows:
                    break
            if detail.finished:
                if said := _ended(detail, result and not spoken):
                    yield said
                self.run = None
                return
            if detail.questions:
                self._asks = detail.questions[0]
                yield Asked(self._asks)
                return
            if detail.approvals or detail.troubles:
                yield Asked(None, detail.approvals)
                return

    # -- what is shown -------------------------------------------------------------------------------------------------

    def _told(self, row: JournalRow) -> list[Said]:
        if row.keyword in SPOKEN and row.error is None and row.keyword == "TALK":
            return [Said(str(row.answer), "text", row.bot_name)]
        entry = row.answer
        if not isinstance(entry, Mapping) or "show" not in entry:
            return []
        match entry["show"]:
            case "suggestion":
                label, says = str(entry["label"]), str(entry.get("says") or entry["label"])
                context = self.package.dialog(str(entry.get("context") or ""))
                tool = str(entry.get("tool") or (context.name if context else ""))
                button = Button(label, says, tool)
                self.buttons = [*(b for b in self.buttons if b.label != button.label), button]
            case "clear" if entry.get("what") == "suggestions":
                self.buttons = []
            case "media":
                return [Said(str(entry["file"]), "media", row.bot_name)]
            case _:
                pass
        return []

    def _pressed(self, text: str) -> Button | None:
        words = " ".join(text.split()).casefold()
        for number, button in enumerate(self.buttons, 1):
            if words in (str(number), button.label.casefold()):
                return button
        return None


def _ended(detail: Detail, wanted: bool) -> Said | None:
    if detail.error is not None:
        return Said(detail.error.message, "mistake", detail.bot_name)
    if detail.status == "cancelled":
        return Said("It was cancelled.", "note")
    if wanted and detail.result is not None:
        return Said(str(detail.result), "text", detail.bot_name)
    return None
