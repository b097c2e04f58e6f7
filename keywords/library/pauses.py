"""DELAY and WAIT: let time pass without a worker."""

from __future__ import annotations

from datetime import timedelta

from keywords.host import Answer, Host, Moment, Value, Wait
from keywords.library import limits
from keywords.registry import Effect, Keyword, keyword

LONGEST_WAIT = 300.0  # seconds; the host's own limit of WAIT


def passed(moment: Moment, arguments: object, answer: Answer) -> Value:
    """A pause answers nothing."""
    return None


@keyword("DELAY {seconds}", effect=Effect.WAIT, example="DELAY 3600", group="time", value=False, resume=passed)
async def delay(host: Host, seconds: float) -> Wait | None:
    """Pause the workflow for a number of seconds; it may be days, and costs nothing while it lasts."""
    return _pause(host, limits.seconds("DELAY", seconds))


def wait(longest: float = LONGEST_WAIT) -> Keyword:
    """The keyword WAIT, which ends after `longest` seconds whatever it was given."""

    @keyword("WAIT {seconds}", effect=Effect.WAIT, example="WAIT 2", group="time", value=False, resume=passed)
    async def wait_seconds(host: Host, seconds: float) -> Wait | None:
        """Pause the dialog for a number of seconds, at most 300; use DELAY to wait for longer."""
        return _pause(host, min(limits.seconds("WAIT", seconds), timedelta(seconds=longest)))

    return wait_seconds


def _pause(host: Host, time: timedelta) -> Wait | None:
    if not time:
        return None
    end = host.now + time
    return Wait(end, reason=f"the end of a pause at {end:%Y-%m-%d %H:%M:%S} UTC")
