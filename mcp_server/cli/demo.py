"""`botmcp demo [PACKAGE]`: the samples of a package, run for real on the embedded database and shown as they happen.

Each run works for a tenant of its own: what the bots remember from one demo does not change the next.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from rich.markup import escape
from rich.rule import Rule
from rich.table import Table

from hostbridge.packages import Packages
from keywords.mistakes import UnknownName
from mcp_server.app import App, open_app
from mcp_server.cli.console import coloured, out
from mcp_server.cli.errors import WRONG, CommandError
from mcp_server.cli.progress import Shown, followed
from mcp_server.cli.samples import Acting, Sample, samples
from mcp_server.settings import Settings
from workflow.details import Approval, Caller, Detail


@dataclass(frozen=True, slots=True)
class Outcome:
    sample: Sample
    detail: Detail
    seconds: float


def shown(settings: Settings, package: str) -> list[Sample]:
    """The samples of the package of that name; raises UnknownName or CommandError."""
    packages = Packages(settings.packages, settings.home)
    with_samples = [name for name in packages.names() if (found := packages.find(name)) and samples(found.folder)]
    listed = f"These have samples: {', '.join(with_samples)}."
    found = packages.find(package)
    if found is None:
        raise UnknownName("package", package, with_samples, listed)
    if found.name not in with_samples:
        raise CommandError(f"The package {found.name} has no samples to show. {listed}")
    return samples(found.folder)


async def demo(settings: Settings, package: str) -> int:
    """Run all samples of a package; 0 when every run completed."""
    wanted = shown(settings, package)
    settings = replace(settings, database_url="", redis_url="")
    out.print(f"Starting the embedded Postgres in {escape(str(settings.home))} ...")
    async with open_app(settings, "command") as app:
        tenant = uuid4()
        outcomes: list[Outcome] = []
        for sample in wanted:
            out.print()
            out.print(Rule(f"[bold]{escape(sample.title)}[/]", align="left"))
            caller = Caller(tenant, "demo", "demo", owner=True)
            outcomes.append(await _Showing(app, caller, sample).run())
    return _summed(outcomes)


class _Showing:
    """One sample as it runs."""

    def __init__(self, app: App, caller: Caller, sample: Sample) -> None:
        self._app, self._caller, self._sample = app, caller, sample
        self._acting = Acting(app, caller, sample, _told)

    async def run(self) -> Outcome:
        given = ", ".join(f"{name} = {json.dumps(value)}" for name, value in self._sample.inputs.items())
        out.print(f"[dim]{escape(self._sample.workflow)}: {escape(given)}[/]")
        shown = Shown(out, self._app.now())
        execution = await self._acting.start()
        last: Detail | None = None
        try:
            async for rows, detail in followed(self._app, self._caller, execution):
                last = detail
                shown.rows(rows)
                shown.standing(detail, self._how)
                await self._acting.act(detail)
        except asyncio.CancelledError:
            await asyncio.shield(self._app.operations.cancel(self._caller, execution))
            raise
        assert last is not None
        shown.ended(last)
        return Outcome(self._sample, last, (self._app.now() - shown.started).total_seconds())

    def _how(self, approval: Approval) -> str:
        return "" if self._acting.decision(approval) else "(the demo lets it time out)"


def _told(what: str) -> None:
    """What the sample lets people do."""
    who = "the demo's " if " decides: " in what else "the demo "
    out.print(f"  [magenta]{who}{escape(what)}[/]")


def _summed(outcomes: Sequence[Outcome]) -> int:
    table = Table("run", "shows", "status", "seconds", "outcome", title="Summary", title_justify="left")
    for outcome in outcomes:
        result = outcome.detail.result
        told = result.get("outcome", "") if isinstance(result, dict) else str(outcome.detail.error or result)
        row = (outcome.sample.title, outcome.sample.shows, "", f"{outcome.seconds:.1f}", str(told))
        cells = [escape(cell) for cell in row]
        cells[2] = coloured(outcome.detail.status)
        table.add_row(*cells)
    out.print()
    out.print(table)
    complete = sum(outcome.detail.status == "completed" for outcome in outcomes)
    out.print(f"{complete} of {len(outcomes)} runs completed.")
    out.print("Next: `botmcp run FILE`, or add `botmcp` to an MCP client as a stdio server.")
    return 0 if complete == len(outcomes) else WRONG
