"""The commands and their options, as typer shows them; each does its work in a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mcp_server.cli import execution_commands, key_commands, model_commands, operating_commands
from mcp_server.cli.commanded import Json, commanded
from mcp_server.cli.errors import WRONG, guarded, say
from mcp_server.cli.event_commands import events
from mcp_server.cli.memory_commands import host, memory
from mcp_server.settings import SettingsError, of_environment


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
    """Durable multi-bot workflows in BASIC. Without a command: MCP over stdio, for MCP clients, which may be offered
    less with --toolsets workflows,memory and --read-only."""


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

    return commanded("run", lambda s: command.run(s, file, given or [], idempotency_key, json))


@app.command()
def demo(
    package: Annotated[
        str, typer.Argument(help="Also content-moderation, order-processing, or a package of yours with samples.")
    ] = "customer-support",
) -> int:
    """Run the sample workflows of a package on the embedded database."""
    from mcp_server.cli import demo as command

    return commanded("demo", lambda s: command.demo(s, package))


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
    toolsets: Annotated[str | None, typer.Option(help="Instead of BOTMCP_TOOLSETS: workflows,events,...")] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Offer only the tools that change nothing.")] = False,
) -> int:
    """Serve MCP over HTTP at /mcp, with a worker and the inbox."""
    from mcp_server.cli import servers

    settings = of_environment()
    return guarded(settings, "serve", lambda: servers.serve(settings, host, port, toolsets, read_only))


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

    return commanded("migrate", servers.migrated)


@app.command()
def designer(
    workflow: Annotated[str, typer.Argument(help="Open only this workflow, as a host's page would show it.")] = "",
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the link and open nothing.")] = False,
) -> int:
    """Draw workflows, watch them run, decide approvals: a link to the pages in the browser."""
    from mcp_server.cli import designer as command

    return commanded("designer", lambda s: command.designer(s, workflow, opens=not no_open))


@app.command()
def status(json: Json = False) -> int:
    """Show the background server, what runs and what waits, and open the inbox."""
    from mcp_server.cli import status as command

    return commanded("status", lambda s: command.status(s, json))


@app.command()
def stop() -> int:
    """Stop the background server; unfinished workflows go on at the next start."""
    from mcp_server.cli import status as command

    return commanded("stop", command.stop)


@app.command()
def approve(
    execution: Annotated[str, typer.Argument(help="The execution, or the approval; without one: list all.")] = "",
    reject: Annotated[bool, typer.Option("--reject", help="Reject instead.")] = False,
    comment: Annotated[str, typer.Option("--comment", help="Kept with the decision.")] = "",
    decision: Annotated[
        str, typer.Option("--decision", help="approve, reject, escalate, defer, requestinfo or comment.")
    ] = "approve",
    link: Annotated[str, typer.Option("--link", help="Print a link that lets this person decide, once.")] = "",
    hours: Annotated[float, typer.Option("--hours", min=0.01, max=8760, help="How long the link is good.")] = 72,
) -> int:
    """Approve, or reject, what an execution waits for; list what is pending."""
    from mcp_server.cli import approve as command

    said = "reject" if reject else decision
    return commanded("approve", lambda s: command.approve(s, execution, said, comment, link, hours))


@app.command()
def answer(
    execution: Annotated[str, typer.Argument(help="The execution, or the beginning of its id.")],
    text: Annotated[str, typer.Argument(help="What you say.")],
) -> int:
    """Answer what an execution asks (HEAR)."""
    return execution_commands.steered("answer", execution, text=text)


app.add_typer(execution_commands.executions)
app.add_typer(execution_commands.schedules)
app.add_typer(execution_commands.limits)
app.add_typer(model_commands.models)
operating_commands.add(app)
app.add_typer(events)
app.add_typer(key_commands.keys)
app.command()(key_commands.audit)

kb = typer.Typer(name="kb", no_args_is_help=True, help="Read the documents of packages, and list them.")
app.add_typer(kb)
app.add_typer(memory)
app.add_typer(host)


@kb.command()
def index(
    packages: Annotated[
        list[str] | None, typer.Argument(help="Names or folders of packages; all when none is given.")
    ] = None,
    json: Json = False,
) -> int:
    """Read all documents that are new or have changed."""
    from mcp_server.cli import kb as command

    return commanded("kb", lambda s: command.indexed(s, packages or [], json))


@kb.command("list")
def list_documents(
    packages: Annotated[
        list[str] | None, typer.Argument(help="Names or folders of packages; all when none is given.")
    ] = None,
    json: Json = False,
) -> int:
    """List the collections of documents: how many there are, and what could not be read."""
    from mcp_server.cli import kb as command

    return commanded("kb", lambda s: command.listed(s, packages or [], json))


@app.command()
def outbox(
    status: Annotated[str, typer.Option("--status", help="Only those: kept, sending, sent, failed or draft.")] = "",
    show: Annotated[str, typer.Option("--show", help="One message whole, by the beginning of its id.")] = "",
    send: Annotated[str, typer.Option("--send", help="Send this mail now, by the beginning of its id.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="How many.")] = 50,
    json: Json = False,
) -> int:
    """List what bots have sent and what is kept because there is no way to deliver it."""
    from mcp_server.cli import outbox as command

    if send:
        return commanded("outbox", lambda s: command.sent(s, send, json))
    if show:
        return commanded("outbox", lambda s: command.shown(s, show, json))
    return commanded("outbox", lambda s: command.listed(s, status, limit, json))


@app.command()
def rehearse(
    packages: Annotated[list[str], typer.Argument(help="Folders or names of .gbai packages.")],
    json: Json = False,
) -> int:
    """Run every dialog of packages twice in a world that is not real, and tell what works."""
    from mcp_server.cli import rehearse as command

    return commanded("rehearse", lambda s: command.rehearse(s, packages, json))


@app.command()
def chat(
    package: Annotated[str, typer.Argument(help="The folder or name of a .gbai package.")],
    session: Annotated[str, typer.Option("--session", help="Go on with an earlier conversation.")] = "",
) -> int:
    """Talk with a package in the terminal: its start dialog, tools, questions, suggestions and memory."""
    from mcp_server.cli import chat as command

    return commanded("chat", lambda s: command.chat(s, package, session))


@app.command("host-kit")
def host_kit(
    folder: Annotated[Path, typer.Argument(help="Where to write it.", file_okay=False)] = Path("botmcp-kit"),
    url: Annotated[str, typer.Option(help="How the host reaches this server; else BOTMCP_HOST and BOTMCP_PORT.")] = "",
    key: Annotated[str, typer.Option(help="A key of `botmcp keys new`, which is written into the files.")] = "",
) -> int:
    """Write what a General Bots server needs to call this one: a row for its mcp.csv, and .bas tools."""
    from mcp_server.cli import host_kit as command

    return commanded("host-kit", lambda s: command.written(s, folder, url, key))


@app.command()
def doctor(json: Json = False) -> int:
    """Say what is found, what is wrong, and how to put it right."""
    from mcp_server.cli import doctor as command

    return command.doctor(json)
