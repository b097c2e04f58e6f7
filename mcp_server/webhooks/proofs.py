"""How callers of a webhook prove that they know its secret; each in the way of those who send such messages. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from keywords.mistakes import Refused
from workflow.events.signing import PREFIX, verified

HASHED = ("x-hub-signature-256", "x-signature-256", "x-hook-signature")
PLAIN = ("x-webhook-secret", "x-webhook-token", "x-gitlab-token", "x-telegram-bot-api-secret-token")


def proved(secret: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether the request was made by somebody who knows the secret.

    A Standard Webhooks signature (with a secret `whsec_...`), the SHA-256 of the body under the secret, or the secret
    itself in a header or as `?secret=`. A bearer's token is none of these: the door of the server reads it.
    """
    if not secret:
        return False
    if secret.startswith(PREFIX) and "webhook-signature" in headers:
        try:
            return bool(verified(secret, headers, body, now))
        except Refused:
            return False
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    for name in HASHED:
        if name in headers:
            return _same(headers[name].removeprefix("sha256="), digest)
    said = [headers[name] for name in PLAIN if name in headers]
    said += [query["secret"]] if "secret" in query else []
    return any(_same(one, secret) for one in said)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def name_of(headers: Mapping[str, str]) -> str:
    """The name that the sender gives this message: sent again, it has the same. "" where it gives none."""
    for name in ("idempotency-key", "webhook-id", "x-github-delivery", "x-event-id"):
        if value := headers.get(name, "").strip():
            return f"{name}:{value[:150]}"
    return ""
