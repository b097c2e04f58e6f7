"""What the words of events accept: keys, times, addresses; refused before anything is queued for a commit."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from keywords.host import Value
from keywords.library import limits
from keywords.mistakes import ProgramError, WrongValue
from keywords.operators import read_date
from keywords.values import text

DEDUPE_KEY = 300  # characters
ADDRESS = 2_000
SECRET = "whsec_"


def event_key(value: Value) -> str:
    """The key whose events keep their order; "" for none."""
    return "" if value is None else limits.name_of("an event's KEY", _as_text(value))


def dedupe_key(value: Value) -> str:
    """The key that makes an event happen once."""
    if value is None:
        raise WrongValue("DEDUPE of PUBLISH EVENT needs a key, not NULL.")
    return limits.name_of("DEDUPE", _as_text(value), most=DEDUPE_KEY)


def _as_text(value: Value) -> Value:
    return text(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def moment_of(what: str, value: Value, now: datetime) -> datetime:
    """A point in time: a date, text that is one, or so many seconds since 1970; without a zone it is UTC."""
    found: Value = value
    try:
        if isinstance(value, str):
            found = read_date(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        elif isinstance(value, timedelta):
            found = now + value
    except (ProgramError, ValueError, OverflowError, OSError):
        found = None
    if isinstance(found, date) and not isinstance(found, datetime):
        found = datetime.combine(found, time(), UTC)
    if not isinstance(found, datetime):
        raise WrongValue(f'{what} needs a time such as "2026-12-31 08:00", not {limits.shown(value)}.')
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def web_address(value: Value) -> str:
    """An http or https address, without a user's name in it."""
    if isinstance(value, str) and len(value) <= ADDRESS and value.isprintable() and " " not in value.strip():
        try:
            parts = urlsplit(value.strip())
            if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and parts.port != 0:
                return value.strip()
        except ValueError:
            pass
    raise WrongValue(f"A webhook needs an address such as https://example.com/hook, not {limits.shown(value)}.")


def signing_secret(value: Value) -> str | None:
    """A secret of Standard Webhooks, `whsec_` and 24 to 64 bytes in base64; None: one is made."""
    if value is None:
        return None
    if isinstance(value, str):
        try:
            if 24 <= len(base64.b64decode(value.removeprefix(SECRET), validate=True)) <= 64:
                return SECRET + value.removeprefix(SECRET)
        except (binascii.Error, ValueError):
            pass
    raise WrongValue("SECRET of a webhook is whsec_ and 24 to 64 bytes in base64. Leave it out to have one made.")
