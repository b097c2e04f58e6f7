"""WAIT 3000: pauses are counted in seconds, and some programs were written in milliseconds."""

from __future__ import annotations

from keywords.evaluate import Node

LONG = 300  # seconds; WAIT ends there


def perhaps_milliseconds(keyword: str, seconds: Node | None) -> tuple[str, str] | None:
    """What to tell of a pause whose constant looks like milliseconds, and what to do; None when it does not."""
    amount = seconds[1] if seconds is not None and seconds[0] == "k" else None
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= LONG:
        return None
    message = f"{keyword} counts seconds; {amount} were perhaps meant as milliseconds."
    if keyword == "WAIT" and amount % 100 == 0:
        return message, f"Write WAIT {amount / 1000:g}, or DELAY {amount}: WAIT ends after {LONG} seconds."
    if keyword == "DELAY" and amount % 1000 == 0 and amount % 3600:
        return message, f"Write DELAY {amount // 1000} for {amount // 1000} seconds."
    return None
