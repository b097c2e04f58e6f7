"""Signatures of Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature (v1, HMAC-SHA256 in base64)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from keywords.mistakes import Refused

PREFIX = "whsec_"
TOLERANCE = 300  # seconds that a message may be old, or a clock ahead


def signed(secret: str, id_: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a message."""
    stamp = str(int(now.timestamp()))
    return {
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_sign(secret, id_, stamp, body)}",
    }


def verified(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The message's id, which names it: sent again, it has the same. Raises Refused for what we did not agree upon."""
    id_, stamp, signatures = (headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not id_ or not stamp.isdecimal() or len(stamp) > 12:
        raise Refused("This message is not signed: webhook-id, webhook-timestamp and webhook-signature are needed.")
    if abs(int(stamp) - now.timestamp()) > TOLERANCE:
        raise Refused("The time of this message is more than five minutes off.")
    wanted = _sign(secret, id_, stamp, body).encode()
    for one in signatures.split():
        version, _, given = one.partition(",")
        if version == "v1" and hmac.compare_digest(given.encode(), wanted):
            return id_
    raise Refused("The signature of this message does not fit.")


def _sign(secret: str, id_: str, stamp: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("The secret for signatures is not base64.") from None
    return base64.b64encode(hmac.new(key, f"{id_}.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
