"""`botmcp executions`, `botmcp schedules` and `botmcp limits`, with their options."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mcp_server.cli.commanded import Json, commanded

executions = typer.Typer(name="executions", no_args_is_help=True, help="List executions, look at one, steer it.")
schedules = typer.Typer(name="schedules", no_args_is_help=True, help="List schedules, set one, steer it.")
limits = typer.Typer(name="limits", no_args_is_help=True, help="How much may run and start at once.")

Execution = Annotated[str, typer.Argument(help="Its id, or the beginning of it.")]
Name = Annotated[str, typer.Argument(help="Its name, as `botmcp schedules list` shows it.")]
Step = Annotated[int | None, typer.Option("--step", min=0, help="Go on from this STEP.")]
Call = Annotated[int | None, typer.Option("--call", min=0, help="Go on from this call of the journal.")]
Given = Annotated[list[str] | None, typer.Option("--set", "-s", help="name=value; JSON where it is JSON, else text.")]


def steered(action: str, execution: str, **given: Any) -> int:
    """Steer one execution."""
    from mcp_server.cli import executions as command

    return commanded(action, lambda s: command.steered(s, action, execution, given))


@executions.command("list")
def list_executions(
    status: Annotated[str, typer.Option(help="Only those: ready, running, waiting, paused, failed, ...")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 30,
    json: Json = False,
) -> int:
    """List the newest executions."""
    from mcp_server.cli import executions as command

    return commanded("executions", lambda s: command.listed(s, status, limit, json))


@executions.command()
def show(execution: Execution, json: Json = False) -> int:
    """Show an execution: its journal, what it waits for, what was done to it."""
    from mcp_server.cli import executions as command

    return commanded("executions", lambda s: command.shown(s, execution, json))


@executions.command()
def cancel(execution: Execution) -> int:
    """End an execution and everything it started."""
    return steered("cancel", execution)


@executions.command()
def pause(execution: Execution) -> int:
    """Stop an execution and everything it started until it is resumed."""
    return steered("pause", execution)


@executions.command()
def resume(execution: Execution) -> int:
    """Let a paused execution go on."""
    return steered("resume", execution)


@executions.command()
def retry(execution: Execution, step: Step = None, call: Call = None) -> int:
    """Let a failed execution go on from the call it failed at, or from an earlier place."""
    return steered("retry", execution, step=step, call=call)


@executions.command()
def fork(execution: Execution, step: Step = None, call: Call = None, given: Given = None) -> int:
    """Start a new execution that goes on from a place of this one, with other variables."""
    return steered("fork", execution, step=step, call=call, variables=given or [])


@executions.command()
def signal(
    execution: Execution,
    name: Annotated[str, typer.Argument(help="The name that WAIT FOR SIGNAL waits for.")],
    data: Annotated[str, typer.Argument(help="What comes with it; JSON where it is JSON, else text.")] = "",
) -> int:
    """Send a signal to an execution, or to what it started."""
    return steered("signal", execution, name=name, data=data)


@executions.command()
def settle(
    execution: Execution,
    again: Annotated[bool, typer.Option("--again", help="It did not take place: make the call again.")] = False,
    answer: Annotated[str, typer.Option("--answer", help="What it answered; JSON where it is JSON, else text.")] = "",
) -> int:
    """Say what became of a call that is in doubt: it took place, or it is to be made again."""
    return steered("settle", execution, took_place=not again, value=answer)


@executions.command()
def migrate(
    runs: Annotated[str, typer.Argument(help="An execution, or the name of a workflow: all its live runs.")],
    to: Annotated[str, typer.Option("--to", help="A .bas file, or a packaged workflow.")],
    given: Given = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be moved, and move nothing.")] = False,
    json: Json = False,
) -> int:
    """Let live executions go on with another version of their program, from where they stand."""
    from mcp_server.cli import executions as command

    return commanded("migrate", lambda s: command.migrated(s, runs, to, given or [], dry_run, json))


@schedules.command("list")
def list_schedules(json: Json = False) -> int:
    """List the schedules, the next one to be due first."""
    from mcp_server.cli import schedules as command

    return commanded("schedules", lambda s: command.listed(s, json))


@schedules.command("show")
def show_schedule(name: Name, json: Json = False) -> int:
    """Show a schedule, and when it is due next."""
    from mcp_server.cli import schedules as command

    return commanded("schedules", lambda s: command.shown(s, name, json))


@schedules.command("set")
def set_schedule(
    rule: Annotated[str, typer.Argument(help='A cron line, or words: "every weekday at 9:30".')],
    program: Annotated[str, typer.Argument(help="A packaged workflow, or a .bas file.")],
    name: Annotated[str, typer.Option(help="Instead of the program's own.")] = "",
    zone: Annotated[str, typer.Option(help="Such as Europe/Berlin.")] = "",
    missed: Annotated[str, typer.Option(help="skip, once or all: what to make up for.")] = "once",
    given: Given = None,
) -> int:
    """Start a program at its times; a schedule of the same name is replaced."""
    from mcp_server.cli import schedules as command

    return commanded("schedules", lambda s: command.made(s, rule, program, name, zone, missed, given or []))


@schedules.command("pause")
def pause_schedule(name: Name) -> int:
    """Let a schedule start nothing until it is resumed."""
    return _put("pause", name)


@schedules.command("resume")
def resume_schedule(name: Name) -> int:
    """Let a paused schedule go on with its next time."""
    return _put("resume", name)


@schedules.command("delete")
def delete_schedule(name: Name) -> int:
    """Delete a schedule; what it has started goes on."""
    return _put("delete", name)


def _put(action: str, name: str) -> int:
    from mcp_server.cli import schedules as command

    return commanded("schedules", lambda s: command.put(s, action, name))


@limits.command("list")
def list_limits(json: Json = False) -> int:
    """List the limits, and how much of them is used."""
    from mcp_server.cli import schedules as command

    return commanded("limits", lambda s: command.limits(s, json))


@limits.command("set")
def set_limit(
    bot: Annotated[str, typer.Option(help="Of this bot; without it, of everything here.")] = "",
    running: Annotated[int | None, typer.Option(min=1, help="Executions at one moment.")] = None,
    starts: Annotated[int | None, typer.Option(min=1, help="Starts in so many seconds.")] = None,
    seconds: Annotated[float, typer.Option(help="The time that the starts are for.")] = 60.0,
) -> int:
    """Set a limit; what is not given is not limited."""
    from mcp_server.cli import schedules as command

    return commanded("limits", lambda s: command.limited(s, bot, running, starts, seconds))
