"""What can go wrong with a program, said so that its author can act on it.

    ProgramError                 the program, its input or the world it asked for is at fault
      SyntaxMistake              a line that is not BASIC
      UnknownName                a keyword, bot, function or parameter that does not exist; says the near miss
      WrongValue                 a value of the wrong type, size or shape
      LimitReached               a stated limit: nesting, size, turns of a loop, fuel
      Refused                    not allowed: by policy, by a person, as things stand
        Forbidden                not allowed to whoever asks
      BadAnswer                  another server answered with an error, or with what it should not
      TimedOut                   a wait, an approval or a call that nobody answered
    Transient                    the world did not answer this time; tried again, in the end a ProgramError

Faults of botmcp itself are ordinary exceptions and never a ProgramError.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches


class ProgramError(Exception):
    """A fault that is told to the author; `str()` of it is the sentence he reads, without the place."""

    kind = "error"


class SyntaxMistake(ProgramError):
    kind = "syntax"


class WrongValue(ProgramError):
    kind = "value"


class LimitReached(ProgramError):
    kind = "limit"


class Refused(ProgramError):
    kind = "refused"


class Forbidden(Refused):
    """Not allowed to whoever asks, however it stands."""

    kind = "forbidden"


class BadAnswer(ProgramError):
    """Another server answered with an error, or with what it should not."""

    kind = "http"


class TimedOut(ProgramError):
    kind = "timeout"


class UnknownName(ProgramError):
    """A name nobody knows, with the closest known one."""

    kind = "unknown"

    def __init__(self, what: str, name: str, known: Iterable[str], otherwise: str) -> None:
        self.what, self.name = what, name
        names = {k.casefold(): k for k in known}
        near = get_close_matches(name.casefold(), names, n=1, cutoff=0.6)
        hint = f"Did you mean {names[near[0]]}?" if near else otherwise
        self.near = names[near[0]] if near else ""
        super().__init__(f"There is no {what} {name}. {hint}")


class Transient(Exception):
    """A fault that may pass: the engine calls again with the same call id, `after` seconds at the earliest."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True, slots=True)
class Mistake:
    """A ProgramError with its place: what is journalled, stored as an execution's error and shown to people."""

    kind: str
    message: str
    line: int | None = None
    column: int | None = None
    keyword: str | None = None
    attempt: int = 1

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.message}" if self.line else self.message

    def at(self, line: int, column: int) -> Mistake:
        return replace(self, line=line, column=column)

    @classmethod
    def of(
        cls, error: Exception, line: int | None = None, column: int | None = None, keyword: str | None = None
    ) -> Mistake:
        """The mistake that an exception stands for."""
        return cls(getattr(error, "kind", "error"), str(error), line, column, keyword)
