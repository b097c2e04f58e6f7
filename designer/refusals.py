"""Why a gesture or a change of a draft is not made.

NotHere      it cannot be done so; the sentence says what can
Gone         what it names is not there any more
Conflict     somebody else has changed the same lines; holds the draft as it stands now
Stale        the whole text was to be replaced, and it is another one by now
"""

from __future__ import annotations

from typing import Any

from keywords.mistakes import ProgramError


class NotHere(ProgramError):
    kind = "value"


class Gone(ProgramError):
    kind = "conflict"


class Conflict(ProgramError):
    """`now` is the draft as it stands, `mine` the text that whoever asked wanted to write."""

    kind = "conflict"

    def __init__(self, message: str, now: Any = None, mine: str = "") -> None:
        super().__init__(message)
        self.now, self.mine = now, mine


class Stale(Conflict):
    pass
