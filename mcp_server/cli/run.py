"""`botmcp run FILE`: start a workflow, show it live, and leave it running when the user goes."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from keywords.host import ProgramText
from mcp_server.app import App, open_app
from mcp_server.cli.check import package_of
from mcp_server.cli.commanded import caller_of
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import INTERRUPTED, WRONG, CommandError
from mcp_server.cli.progress import Shown, followed
from mcp_server.cli.status import goes_on
from mcp_server.programs import LONGEST_SOURCE, name_of, sentence
from mcp_server.settings import Settings
from workflow.details import Caller, Detail
from workflow.programs import Rejected


async def run(settings: Settings, file: Path, given: Sequence[str], key: str, as_json: bool) -> int:
    """Run the file; 0 when it completed, 1 when it failed or was cancelled."""
    inputs = dict(given_value(each) for each in given)
    program = read(file)
    given_settings = settings
    if package := package_of(file):  # so that BOT finds the dialogs beside the file, wherever that is
        settings = settings.with_packages(package.parent)
    async with open_app(settings, "command") as app:
        caller = caller_of(app)
        try:
            execution = await app.operations.start(
                caller, program, inputs=inputs, idempotency_key=key or None, bot_name=program.origin
            )
        except Rejected as error:
            raise CommandError(
                "\n".join([f"{file}:", *(sentence(d) for d in error.diagnostics if d.severity == "error")])
            ) from None
        detail = await _until_left(app, caller, execution, as_json)
    if detail is None:
        out.print(f"Left running: {execution}. `botmcp status` shows it, `botmcp stop` stops the background server.")
        await asyncio.to_thread(goes_on, given_settings)
        return INTERRUPTED
    if as_json:
        print_json(told(detail))
    return 0 if detail.status == "completed" else WRONG


def read(file: Path) -> ProgramText:
    """The program in the file, named as BOT would name it when it is part of a package."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    if len(content) > LONGEST_SOURCE:
        raise CommandError(f"{file} has {len(content):,} bytes; the limit is {LONGEST_SOURCE:,}. Split the workflow.")
    try:
        source = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8 text. Save it as UTF-8.") from None
    if package := package_of(file):
        origin = package.name.removesuffix(".gbai")
        return ProgramText(source, f"{origin}/{file.stem}", origin)
    return ProgramText(source, name_of(source) if name_of(source) != "workflow" else file.stem)


def given_value(given: str, option: str = "--input") -> tuple[str, Any]:
    """A name and its value, of `name=value`; JSON where it is JSON, else text."""
    name, equals, value = given.partition("=")
    if not equals or not name.strip():
        raise CommandError(f"{option} {given}: write name=value.")
    try:
        return name.strip(), json.loads(value)
    except (ValueError, RecursionError):
        return name.strip(), value


async def _until_left(app: App, caller: Caller, execution: UUID, as_json: bool) -> Detail | None:
    """Follow it to its end; None when the user interrupts, which ends nothing but the following."""
    left = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, left.set)
    following = asyncio.create_task(_follow(app, caller, execution, as_json))
    leaving = asyncio.create_task(left.wait())
    try:
        await asyncio.wait([following, leaving], return_when=asyncio.FIRST_COMPLETED)
        return following.result() if following.done() else None
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        following.cancel()
        leaving.cancel()


async def _follow(app: App, caller: Caller, execution: UUID, as_json: bool) -> Detail:
    shown = Shown(out, app.now())
    if not as_json:
        out.print(f"execution {execution}")
    last: Detail | None = None
    async for rows, detail in followed(app, caller, execution):
        last = detail
        if not as_json:
            shown.rows(rows)
            shown.standing(detail, lambda approval: f"(botmcp approve {approval.root})")
    assert last is not None
    if not as_json:
        shown.ended(last)
    return last


def told(detail: Detail) -> dict[str, Any]:
    """The end of an execution as plain JSON."""
    return {
        "execution_id": str(detail.id),
        "workflow": detail.workflow_name,
        "status": detail.status,
        "result": detail.result,
        "error": asdict(detail.error) if detail.error else None,
        "messages": [{"bot": said.bot_name, "text": said.text} for said in detail.messages],
    }
