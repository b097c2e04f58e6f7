"""`botmcp models`: how the language models do, live; and one of them asked, with the reasons for the choice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from rich.live import Live
from rich.markup import escape
from rich.table import Table

from keywords.host import Identity, ModelRequest, bot_id
from keywords.mistakes import ProgramError, Transient
from mcp_server.app import TENANT, App, open_app
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import WRONG, say
from mcp_server.settings import Settings
from smartrouter.performance import Standing

EVERY = 2.0  # seconds between two looks


async def models(settings: Settings, as_json: bool, watch: bool, days: int) -> int:
    """Show each model at each task: asked how often, at what cost, how fast, how good, and whether it answers now."""
    async with open_app(settings, "look") as app:
        if as_json:
            standings = await app.performance.standings(TENANT)
            usage = await app.performance.usage(TENANT, app.now(), timedelta(days=days))
            print_json({"models": [one.to_json() for one in standings], "usage": usage})
            return 0
        if not watch or not out.is_terminal:
            out.print(await _shown(app))
            return 0
        with Live(await _shown(app), console=out, auto_refresh=False) as live:
            while True:
                await asyncio.sleep(EVERY)
                live.update(await _shown(app), refresh=True)


async def ask(settings: Settings, prompt: str, wishes: dict[str, Any], as_json: bool) -> int:
    """Ask a model as LLM would, and say which one answered and why; its text comes as it is written."""
    async with open_app(settings, "look") as app:
        identity = Identity(TENANT, TENANT, bot_id(TENANT, "command line"), "command line")
        request = ModelRequest(({"role": "user", "content": prompt},), caller=identity, **wishes)
        call = f"command line:{app.now().isoformat()}"
        try:
            if as_json:
                reply = await app.models.answer(request, call)
                print_json({"text": reply.text, "model": reply.model, "cost": reply.cost, **reply.aside})
                return 0
            reply = await app.models.answer(replace(request, pieces=_written), call)
        except (ProgramError, Transient) as error:
            say(str(error))
            return WRONG
    told = reply.aside
    out.print()
    out.print(f"[dim]{escape(reply.model)}: {escape(str(told['why']))}. It cost ${reply.cost:.6f}.[/dim]")
    return 0


def _written(piece: str) -> None:
    out.print(escape(piece), end="", soft_wrap=True, highlight=False)


async def _shown(app: App) -> Table | str:
    standings = await app.performance.standings(TENANT)
    if not standings:
        return "No language model is configured. BOTMCP_MODELS names them, for example openai/gpt-4o-mini."
    return table(standings, app.now())


def table(standings: Sequence[Standing], now: datetime) -> Table:
    """What is known, as people read it."""
    found = Table(box=None, pad_edge=False)
    for name in ("model", "task"):
        found.add_column(name, overflow="fold")
    for name in ("calls", "errors", "cost", "half in", "95 % in", "quality"):
        found.add_column(name, justify="right", no_wrap=True)
    found.add_column("answers", overflow="fold")
    for one in standings:
        errors = f"{one.errors / one.calls:.0%}" if one.calls else ""
        quality = "" if one.quality is None else f"{one.quality:.2f} ({one.judgements:.0f})"
        found.add_row(
            escape(one.model), one.task or "-", str(one.calls), errors, f"${one.cost:.4f}", _seconds(one.median),
            _seconds(one.p95), quality, _health(one, now),
        )  # fmt: skip
    return found


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"


def _health(one: Standing, now: datetime) -> str:
    if not one.trouble or one.closed_until is None:
        return "yes" if one.calls else "not asked yet"
    left = (one.closed_until - now).total_seconds()
    again = f"asked again in {left:.0f} s" if left > 0 else "to be tried again"
    return f"[red]no[/red]: {escape(one.trouble)} ({again})"
