"""The commands and their options, as typer shows them; each does its work in a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from mcp_server.cli.errors import WRONG, guarded, say
from mcp_server.settings import Settings, SettingsError, of_environment


def _exit_with(code: object, version: bool = False) -> None:
    raise typer.Exit(code if isinstance(code, int) else 0)


app = typer.Typer(
    name="botmcp",
    result_callback=_exit_with,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def run(arguments: Sequence[str]) -> int:
    """Run the command line; its exit code."""
    try:
        app(list(arguments))
    except SystemExit as error:  # typer has said what was wrong with the words given
        return error.code if isinstance(error.code, int) else WRONG
    except SettingsError as error:
        say(str(error))
        return WRONG
    return 0


def _command(role: str, work: Callable[[Settings], Coroutine[Any, Any, int]]) -> int:
    from mcp_server import logs

    settings = of_environment()
    logs.to_file(settings, role)
    return guarded(settings, role, lambda: work(settings))


def _shown_version(wanted: bool) -> None:
    if wanted:
        from mcp_server.rendezvous import version

        typer.echo(f"botmcp {version()}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_shown_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Durable multi-bot workflows in BASIC. Without a command: MCP over stdio, for MCP clients."""


@app.command("run")
def run_file(
    file: Annotated[Path, typer.Argument(help="A .bas file.", dir_okay=False)],
    given: Annotated[
        list[str] | None, typer.Option("--input", "-i", help="name=value; JSON where it is JSON, else text.")
    ] = None,
    idempotency_key: Annotated[
        str, typer.Option("--idempotency-key", help="Running again with this key starts nothing twice.")
    ] = "",
    json: Json = False,
) -> int:
    """Run a workflow and show its steps as they happen."""
    from mcp_server.cli import run as command

    return _command("run", lambda s: command.run(s, file, given or [], idempotency_key, json))


@app.command()
def demo(
    package: Annotated[
        str, typer.Argument(help="Also content-moderation, order-processing, or a package of yours with samples.")
    ] = "customer-support",
) -> int:
    """Run the sample workflows of a package on the embedded database."""
    from mcp_server.cli import demo as command

    return _command("demo", lambda s: command.demo(s, package))


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help=".bas files, packages or folders.")], json: Json = False
) -> int:
    """Check BASIC files; exits with 1 when one has an error."""
    from mcp_server.cli import check as command

    settings = of_environment()
    return guarded(settings, "check", lambda: command.check(settings, paths, as_json=json))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Instead of BOTMCP_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Instead of BOTMCP_PORT.", min=0, max=65535)] = None,
) -> int:
    """Serve MCP over HTTP at /mcp, with a worker and the inbox."""
    from mcp_server.cli import servers

    settings = of_environment()
    return guarded(settings, "serve", lambda: servers.serve(settings, host, port))


@app.command()
def worker() -> int:
    """Run workflows of the database, beside other workers and servers."""
    from mcp_server.cli import servers

    settings = of_environment()
    return guarded(settings, "worker", lambda: servers.work(settings))


@app.command()
def migrate() -> int:
    """Bring the database to this release's tables; safe at any time and from any number of processes."""
    from mcp_server.cli import servers

    return _command("migrate", servers.migrated)


@app.command()
def status(json: Json = False) -> int:
    """Show the background server, what runs and what waits, and open the inbox."""
    from mcp_server.cli import status as command

    return _command("status", lambda s: command.status(s, json))


@app.command()
def stop() -> int:
    """Stop the background server; unfinished workflows go on at the next start."""
    from mcp_server.cli import status as command

    return _command("stop", command.stop)


@app.command()
def approve(
    execution: Annotated[str, typer.Argument(help="The execution, or the approval; without one: list all.")] = "",
    reject: Annotated[bool, typer.Option("--reject", help="Reject instead.")] = False,
    comment: Annotated[str, typer.Option("--comment", help="Kept with the decision.")] = "",
) -> int:
    """Approve, or reject, what an execution waits for; list what is pending."""
    from mcp_server.cli import approve as command

    return _command("approve", lambda s: command.approve(s, execution, reject, comment))


@app.command()
def answer(
    execution: Annotated[str, typer.Argument(help="The execution, or the beginning of its id.")],
    text: Annotated[str, typer.Argument(help="What you say.")],
) -> int:
    """Answer what an execution asks (HEAR)."""
    return _steered("answer", execution, text)


def _steered(action: str, execution: str, text: str = "") -> int:
    from mcp_server.cli import executions as command

    return _command(action, lambda s: command.steered(s, action, execution, text))


executions = typer.Typer(name="executions", no_args_is_help=True, help="List executions, look at one, steer it.")
app.add_typer(executions)
Execution = Annotated[str, typer.Argument(help="Its id, or the beginning of it.")]


@executions.command("list")
def list_executions(
    status: Annotated[str, typer.Option(help="Only those: ready, running, waiting, paused, failed, ...")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 30,
    json: Json = False,
) -> int:
    """List the newest executions."""
    from mcp_server.cli import executions as command

    return _command("executions", lambda s: command.listed(s, status, limit, json))


@executions.command()
def show(execution: Execution, json: Json = False) -> int:
    """Show an execution: its journal, what it waits for, what was done to it."""
    from mcp_server.cli import executions as command

    return _command("executions", lambda s: command.shown(s, execution, json))


@executions.command()
def cancel(execution: Execution) -> int:
    """End an execution and everything it started."""
    return _steered("cancel", execution)


@executions.command()
def pause(execution: Execution) -> int:
    """Stop an execution and everything it started until it is resumed."""
    return _steered("pause", execution)


@executions.command()
def resume(execution: Execution) -> int:
    """Let a paused execution go on."""
    return _steered("resume", execution)


@executions.command()
def retry(execution: Execution) -> int:
    """Let a failed execution go on from the call it failed at."""
    return _steered("retry", execution)


@app.command()
def doctor() -> int:
    """Say what is found, what is wrong, and how to put it right."""
    from mcp_server.cli import doctor as command

    return command.doctor()
