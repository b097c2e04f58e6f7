"""What `check` tells about a program: a place, a sentence, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One finding; line and column count from 1."""

    line: int
    column: int
    severity: Literal["error", "warning"]
    message: str
    fix: str = ""

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message} {self.fix}".rstrip()


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each finding once, in the order of the text, an error before a warning of the same place."""
    return tuple(sorted(set(diagnostics)))
