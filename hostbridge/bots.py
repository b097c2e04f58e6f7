"""Who a bot is and how it answers; fulfils `keywords.host.Bots`.

`BOT "name" "message"` looks, in this order, for

    1. a dialog of the caller's own package, called `name`
    2. a package called `name`: its dialog called like the message runs as a tool; any other message goes to the
       package as a model agent

A dialog runs as an execution of its own, with `message` as a variable and its PARAMs filled by name from the caller's
variables, converted by type.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, partial
from typing import Any, TypeAlias
from uuid import UUID

from hostbridge import agents
from hostbridge.knowledge.offering import SEARCH, offered, searched
from hostbridge.packages import START, Dialog, Package, Packages, alike, is_workflow
from hostbridge.together import Together
from keywords.compile import compile_program
from keywords.excerpts import Knowledge
from keywords.host import Act, Child, Host, ProgramText, Spawn, Value, bot_id
from keywords.inputs import given
from keywords.library.agents import said_before
from keywords.library.tools import may_use
from keywords.mistakes import ProgramError, SyntaxMistake, UnknownName, WrongValue
from keywords.program import Program
from keywords.registry import Registry

MESSAGE = "message"
Toolbox: TypeAlias = Callable[[Host, str], Awaitable[Sequence[Mapping[str, Any]]]]  # tools of other servers


Asked: TypeAlias = tuple[str, str, str | None]  # from which package, for whom, with which message
Found: TypeAlias = tuple[Package, Dialog | None, ProgramText | None]  # without a dialog, the package's agent answers


class NoAnswer(ProgramError):
    """A package has no dialog for the message, and no model to answer it."""

    kind = "model"


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot by name: a package, or one of its dialogs."""

    package: Package
    dialog: Dialog | None = None

    @property
    def full_name(self) -> str:
        return self.dialog.full_name if self.dialog else self.package.name


class PackageBots:
    """The bots of the packages on this machine. `models_configured` says whether a package's agent has a model."""

    def __init__(
        self,
        packages: Packages,
        registry: Registry,
        models_configured: Callable[[str], bool],
        knowledge: Knowledge | None = None,
        toolbox: Toolbox | None = None,
    ) -> None:
        self._answers = Together(self._looking)
        self._texts = Together(lambda: Dialog.program)
        self._packages = packages
        self._knowledge = knowledge
        self._toolbox = toolbox
        self._registry = registry
        self._models_configured = models_configured

    # -- what the language asks ----------------------------------------------------------------------------------------

    async def answering(self, host: Host, name: str, message: str | None) -> Spawn:
        """How the bot answers this message.

        Raises UnknownName for an unknown bot, and a ProgramError that says what to do when a PARAM or a model is
        missing or the dialog has a mistake.
        """
        origin = host.identity.origin
        package, dialog, text = await self._answers.ask((origin, name, message))
        if dialog and text:
            return self._dialog(host, dialog, self._program(dialog, text), message)
        if not message or not message.strip():
            raise WrongValue(f'The bot {package.name} needs a message: BOT "{package.name}" "what it shall do".')
        return await self._agent(host, package, message)

    async def tool(self, host: Host, name: str, arguments: Mapping[str, Value]) -> Spawn | Act:
        """How a dialog of the caller's own package runs as a tool of its model agent; or its knowledge is searched."""
        if name == SEARCH and self._knowledge:
            return Act(partial(searched, self._knowledge, host.identity, arguments))
        package = await asyncio.to_thread(self._packages.find, host.identity.origin)
        dialogs = [d for d in package.dialogs.values() if alike(d.name) != START] if package else []
        for dialog in dialogs:
            if agents.tool_name(dialog.name) == name:
                program = await self._read(dialog)
                if is_workflow(program.source):  # not offered, so not to be had by asking for it either
                    break
                inputs = {key.lower(): value for key, value in arguments.items()}
                given(program.params, inputs)
                return Spawn((_child(host, dialog, program.source, inputs),), f"tool {dialog.name}")
        known = [agents.tool_name(d.name) for d, _ in await self._tools(package)] if package else []
        known += [SEARCH] if self._knowledge else []
        raise UnknownName("tool", name, known, f"There are: {', '.join(known) or 'none'}.")

    async def script(self, host: Host, name: str, values: Sequence[Value], arguments: Mapping[str, Value]) -> Spawn:
        """How a script of the caller's own package runs for CALL: values fill its PARAMs in order, arguments by name.

        Raises UnknownName for an unknown script, and WrongValue when the arguments do not fit.
        """
        package = await asyncio.to_thread(self._packages.find, host.identity.origin) if host.identity.origin else None
        wanted = name[:-4] if name.lower().endswith(".bas") else name
        dialog = package.dialog(wanted) if package else None
        if dialog is None:
            known = [d.name for d in package.dialogs.values()] if package else []
            raise UnknownName("script", name, known, f"There are: {', '.join(known) or 'none'}.")
        program = await self._read(dialog)
        if len(values) > len(program.params):
            raise WrongValue(f"{dialog.name} takes {len(program.params)} values, not {len(values)}.")
        inputs = {param.name.lower(): value for param, value in zip(program.params, values, strict=False)}
        inputs |= {key.lower(): value for key, value in arguments.items()}
        given(program.params, inputs)
        return Spawn((_child(host, dialog, program.source, inputs),), f"script {dialog.name}")

    async def identified(self, tenant: UUID, origin: str, name: str) -> tuple[UUID, str]:
        """Id and full name of a bot: a dialog is called `package/dialog`. Raises UnknownName."""
        bot = await asyncio.to_thread(self._bot, origin, name)
        return bot_id(tenant, bot.full_name), bot.full_name

    def names(self, origin: str) -> Collection[str]:
        """The bots that a program of this package may call: its own dialogs, every package found, and the dialogs of
        each as `package/dialog`."""
        return list(dict.fromkeys((*self._short_names(origin), *self._packages.dialogs())))

    def _short_names(self, origin: str) -> list[str]:
        own = self._packages.find(origin) if origin else None
        dialogs = [dialog.name for dialog in own.dialogs.values()] if own else []
        return list(dict.fromkeys((*dialogs, *self._packages.names())))

    # -- finding -------------------------------------------------------------------------------------------------------

    def _looking(self) -> Callable[[Asked], Found]:
        """What answers who is asked by (origin, name, message), and sees each bot and each text once."""
        bot_of, text_of = cache(self._bot), cache(Dialog.program)

        def found(asked: Asked) -> Found:
            origin, name, message = asked
            bot = bot_of(origin, name)
            dialog = bot.dialog or bot.package.dialog(message or START)
            if dialog is None or (bot.dialog is None and message is not None and alike(dialog.name) == START):
                return bot.package, None, None
            return bot.package, dialog, text_of(dialog)

        return found

    def _bot(self, origin: str, name: str) -> Bot:
        own = self._packages.find(origin) if origin else None
        if own and (dialog := own.dialog(name)):
            return Bot(own, dialog)
        if package := self._packages.find(name):
            return Bot(package)
        head, slash, tail = name.partition("/")
        if slash and (package := self._packages.find(head)) and (dialog := package.dialog(tail)):
            return Bot(package, dialog)
        known = self._short_names(origin)
        listed = f"The bots found are {', '.join(known)}." if known else "No package was found."
        raise UnknownName("bot", name, self.names(origin), f"{listed} BOTMCP_PACKAGES names the folders with packages.")

    # -- answering -----------------------------------------------------------------------------------------------------

    def _dialog(self, host: Host, dialog: Dialog, program: Program, message: str | None) -> Spawn:
        inputs: dict[str, Value] = {} if message is None else {MESSAGE: message}
        for param in program.params:
            name = param.name.lower()
            value = host.variables.get(name)
            if value is not None:
                inputs[name] = value
            elif param.required and param.default is None and name not in inputs:
                raise WrongValue(_missing(dialog, param.name, host.variables))
        try:
            given(program.params, inputs)
        except WrongValue as error:
            raise WrongValue(f"The bot {dialog.name} cannot start. {error}") from None
        return Spawn((_child(host, dialog, program.source, inputs),), f"bot {dialog.name}")

    async def _agent(self, host: Host, package: Package, message: str) -> Spawn:
        if not self._models_configured(package.name):
            raise NoAnswer(_unanswered(package, message))
        prompt, start, config = await asyncio.to_thread(_persona, package)
        system = agents.system_prompt(package.name, prompt, start, config, self._registry)
        chosen = await may_use(host, bot_id(host.identity.tenant, package.name))
        offers = [(d, p) for d, p in await self._tools(package) if not chosen or alike(d.name) in map(alike, chosen)]
        tools = [agents.described(dialog.name, program) for dialog, program in offers]
        if self._knowledge:
            asking = replace(host.identity, origin=package.name)
            context, tool = await offered(self._knowledge, asking, message)
            system, tools = system + context, [*tools, *tool]
        if self._toolbox:
            tools = [*tools, *await self._toolbox(host, package.name)]
        earlier = await said_before(host, bot_id(host.identity.tenant, package.name))
        child = agents.child(host.identity.tenant, package.name, message, system, tools, agents.room(config), earlier)
        return Spawn((child,), f"bot {package.name}")

    async def _tools(self, package: Package) -> list[tuple[Dialog, Program]]:
        """The dialogs that a model may run: all that can run and are not themselves workflows."""
        found: list[tuple[Dialog, Program]] = []
        for dialog in package.dialogs.values():
            if alike(dialog.name) == START:
                continue
            try:
                program = await self._read(dialog)
            except ProgramError:
                continue
            if not is_workflow(program.source):
                found.append((dialog, program))
        return found

    async def _read(self, dialog: Dialog) -> Program:
        """The dialog's program; raises SyntaxMistake with the first mistake in it."""
        return self._program(dialog, await self._texts.ask(dialog))

    def _program(self, dialog: Dialog, text: ProgramText) -> Program:
        compiled = compile_program(text.source, self._registry, name=text.name)
        if compiled.program is None:
            first = next(d for d in compiled.diagnostics if d.severity == "error")
            place = f"line {first.line}, column {first.column}"
            raise SyntaxMistake(f"The bot {dialog.full_name} cannot run: {place}: {first.message}")
        return compiled.program


def _child(host: Host, dialog: Dialog, source: str, inputs: Mapping[str, Value]) -> Child:
    name = dialog.full_name
    program = ProgramText(source, name, dialog.package)
    return Child(dialog.name, inputs, program, bot=bot_id(host.identity.tenant, name), bot_name=name)


def _persona(package: Package) -> tuple[str, str, dict[str, str]]:
    start = package.dialog(START)
    return package.prompt(), start.text() if start else "", package.config()


def _missing(dialog: Dialog, param: str, variables: Mapping[str, Value]) -> str:
    names = [name for name in variables if not name.startswith("~") and variables[name] is not None]
    near = get_close_matches(param.lower(), names, n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}?" if near else f"Set it before this step: {param} = ..."
    return f"The bot {dialog.name} needs PARAM {param}, and this program has no variable of that name. {hint}"


def _unanswered(package: Package, message: str) -> str:
    dialogs = {d.name.casefold(): d.name for d in package.dialogs.values() if alike(d.name) != START}
    said = message if len(message) <= 60 else message[:57] + "..."
    near = get_close_matches(message.casefold(), dialogs, n=1, cutoff=0.6)
    hint = f"Did you mean {dialogs[near[0]]}?" if near else f"Its dialogs are {', '.join(dialogs.values()) or 'none'}."
    return (
        f'The bot {package.name} has no dialog called "{said}", and no language model to answer with. {hint} '
        "Or configure a model: BOTMCP_MODELS, or llm-model in the package's config.csv."
    )
