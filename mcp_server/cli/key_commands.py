"""The commands `botmcp keys` and `botmcp audit` with their options."""

from __future__ import annotations

from typing import Annotated

import typer

from mcp_server.cli.commanded import Json, commanded

keys = typer.Typer(name="keys", no_args_is_help=True, help="Make, list and revoke the keys of callers over HTTP.")


@keys.command("new")
def new_key(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            "-s",
            help="wf:read, wf:run, wf:approve, memory:read, memory:write, events:publish or admin; with commas. "
            "Without one: what an agent needs, which is all but wf:approve and admin.",
        ),
    ] = None,
    bot: Annotated[
        list[str] | None, typer.Option("--bot", "-b", help="Only with this bot or package; may be given again.")
    ] = None,
    days: Annotated[
        float | None, typer.Option("--days", help="How long it is good; without it: until revoked.")
    ] = None,
    subject: Annotated[
        str, typer.Option("--subject", help="Whom it acts as, such as ana@example.com, whom approvals name.")
    ] = "",
    rate: Annotated[int | None, typer.Option("--rate", help="Requests a minute, instead of the setting.")] = None,
    tenant: Annotated[str, typer.Option("--tenant", help="Another tenant than the installation's own.")] = "",
    json: Json = False,
) -> int:
    """Make a key. It is shown once."""
    from mcp_server.cli import keys as command

    return commanded(
        "keys", lambda s: command.new(s, name, scope or [], bot or [], days, subject, rate, tenant, as_json=json)
    )


@keys.command("list")
def list_keys(json: Json = False) -> int:
    """List all keys: whose, for what, until when."""
    from mcp_server.cli import keys as command

    return commanded("keys", lambda s: command.listed(s, as_json=json))


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="Its id, or its name where only one good key has it.")],
) -> int:
    """Let a key open nothing any more, at once."""
    from mcp_server.cli import keys as command

    return commanded("keys", lambda s: command.revoked(s, key))


def audit(
    subject: Annotated[str, typer.Option("--subject", help="Only what this caller did.")] = "",
    action: Annotated[str, typer.Option("--action", help="Only this tool or route.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many.")] = 50,
    json: Json = False,
) -> int:
    """Show who did what through which door, and who was refused."""
    from mcp_server.cli import keys as command

    return commanded("audit", lambda s: command.audited(s, subject, action, limit, as_json=json))
