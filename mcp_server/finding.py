"""How a workflow is found by its name: a published one first, then those of the packages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

from designer.publishing import Publishing
from hostbridge.bots import PackageBots
from hostbridge.packages import Packages
from keywords.host import ProgramText
from keywords.mistakes import UnknownName

Find: TypeAlias = Callable[[UUID, str, str], Awaitable[ProgramText]]  # tenant, package of the caller, name


class Finding:
    """Looks where people draw workflows and where packages are."""

    def __init__(self, packages: Packages, bots: PackageBots, publishing: Publishing) -> None:
        self._packages, self._bots, self._publishing = packages, bots, publishing

    async def find(self, tenant: UUID, origin: str, name: str) -> ProgramText:
        """The program; a dialog of the caller's own package comes before all others. Raises UnknownName."""
        if origin and "/" not in name and name in await asyncio.to_thread(self._bots.names, origin):
            return await asyncio.to_thread(self._packages.program, f"{origin}/{name}")
        if "/" not in name and (published := await self._publishing.program(tenant, name)):
            return published
        try:
            return await asyncio.to_thread(self._packages.program, name)
        except UnknownName:
            known = [program.name for program in await self._publishing.programs(tenant)]
            if not known:
                raise
            near = f"Published are: {', '.join(known[:20])}."
            raise UnknownName("workflow", name, known, near) from None
