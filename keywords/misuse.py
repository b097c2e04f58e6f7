"""What the compiler refuses although the line was understood."""

from __future__ import annotations

from keywords.mistakes import ProgramError
from keywords.tree import Span


class Misuse(ProgramError):
    """An expression that says something impossible; `span` is where."""

    def __init__(self, message: str, fix: str, span: Span) -> None:
        super().__init__(message)
        self.fix = fix
        self.span = span
