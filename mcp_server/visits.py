"""Whether somebody is at the pages: a server that goes when it is not needed stays while somebody is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LATELY = 900.0  # seconds for which a person may read what a page shows


class Visits:
    """Counts the requests under way, an open stream among them, and remembers when the last one ended."""

    def __init__(self) -> None:
        self._open = 0
        self._last: float | None = None

    def lately(self, now: float) -> bool:
        """Whether a request is under way, or was a moment ago."""
        return self._open > 0 or (self._last is not None and now - self._last < LATELY)

    def counted(self, pages: ASGIApp, clock: Callable[[], float]) -> ASGIApp:
        """The pages, their requests counted; `clock` is the event loop's."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not scope["path"].startswith("/designer"):
                await pages(scope, receive, send)
                return
            self._open += 1
            try:
                await pages(scope, receive, send)
            finally:
                self._open -= 1
                self._last = clock()

        return app
