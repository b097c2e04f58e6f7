"""Which events the dialogs of the packages publish: what a wait may hope for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable

from hostbridge.packages import Packages
from keywords.mistakes import LimitReached, WrongValue

FRESH_SECONDS = 10.0
_PUBLISHED = re.compile(r'\bPUBLISH[ _]EVENT\s+"([^"\n]{1,200})"(\s*[+&])?', re.IGNORECASE)
_WAITED = re.compile(r"\bWAIT[ _]FOR\b", re.IGNORECASE)


def waits(text: str) -> bool:
    """Whether a program waits for events at all."""
    return "WAIT" in text.upper() and _WAITED.search(text) is not None  # the pattern alone takes far longer


class PublishedEvents:
    """Reads the dialogs again when what it knows is older than some seconds."""

    def __init__(self, packages: Packages, clock: Callable[[], float] = time.monotonic) -> None:
        self._packages, self._clock = packages, clock
        self._known: tuple[float, frozenset[str]] | None = None

    def of(self, text: str, more: Iterable[str] = ()) -> frozenset[str] | None:
        """The names of all events that are published; None where the text waits for none, so that nobody looks."""
        if not waits(text):
            return None
        if self._known is None or self._clock() - self._known[0] > FRESH_SECONDS:
            self._known = self._clock(), frozenset(self._read())
        return self._known[1] | frozenset(more)

    def _read(self) -> Iterable[str]:
        for package in map(self._packages.find, self._packages.names()):
            for dialog in package.dialogs.values() if package else ():
                try:
                    text = dialog.text()
                except (LimitReached, WrongValue, OSError):
                    continue
                yield from (found[1] for found in _PUBLISHED.finditer(text) if not found[2])
