"""Who may send us what: the headers of every answer, and the proof that a form came from a page of ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request

FORM_SECONDS = 24 * 3600
TOKEN_HEADER = "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def headers(framed_by: tuple[str, ...] = ()) -> dict[str, str]:
    """Of every page: nothing inline, nothing from elsewhere, framed by nobody but those named."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors " + (" ".join(framed_by) if framed_by else "'none'")
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cache-Control": "no-store",
    }


def same_origin(request: Request) -> bool:
    """Whether a page of this very server sent it, as far as the browser says; other programs say nothing."""
    origin = request.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.url.netloc
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Signs what a page's forms carry: known to whoever could read the page, and to no other site."""

    secret: bytes

    def made(self, subject: str, now: datetime) -> str:
        """A token for this person's forms; another one each time, so that compression tells nothing of it."""
        text = f"{int(now.timestamp()) + FORM_SECONDS}-{secrets.token_hex(8)}"
        return f"{text}.{self._sign(subject, text)}"

    def holds(self, token: str, subject: str, now: datetime) -> bool:
        text, _, sign = token.partition(".")
        until = text.partition("-")[0]
        if not hmac.compare_digest(sign.encode(), self._sign(subject, text).encode()):
            return False
        return until.isdecimal() and int(until) > now.timestamp()

    def _sign(self, subject: str, text: str) -> str:
        return hmac.new(self.secret, f"designer:{subject}:{text}".encode(), hashlib.sha256).hexdigest()
