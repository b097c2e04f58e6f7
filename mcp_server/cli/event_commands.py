"""The options of `botmcp events`, as typer shows them."""

from __future__ import annotations

from typing import Annotated

import typer

from mcp_server.cli.commanded import Json, commanded

events = typer.Typer(name="events", no_args_is_help=True, help="List events, publish one, replay what was given up.")
Limit = Annotated[int, typer.Option(min=1, max=500, help="How many.")]


@events.command("list")
def list_events(
    pattern: Annotated[str, typer.Argument(help='Only those: "order.paid", "order.*", "order.>".')] = "",
    limit: Limit = 30,
    json: Json = False,
) -> int:
    """List the newest events."""
    from mcp_server.cli import events as command

    return commanded("events", lambda s: command.listed(s, pattern, limit, json))


@events.command()
def dead(limit: Limit = 30, json: Json = False) -> int:
    """List the events that a handler or webhook gave up, and why."""
    from mcp_server.cli import events as command

    return commanded("events", lambda s: command.dead(s, limit, json))


@events.command()
def subscriptions(json: Json = False) -> int:
    """List the handlers and webhooks, and what each is told of."""
    from mcp_server.cli import events as command

    return commanded("events", lambda s: command.subscriptions(s, json))


@events.command()
def replay(event: Annotated[str, typer.Argument(help="Its id, as `list` and `dead` show it.")]) -> int:
    """Deliver an event again to whoever gave it up, else to all who want it and never had it."""
    from mcp_server.cli import events as command

    return commanded("events", lambda s: command.replay(s, event))


@events.command()
def publish(
    name: Annotated[str, typer.Argument(help="Its name.")],
    data: Annotated[str, typer.Argument(help="JSON where it is JSON, else text.")] = "",
    key: Annotated[str, typer.Option(help="Events of one key keep their order.")] = "",
    dedupe: Annotated[str, typer.Option(help="With the same one it happens once.")] = "",
) -> int:
    """Publish an event."""
    from mcp_server.cli import events as command

    return commanded("events", lambda s: command.publish(s, name, data, key, dedupe))
