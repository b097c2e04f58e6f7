"""`botmcp host install-trigger`: lets what the host writes into its bots' memory count."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg

from mcp_server.app import TENANT, database
from mcp_server.cli.console import out
from mcp_server.cli.errors import CommandError
from mcp_server.settings import Settings
from memory import host
from storage.migrate import migrate
from storage.pool import connect


async def installed(settings: Settings) -> int:
    """Install the triggers; again, it only takes in bots that are new."""
    async with database(settings) as where:
        await migrate(where)
        async with await connect(where) as connection:
            before = await host.installed(connection)
            try:
                count = await host.install(connection, TENANT, datetime.now(UTC))
            except host.NoHost as error:
                raise CommandError(str(error)) from None
            except psycopg.errors.InsufficientPrivilege as error:
                words = f"{error.diag.message_primary}. Let the owner of public.bot_memories run this command."
                raise CommandError(f"Our database user may not do this: {words}") from None
    state = "were installed already" if before else "are installed"
    out.print(f"The triggers {state}; {count} bots of the host were taken in. Remove them with")
    out.print(
        "  drop trigger botmcp_memory on public.bot_memories; drop trigger memory_mirrored on botmcp.bot_memories;"
    )
    return 0
