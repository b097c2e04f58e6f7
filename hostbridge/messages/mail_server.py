"""Where mail goes out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes out: smtp://user:password@host:587?from=bot@example.com, smtps:// for TLS from the start."""

    host: str
    port: int
    user: str
    password: str
    sender: str
    tls: bool

    @staticmethod
    def read(url: str) -> MailServer:
        """From the setting; raises ValueError that says what is missing."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("smtp://user:password@host:587?from=bot@example.com is expected")
        tls = parts.scheme == "smtps"
        user = unquote(parts.username or "")
        sender = (parse_qs(parts.query).get("from") or [user])[0]
        if "@" not in sender:
            raise ValueError("?from=bot@example.com must say who sends")
        port = parts.port or (465 if tls else 587)
        return MailServer(parts.hostname, port, user, unquote(parts.password or ""), sender, tls)
