"""Delivers mail from the outbox over SMTP: after the commit, with retries, once as far as mail can know.

A mail carries the id of its row as Message-ID, so that one sent again after a crash between "sent" and "noted" is
recognised as the same by mail servers and readers.
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate, getaddresses
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from hostbridge.files import formats
from hostbridge.files.drive import Drive
from hostbridge.files.service import template_of
from hostbridge.messages.mail_server import MailServer
from hostbridge.messages.outbox import SQL
from keywords.host import Identity
from keywords.mistakes import ProgramError

log = structlog.get_logger()

LOOK = 5.0  # seconds between two looks when nobody says that there is mail
AT_ONCE = 20
SECONDS = 60.0  # for one delivery
PAUSES = (30, 120, 600, 3_600, 14_400)  # seconds before the next try; then it has failed
HEAVIEST = 25 * 1_048_576  # bytes of all attachments


class Relay:
    """Delivers until cancelled. Any number may share an outbox."""

    def __init__(
        self,
        pool: AsyncConnectionPool[AsyncConnection],
        server: MailServer | None,
        drive: Callable[[Identity], Drive],
        clock: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._server = server
        self._drive = drive
        self._clock = clock
        self._wanted = asyncio.Event()

    def look(self) -> None:
        """There may be mail."""
        self._wanted.set()

    async def run(self) -> None:
        while True:
            self._wanted.clear()
            try:
                while await self.deliver():
                    pass
            except (psycopg.Error, PoolTimeout, OSError) as error:
                log.warning("mail.not_looked", error=str(error).strip())
            try:
                await asyncio.wait_for(self._wanted.wait(), LOOK)
            except TimeoutError:
                continue

    async def deliver(self) -> int:
        """Deliver what is due; how many were taken up."""
        if self._server is None:
            await self._note("kept_without_server", {})
            return 0
        async with self._pool.connection() as connection:
            given = {"now": self._clock(), "most": AT_ONCE}
            rows = await (await connection.execute(SQL["take_due"], given)).fetchall()
        await asyncio.gather(*(self._one(self._server, *row) for row in rows))
        return len(rows)

    async def _one(
        self, server: MailServer, id_: UUID, tenant: UUID, execution: UUID, bot: UUID, origin: str, to: str, title: str,
        body: str, details: Mapping[str, Any], attempts: int,
    ) -> None:  # fmt: skip
        try:
            drive = self._drive(Identity(tenant, execution, bot, origin, origin))
            mail = await asyncio.to_thread(_composed, server, id_, to, title, body, details, drive, self._clock())
            refused = await _sent(server, mail)
        except ProgramError as error:  # an attachment or a template is not there
            await self._note("put_off", {"id": id_, "status": "failed", "reason": str(error), "due": None})
        except Exception as error:  # noqa: BLE001 - whatever keeps mail from going out, it is tried again
            await self._again(id_, attempts, f"{type(error).__name__}: {error}")
        else:
            if refused:
                given = {"id": id_, "status": "failed", "reason": refused, "due": None}
                await self._note("put_off", given)
            else:
                log.info("mail.sent", message=str(id_))
                await self._note("delivered", {"id": id_})

    async def _again(self, id_: UUID, attempts: int, reason: str) -> None:
        due = self._clock() + timedelta(seconds=PAUSES[attempts - 1]) if attempts <= len(PAUSES) else None
        log.warning("mail.put_off", message=str(id_), attempts=attempts, reason=reason)
        status = "kept" if due else "failed"
        await self._note("put_off", {"id": id_, "status": status, "reason": reason.replace("\0", ""), "due": due})

    async def _note(self, statement: str, given: Mapping[str, Any]) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(SQL[statement], {"now": self._clock(), **given})


def _composed(
    server: MailServer,
    id_: UUID,
    to: str,
    title: str,
    body: str,
    details: Mapping[str, Any],
    drive: Drive,
    now: datetime,
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = server.sender
    mail["To"] = to
    mail["Date"] = formatdate(now.timestamp())
    mail["Message-ID"] = f"<{id_}@{server.sender.rpartition('@')[2]}>"
    html = body.lstrip().casefold().startswith(("<html", "<!doctype", "<p", "<h1", "<div", "<table"))
    if name := details.get("template"):
        found = template_of(drive, str(name))
        if found is not None:
            path, content = found
            html = path.endswith((".html", ".htm"))
            body = formats.filled(formats.decoded(content, path), formats.values_of(details.get("variables") or {}))
    mail["Subject"] = title or "(no subject)"
    mail.set_content(body, subtype="html" if html else "plain")
    weight = 0
    for path in details.get("attachments") or ():
        content = drive.content(str(path))
        weight += len(content)
        if weight > HEAVIEST:
            raise TooHeavy(f"The attachments are larger than {HEAVIEST >> 20} MB.")
        kind = mimetypes.guess_type(str(path))[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=str(path).rpartition("/")[2])
    return mail


class TooHeavy(ProgramError):
    """More is attached than mail carries."""

    kind = "limit"


async def _sent(server: MailServer, mail: EmailMessage) -> str:
    """Hand the mail to the server; why it was refused for good, or nothing."""
    import aiosmtplib

    recipients = [address for _, address in getaddresses([mail["To"]])]
    try:
        await aiosmtplib.send(
            mail,
            sender=getaddresses([server.sender])[0][1],
            recipients=recipients,
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.tls,
            start_tls=None if not server.tls else False,
            timeout=SECONDS,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        return "; ".join(f"{one.recipient}: {one.code} {one.message}" for one in error.recipients)
    except aiosmtplib.SMTPResponseException as error:
        if 500 <= error.code < 600 and not isinstance(error, aiosmtplib.SMTPAuthenticationError):
            return f"{error.code} {error.message}"
        raise
    return ""
