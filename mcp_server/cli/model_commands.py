"""The commands about language models and their options."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mcp_server.cli.commanded import Json, commanded

models = typer.Typer(name="models", help="See how the language models do, and ask one.")


@models.callback(invoke_without_command=True)
def shown(
    context: typer.Context,
    json: Json = False,
    once: Annotated[bool, typer.Option("--once", help="Show the table once instead of keeping it up to date.")] = False,
    days: Annotated[int, typer.Option(min=1, max=400, help="Of chart data, with --json.")] = 7,
) -> int:
    """Show each model at each task, live: calls, cost, speed, quality, and whether it answers. Ctrl-C ends it."""
    if context.invoked_subcommand is not None:
        return 0
    from mcp_server.cli import models as command

    return commanded("models", lambda s: command.models(s, json, not once, days))


@models.command()
def ask(
    prompt: Annotated[str, typer.Argument(help="What to ask.")],
    optimize: Annotated[str, typer.Option(help="speed, cost, quality or balanced.")] = "balanced",
    model: Annotated[str, typer.Option(help="Only this one.")] = "",
    max_cost: Annotated[float | None, typer.Option(min=0, help="US dollars it may cost.")] = None,
    max_latency: Annotated[float | None, typer.Option(min=1, help="Milliseconds it may take.")] = None,
    json: Json = False,
) -> int:
    """Ask a model as a workflow's LLM would; says which one answered and why."""
    from keywords.routing_modes import GOALS
    from mcp_server.cli import models as command

    if optimize not in GOALS:
        raise typer.BadParameter(f"{optimize} is none of {', '.join(GOALS)}.", param_hint="--optimize")
    wishes: dict[str, Any] = {"optimize": optimize, "max_cost": max_cost, "max_latency": max_latency}
    return commanded("models", lambda s: command.ask(s, prompt, {**wishes, "model": model or None}, json))
