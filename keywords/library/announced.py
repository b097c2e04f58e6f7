"""Keywords that are understood and not yet carried out.

A package that uses them parses, compiles and can be checked and run up to the line where one of them would act; there
it fails with a sentence that says so. What they are and how they are written is declared here for good: the release
that carries one out replaces the row by a function with the same forms.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from keywords.host import Value
from keywords.mistakes import ProgramError
from keywords.registry import Effect, Form, Keyword, form


class NotYet(ProgramError):
    """A keyword of the language that this release does not carry out."""

    kind = "unavailable"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is understood but not yet carried out by this release. "
            f"Leave the line out, or let a plugin or a bot do it."
        )


def announced(
    *syntaxes: str,
    group: str,
    effect: Effect,
    summary: str,
    example: str,
    name: str = "",
    value: bool = True,
) -> Keyword:
    """A keyword that fails with NotYet where it is run; its parameters are the slots of its forms."""
    forms = tuple(form(syntax) for syntax in syntaxes)
    known = name or forms[0].words
    return Keyword(known, forms, effect, _refusal(known, forms, effect), summary, example, group, value)


def is_announced(keyword: Keyword) -> bool:
    """Whether this release leaves the keyword undone."""
    return getattr(keyword.call, "announced", False)


def _refusal(name: str, forms: tuple[Form, ...], effect: Effect) -> Callable[..., Any]:
    def refuse(moment: object, **arguments: Value) -> Value:
        raise NotYet(name)

    async def refuse_later(host: object, **arguments: Value) -> Value:
        raise NotYet(name)

    call: Any = refuse if effect in (Effect.PURE, Effect.RECORD) else refuse_later
    first = inspect.Parameter("host", inspect.Parameter.POSITIONAL_ONLY)
    slots = dict.fromkeys(slot.name for each in forms for slot in each.slots)
    rest = [inspect.Parameter(slot, inspect.Parameter.KEYWORD_ONLY, default=None) for slot in slots]
    call.__signature__ = inspect.Signature([first, *rest])
    call.announced = True
    return call
