"""Everything that can be said about a program without running it."""

from __future__ import annotations

from collections.abc import Collection

from keywords.advice import advised
from keywords.compile import told_of
from keywords.diagnostics import Diagnostic, ordered
from keywords.registry import Registry


def check(
    text: str,
    registry: Registry,
    known_bots: Collection[str] | None = None,
    known_events: Collection[str] | None = None,
) -> tuple[Diagnostic, ...]:
    """The errors and warnings of a program, in the order of its lines; never raises, whatever the text is.

    With `known_bots` and `known_events`, bots that are not there and waits for what nobody publishes are told of.
    """
    return ordered((*told_of(text, registry, known_bots), *advised(text, registry, known_events)))
