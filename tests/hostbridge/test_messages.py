"""Mail and messages: written with the run, delivered by a real SMTP server on loopback, or kept for their owner."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from hostbridge.files.drive import Drive
from hostbridge.files.service import PackageFiles
from hostbridge.messages.mail_server import MailServer
from hostbridge.messages.outbox import Message
from hostbridge.messages.relay import Relay
from keywords.host import Identity
from mcp_server.app import TENANT
from mcp_server.cli import outbox as command
from storage.outgoing import Outgoing
from storage.pool import Pool
from tests.hostbridge.driver import NOW
from tests.hostbridge.stage import Stage, product
from tests.workflow.kit import rows

FILES = {
    "shop.gbai/main.bas": "RETURN 1",
    "shop.gbai/shop.gbdrive/offer.txt": "our offer",
    "shop.gbai/shop.gbdrive/templates/welcome.html": "<p>Hello {{name}}</p>",
}


@dataclass
class Post:
    """What arrived; what it says to the next mails."""

    arrived: list[EmailMessage] = field(default_factory=list[EmailMessage])
    answers: list[str] = field(default_factory=list[str])

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.arrived.append(mail)
        return answer

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def server(post: Post) -> Iterator[MailServer]:
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield MailServer("127.0.0.1", controller.port, "", "", "bot@example.com", tls=False)
    controller.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
async def stage(database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with product(database, tmp_path, FILES) as opened:
        yield opened


@pytest.fixture
def relay(stage: Stage, pool: Pool, server: MailServer) -> Relay:
    """One that the test drives; the product's own has no server and keeps mail."""
    return Relay(pool, server, drive_of(stage), stage.app.now)


def drive_of(stage: Stage) -> Callable[[Identity], Drive]:
    return PackageFiles(stage.app.packages, stage.home, Outgoing).drive


async def due(pool: Pool) -> None:
    await rows(pool, b"update bot_messages set due_at = now() where channel = 'mail' and status <> 'sent' returning 1")


async def only(stage: Stage) -> Message:
    (message,) = await stage.app.outbox.messages(TENANT)
    return message


async def test_a_mail_goes_out_once_with_its_attachment(stage: Stage, pool: Pool, relay: Relay, post: Post) -> None:
    source = 'SEND MAIL "Ana <ana@example.com>, bo@example.com", "Your offer", "Hello Ana,\nhere it is.", "offer.txt"'
    await stage.result(source, "shop")
    await due(pool)
    assert (await relay.deliver(), await relay.deliver()) == (1, 0)
    (mail,) = post.arrived
    message = await only(stage)
    assert (mail["Subject"], mail["From"]) == ("Your offer", "bot@example.com")
    assert mail["To"] == "Ana <ana@example.com>, bo@example.com" and str(message.id) in mail["Message-ID"]
    body = mail.get_body()
    assert body is not None and body.get_content().splitlines() == ["Hello Ana,", "here it is."]
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content().strip()) == ("offer.txt", "our offer")
    assert (message.status, message.attempts) == ("sent", 1)


@pytest.mark.parametrize(
    "line",
    [
        'SEND EMAIL "ana@example.com", "Hi", "text"',
        'SEND EMAIL TO "ana@example.com" SUBJECT "Hi" BODY "text"',
        'BEGIN MAIL "ana@example.com"\nSubject: Hi\ntext\nEND MAIL',
        'SEND MAIL ["ana@example.com"], "Hi", "text" USING "office"',
    ],
)
async def test_each_way_to_write_a_mail_is_one(stage: Stage, line: str) -> None:
    await stage.result(line)
    message = await only(stage)
    assert (message.channel, message.recipient, message.subject) == ("mail", "ana@example.com", "Hi")
    assert message.body.strip() == "text"


async def test_a_template_is_filled(stage: Stage, pool: Pool, relay: Relay, post: Post) -> None:
    await stage.result('SEND TEMPLATE "welcome", "email", "ana@example.com", {name: "Ana"}', "shop")
    await due(pool)
    await relay.deliver()
    body = post.arrived[0].get_body()
    assert body is not None and body.get_content_type() == "text/html" and "Hello Ana" in body.get_content()


async def test_without_a_server_mail_is_kept_and_says_why(stage: Stage, pool: Pool, capsys: Any) -> None:
    await stage.result('SEND MAIL "ana@example.com", "Hi", "text"')
    while (message := await only(stage)).reason != "no mail server is configured":
        await asyncio.sleep(0.02)
    assert message.status == "kept"
    await command.listed(stage.app.settings, "", 10, as_json=True)
    said = capsys.readouterr().out
    (told,) = json.loads(said[said.index("[\n") :])
    assert (told["to"], told["status"], told["reason"]) == ("ana@example.com", "kept", "no mail server is configured")


@pytest.mark.parametrize(
    ("line", "channel", "recipient"),
    [
        ('SEND SMS "+15550100", "Your code"', "sms", "+15550100"),
        ('TALK TO "whatsapp:15550100", "Hello"', "whatsapp", "15550100"),
        ('SEND TO "telegram:ana", "Hello"', "telegram", "ana"),
        ('POST TO instagram "pic.png", "Spring sale"', "social", "instagram"),
        ('CREATE TASK "Call back", "high", "ana"', "task", ""),
        ('SEND FILE TO "ana@example.com", "offer.txt"', "mail", "ana@example.com"),
    ],
)
async def test_what_needs_an_account_is_kept(stage: Stage, line: str, channel: str, recipient: str) -> None:
    answer = await stage.result(f"RETURN {line}" if not line.startswith("TALK") else line)
    message = await only(stage)
    assert (message.channel, message.recipient) == (channel, recipient)
    assert answer in (str(message.id), None)
    if channel != "mail":
        assert (message.status, message.reason) == ("kept", "botmcp has no way to deliver this by itself")


async def test_a_draft_waits_until_its_owner_sends_it(stage: Stage, relay: Relay, post: Post) -> None:
    await stage.result('CREATE DRAFT "ana@example.com", "Offer", "text"')
    draft = await only(stage)
    assert draft.status == "draft" and await relay.deliver() == 0
    assert await stage.app.outbox.send(TENANT, draft.id, NOW - timedelta(days=365))
    await relay.deliver()
    assert [mail["Subject"] for mail in post.arrived] == ["Offer"]


async def test_a_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not(
    stage: Stage, pool: Pool, relay: Relay, post: Post
) -> None:
    post.answers = ["451 come back later", "250 OK"]
    await stage.result('SEND MAIL "ana@example.com", "Hi", "text"')
    await due(pool)
    await relay.deliver()
    later = await only(stage)
    assert (later.status, later.attempts) == ("kept", 1) and "451" in later.reason
    await due(pool)
    await relay.deliver()
    assert (await only(stage)).status == "sent" and len(post.arrived) == 1
    await stage.result('SEND MAIL "nobody@example.com", "Hi", "text"')
    await due(pool)
    await relay.deliver()
    failed = await stage.app.outbox.messages(TENANT, "failed")
    assert [message.recipient for message in failed] == ["nobody@example.com"] and "550" in failed[0].reason


async def test_a_missing_attachment_fails_the_mail_and_not_the_relay(stage: Stage, pool: Pool, relay: Relay) -> None:
    await stage.result('SEND MAIL "ana@example.com", "Hi", "text", "../main.bas"', "shop")
    await due(pool)
    await relay.deliver()
    message = await only(stage)
    assert message.status == "failed" and "leads out of the bot's folder" in message.reason


async def test_two_relays_deliver_each_mail_once(stage: Stage, pool: Pool, server: MailServer, post: Post) -> None:
    await stage.result('FOR i = 1 TO 30\nSEND MAIL "ana@example.com", "n" + i, "text"\nNEXT')
    await due(pool)
    relays = [Relay(pool, server, drive_of(stage), stage.app.now) for _ in range(2)]

    async def empty(each: Relay) -> None:
        while await each.deliver():
            pass

    await asyncio.gather(*map(empty, relays))
    assert sorted(str(mail["Subject"]) for mail in post.arrived) == sorted(f"n{n}" for n in range(1, 31))


@pytest.mark.parametrize(
    "to", ["ana", "", "a@b", "ana@example.com\nbcc: evil@example.com", "<ana@example.com", "a b@c.de"]
)
async def test_what_is_no_address_is_refused(stage: Stage, pool: Pool, to: str) -> None:
    said = await stage.error(f'to = {json.dumps(to)}\nSEND MAIL to, "Hi", "text"')
    assert "mail" in said
    assert await rows(pool, b"select * from bot_messages") == []


async def test_a_subject_begins_no_other_header(stage: Stage, pool: Pool, relay: Relay, post: Post) -> None:
    await stage.result('SEND MAIL "ana@example.com", "Hi\nBcc: evil@example.com", "text"')
    await due(pool)
    await relay.deliver()
    assert post.arrived[0]["Bcc"] is None and post.arrived[0]["Subject"] == "Hi Bcc: evil@example.com"


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://host", "smtp://user:p@host"])
def test_an_address_of_a_mail_server_says_what_it_lacks(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp://user|\?from="):
        MailServer.read(url)
