"""Keywords that are understood and not yet carried out.

A package that uses them parses, compiles and can be checked and run up to the line where one of them would act; there
the General Bots server is asked, where one is set, and otherwise the line fails with a sentence that says so. What they
are and how they are written is declared here for good: the release that carries one out replaces the row by a function
with the same forms.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from keywords.host import Host, Recorded, Value
from keywords.mistakes import ProgramError
from keywords.registry import UNDONE, Effect, Form, Keyword, form
from keywords.values import List


class NotYet(ProgramError):
    """A keyword of the language that this release does not carry out."""

    kind = "unavailable"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} {UNDONE}")
        self.name = name


def announced(
    *syntaxes: str,
    group: str,
    effect: Effect,
    summary: str,
    example: str,
    name: str = "",
    value: bool = True,
) -> Keyword:
    """A keyword that fails with NotYet where it is run; its parameters are the slots of its forms.

    Where values are separated by commas, packages leave some out or add some: any number of them is understood.
    """
    loose = dict.fromkeys(form(syntax).words for syntax in syntaxes if "}, {" in syntax or "[, {" in syntax)
    forms = tuple(form(syntax) for syntax in (*syntaxes, *(f"{phrase} {{values:many}}" for phrase in loose)))
    known = name or forms[0].words
    return Keyword(known, forms, effect, _refusal(known, forms, effect), summary, example, group, value, announced=True)


def noted(*syntaxes: str, group: str, summary: str, example: str) -> Keyword:
    """A line that says when or where a script runs. Running the script by hand goes past it."""
    forms = tuple(form(syntax) for syntax in syntaxes)

    def pass_by(moment: object, **arguments: Value) -> Recorded:
        return Recorded()

    call = with_slots(pass_by, forms)
    return Keyword(forms[0].words, forms, Effect.RECORD, call, summary, example, group, value=False, announced=True)


def _refusal(name: str, forms: tuple[Form, ...], effect: Effect) -> Callable[..., Any]:
    def refuse(moment: object, **arguments: Value) -> Value:
        raise NotYet(name)

    async def refuse_later(host: Host, **arguments: Value) -> Value:
        if host.services.remote is None:
            raise NotYet(name)
        return await host.services.remote.keyword(host, name, _in_order(forms[0], arguments))

    call: Any = refuse if effect in (Effect.PURE, Effect.RECORD) else refuse_later
    return with_slots(call, forms)


def _in_order(form: Form, arguments: Mapping[str, Value]) -> list[Value]:
    """The values that were given, as many as the form has slots at most: what is more goes with the last."""
    said: list[Value] = []
    for name in dict.fromkeys((*(slot.name for slot in form.slots), *arguments)):
        value = arguments.get(name)
        said += value if isinstance(value, list) else [value]
    while said and said[-1] is None:
        said.pop()
    most = max(1, len(list(form.slots)))
    return said if len(said) <= most else [*said[: most - 1], List(said[most - 1 :])]


def with_slots(call: Any, forms: tuple[Form, ...]) -> Any:
    """The function, its parameters those of the forms."""
    first = inspect.Parameter("host", inspect.Parameter.POSITIONAL_ONLY)
    slots = dict.fromkeys(slot.name for each in forms for slot in each.slots)
    rest = [inspect.Parameter(slot, inspect.Parameter.KEYWORD_ONLY, default=None) for slot in slots]
    call.__signature__ = inspect.Signature([first, *rest])
    return call
