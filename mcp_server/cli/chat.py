"""`botmcp chat PACKAGE`: a conversation with a package in the terminal, as its people would hold it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

from rich.markup import escape

from hostbridge.packages import SUFFIX, Package
from keywords.mistakes import ProgramError
from mcp_server.app import open_app
from mcp_server.cli.console import out
from mcp_server.cli.errors import CommandError
from mcp_server.cli.status import goes_on
from mcp_server.conversation import Asked, Conversation, Said, Shown
from mcp_server.settings import Settings
from workflow.programs import Rejected

HELP = """Say something, or:
  1, 2, ...            press a button
  /tools               list the tools; /NAME runs one
  /quit                leave; what runs goes on"""


async def chat(settings: Settings, named: str, session: str) -> int:
    """Talk until the person leaves."""
    given = settings
    settings, name = _found(settings, named)
    async with open_app(settings, "command") as app:
        package = await asyncio.to_thread(app.packages.find, name)
        if package is None:
            known = ", ".join(app.packages.names())
            raise CommandError(f"There is no package {named}. Give the folder of one, or one of: {known}.")
        talk = Conversation(app, app.caller("chat", ""), package, _session(session))
        out.print(f"[dim]{escape(package.name)}, session {talk.session}. /help says how.[/]")
        if not session:
            await _show(talk, talk.begin())
        async for line in _lines():
            match line.strip():
                case "":
                    continue
                case "/quit" | "/exit":
                    break
                case "/help":
                    out.print(HELP, markup=False)
                case "/tools":
                    out.print(_tools(talk, package), markup=False)
                case text:
                    await _show(talk, talk.say(text))
            _prompt()
        unfinished = talk.run is not None
    if unfinished:
        out.print(f"[dim]It goes on: `botmcp chat {escape(named)} --session {talk.session}` comes back to it.[/]")
        await asyncio.to_thread(goes_on, given)
    return 0


def _found(settings: Settings, named: str) -> tuple[Settings, str]:
    """The settings with the packages folder that a folder stands in, and the name of its package."""
    folder = Path(named).expanduser().resolve()
    if folder.is_dir() and folder.suffix == SUFFIX:
        return settings.with_packages(folder.parent), folder.name
    return settings, named


async def _show(talk: Conversation, shown: AsyncIterator[Shown]) -> None:
    before = list(talk.buttons)
    try:
        async for each in shown:
            if isinstance(each, Said):
                _say(each)
            else:
                _ask(each)
    except (ProgramError, Rejected) as error:
        out.print(f"[red]{escape(str(error))}[/]")
    if talk.buttons and talk.buttons != before:
        labels = "  ".join(f"[{number}] {button.label}" for number, button in enumerate(talk.buttons, 1))
        out.print(f"[cyan]{escape(labels)}[/]")
    _prompt()


def _say(said: Said) -> None:
    match said.kind:
        case "text":
            out.print(said.text, markup=False)
        case "media":
            out.print(f"[dim]shows {escape(said.text)}[/]")
        case "mistake":
            out.print(f"[red]{escape(said.text)}[/]")
        case _:
            out.print(f"[cyan]{escape(said.text)}[/]")


def _ask(asked: Asked) -> None:
    question = asked.question
    if question is not None:
        if question.options:
            labels = "  ".join(f"[{number}] {option}" for number, option in enumerate(question.options, 1))
            out.print(f"[cyan]{escape(labels)}[/]")
        elif question.expects:
            out.print(f"[dim]({escape(question.expects.lower())})[/]")
    for approval in asked.approvals:
        people = ", ".join(approval.approvers)
        out.print(f"[cyan]waits for {escape(people)}: {escape(approval.message)} (botmcp approve {approval.root})[/]")


def _tools(talk: Conversation, package: Package) -> str:
    return "\n".join(f"  /{name}" for name in talk.tools()) or f"{package.name} has no tools."


def _session(given: str) -> UUID:
    if not given:
        return uuid4()
    try:
        return UUID(given)
    except ValueError:
        raise CommandError(f"{given} is no session. Leave --session out for a new one.") from None


def _prompt() -> None:
    if sys.stdin.isatty():
        out.print("[bold]>[/] ", end="")
        sys.stdout.flush()


async def _lines() -> AsyncIterator[str]:
    """The lines that are typed or piped in, until their end. A thread reads: terminals and files know no other way."""
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[str | None]()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()  # leaving does not wait for another line
    while (line := await lines.get()) is not None:
        yield line
