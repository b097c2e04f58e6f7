"""The table of built-in functions, by every name they are called by."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from keywords import (
    functions_export,
    functions_format,
    functions_list,
    functions_number,
    functions_rows,
    functions_text,
    functions_time,
)
from keywords.function import Function
from keywords.mistakes import UnknownName

__all__ = ["FUNCTIONS", "Function", "NotAFunction"]

_ROOMS = (
    functions_text,
    functions_number,
    functions_list,
    functions_rows,
    functions_time,
    functions_format,
    functions_export,
)
FUNCTIONS: Mapping[str, Function] = {
    name: function for module in _ROOMS for function in module.TABLE for name in (function.name, *function.aliases)
}


class NotAFunction(UnknownName):
    """A call of something that is neither built in nor the program's own; `misspelt` when it nearly is."""

    def __init__(self, name: str, procedures: list[str]) -> None:
        known = [*(name for name in FUNCTIONS if not name.startswith("~")), *procedures]
        self.misspelt = bool(get_close_matches(name.upper(), [k.upper() for k in known], n=1, cutoff=0.8))
        super().__init__("function", name, known, "Define it with FUNCTION, or see the reference for what there is.")
