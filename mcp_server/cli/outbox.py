"""`botmcp outbox`: what bots sent to people, and what is kept for want of a way."""

from __future__ import annotations

import textwrap
from typing import Any

from rich.markup import escape
from rich.table import Table

from hostbridge.messages.outbox import Message
from keywords.mistakes import ProgramError
from mcp_server.app import TENANT, open_app
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import CommandError
from mcp_server.settings import Settings


async def listed(settings: Settings, status: str, limit: int, as_json: bool) -> int:
    """List the newest messages."""
    async with open_app(settings, "look") as app:
        try:
            messages = await app.outbox.messages(TENANT, status, limit)
        except ProgramError as error:
            raise CommandError(str(error)) from None
    if as_json:
        print_json([told(message) for message in messages])
        return 0
    if not messages:
        out.print("The outbox is empty.")
        return 0
    table = Table("id", "channel", "to", "what", "status", "why", box=None)
    for message in messages:
        what = textwrap.shorten(message.subject or message.body, 50, placeholder="...")
        cells = (str(message.id)[:8], message.channel, message.recipient, what, message.status, message.reason)
        table.add_row(*map(escape, cells))
    out.print(table)
    return 0


async def shown(settings: Settings, named: str, as_json: bool) -> int:
    """Show one message whole."""
    async with open_app(settings, "look") as app:
        try:
            message = await app.outbox.message(TENANT, named)
        except ProgramError as error:
            raise CommandError(str(error)) from None
    if as_json:
        print_json(told(message))
        return 0
    for name, value in told(message).items():
        if name != "body" and value not in (None, "", {}, 0):
            out.print(f"[bold]{name}[/bold]: {escape(str(value))}")
    out.print("\n" + escape(message.body))
    return 0


async def sent(settings: Settings, named: str, as_json: bool) -> int:
    """Have a mail delivered now."""
    async with open_app(settings, "look") as app:
        try:
            message = await app.outbox.message(TENANT, named)
        except ProgramError as error:
            raise CommandError(str(error)) from None
        if not settings.smtp_url:
            raise CommandError("No mail server is configured: set BOTMCP_SMTP_URL.")
        if not message.recipient or not await app.outbox.send(TENANT, message.id, app.now()):
            raise CommandError(f"This {message.channel} message is {message.status} and cannot be sent as mail.")
    if as_json:
        print_json({"id": str(message.id), "status": "sending"})
    else:
        out.print(f"It goes out to {escape(message.recipient)} within seconds, while botmcp runs.")
    return 0


def told(message: Message) -> dict[str, Any]:
    """A message as plain JSON."""
    return {
        "id": str(message.id),
        "channel": message.channel,
        "to": message.recipient,
        "subject": message.subject,
        "body": message.body,
        "details": message.details,
        "status": message.status,
        "reason": message.reason,
        "attempts": message.attempts,
        "created_at": message.created_at.isoformat(),
        "sent_at": message.sent_at.isoformat() if message.sent_at else None,
        "execution_id": str(message.execution_id),
    }
