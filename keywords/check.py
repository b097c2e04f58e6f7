"""Everything that can be said about a program without running it."""

from __future__ import annotations

from collections.abc import Collection

from keywords.compile import told_of
from keywords.diagnostics import Diagnostic, ordered
from keywords.registry import Registry


def check(text: str, registry: Registry, known_bots: Collection[str] | None = None) -> tuple[Diagnostic, ...]:
    """The errors and warnings of a program, in the order of its lines; never raises, whatever the text is."""
    return ordered(told_of(text, registry, known_bots))
