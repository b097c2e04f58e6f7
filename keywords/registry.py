"""The one table of keywords: what each is called, how it may be written, what it does and what it promises.

A keyword is data. Its forms give words only; parameters, types and defaults come once, from the signature of the
function behind it, for the parser, MCP, REST, the designer's form and the reference page.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any, TypeAlias

UNDONE = "is understood but not yet carried out by this release. Leave the line out, or let a plugin or a bot do it."


class Effect(StrEnum):
    """What a keyword does to the world, and therefore how the engine runs it (`docs/architecture.md`, "Effects")."""

    PURE = "pure"  # evaluated inside an expression; never leaves the machine
    READ = "read"  # asks a store; answered at once, journalled, asked again after a crash
    RECORD = "record"  # writes, and the answer is known beforehand; gathered and committed with the next outside verb
    TRANSACTION = "transaction"  # writes, and the commit itself decides the answer
    IDEMPOTENT = "idempotent"  # acts outside Postgres; called again after a crash with the same call id
    ONCE = "once"  # acts outside Postgres; never called twice, parked as in doubt after a crash
    WAIT = "wait"  # parks the execution until a timer, an event, a person or children answer


class Kind(StrEnum):
    """How the words of a slot are read."""

    VALUE = "value"  # a whole expression
    TIGHT = "tight"  # an expression that ends before an operator
    MANY = "many"  # comma-separated expressions
    CONDITION = "condition"  # left of a comparison a bare name is a column
    NAME = "name"  # one bare name, as text
    PAIRS = "pairs"  # `a = 1, b = 2` or `a AS 1, b AS 2`
    FIELDS = "fields"  # the same; a name alone stands for `name = name`
    COLUMNS = "columns"  # the same; what has no name is `#2 = value`, by its place in the slot
    TYPE = "type"  # the words of a type, as text
    ORDER = "order"  # columns with ASC or DESC, as text
    TEXT = "text"  # the rest of the line, as text
    FLAG = "flag"  # nothing: TRUE where the words of its clause are written
    STATEMENT = "statement"  # a statement (structure words only)


@dataclass(frozen=True, slots=True)
class Slot:
    name: str  # the parameter of the function that it fills
    kind: Kind = Kind.VALUE
    required: bool = True
    comma: bool = False  # only a comma separates it from the slot before it; else a blank will do


@dataclass(frozen=True, slots=True)
class Clause:
    """Words that open it (empty for what follows the phrase itself) and the slots that follow."""

    words: str
    slots: tuple[Slot, ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a keyword: `PUBLISH EVENT name [WITH data]`."""

    syntax: str
    words: str  # the phrase: "PUBLISH EVENT"
    clauses: tuple[Clause, ...]

    @property
    def slots(self) -> Iterator[Slot]:
        for clause in self.clauses:
            yield from clause.slots


@dataclass(frozen=True, slots=True)
class Deciding:
    """The other half of a RECORD keyword: called, with this effect, when one of these parameters is given."""

    when: frozenset[str]
    call: Callable[..., Any]
    effect: Effect = Effect.TRANSACTION


Checks: TypeAlias = Mapping[str, Callable[[Any], object]]  # by parameter; raises ProgramError for what cannot be taken
NO_CHECKS: Checks = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Keyword:
    """One row of the table; `call` is the function behind it (see `keywords/host.py` for what it may return)."""

    name: str
    forms: tuple[Form, ...]
    effect: Effect
    call: Callable[..., Any]
    summary: str
    example: str
    group: str
    value: bool = True  # may stand inside an expression; False: statement only
    tool: bool = False  # offered as an MCP tool of its own
    resume: Callable[..., Any] | None = None  # of a wait: turns the answer into the value, or waits again
    plugin: str = ""
    announced: bool = False  # understood, and not yet carried out by this release
    elsewhere: bool = False  # but by the General Bots server, which is set here
    palette: bool = False  # stands in the designer's palette
    function: str = ""  # the built-in function that it is another way to write: `FIRST rows` is FIRST(rows)
    deciding: Deciding | None = None  # of a RECORD keyword: what its forms are whose answer is not known beforehand
    checks: Checks = field(default_factory=lambda: NO_CHECKS, compare=False)  # of constants, before anything runs

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """The parameters a program fills, by name; the first, the context, is left out."""
        return _parameters(self.call)

    def given(self, arguments: Collection[str]) -> Keyword:
        """The keyword as a call with these arguments acts: IF VERSION makes a TRANSACTION of a plain SET BOT MEMORY."""
        if self.deciding is None or self.deciding.when.isdisjoint(arguments):
            return self
        return _decided(self)


@lru_cache(maxsize=256)
def _decided(keyword: Keyword) -> Keyword:
    assert keyword.deciding is not None
    return replace(keyword, effect=keyword.deciding.effect, call=keyword.deciding.call, deciding=None)


@lru_cache(maxsize=4096)
def _parameters(call: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return MappingProxyType(dict(list(inspect.signature(call).parameters.items())[1:]))


_NOTATION = re.compile(r"\{(\w+)(?::(\w+))?\}|(\[)|(\])|(,)|([^\s\[\]{},]+)")


def form(syntax: str) -> Form:
    """Read one form from its notation.

    Upper-case words are the phrase and the words of clauses, `{name}` or `{name:kind}` a slot, `[...]` an optional
    clause or slot: `form("PUBLISH EVENT {name} [WITH {data}]")`, `form("UPDATE {table:tight} SET {values:pairs}")`,
    `form("SORT {list:tight} BY {key} [DESC {descending:flag}]")`. In BASIC, slots side by side are separated by a blank
    or a comma; where the notation has a comma, only by a comma. The words up to the first slot or bracket are the
    phrase.
    """
    phrase: list[str] = []
    clauses: list[Clause] = []
    words: list[str] = []
    slots: list[Slot] = []
    brackets: list[bool] = []  # of each open bracket: does a clause begin in it?
    fresh = optional = apart = False  # just after `[`; the clause being read is optional; a comma has been read

    def close() -> None:
        nonlocal words, slots
        if words or slots:
            clauses.append(Clause(" ".join(words), tuple(slots), not optional))
        words, slots = [], []

    for name, kind, opening, closing, comma, word in _NOTATION.findall(syntax):
        if opening:
            fresh = True
            continue
        if closing:
            if brackets.pop():
                close()
                optional = False
        elif name:
            if fresh:
                brackets.append(False)
            elif clauses and not words:
                raise ValueError(
                    f"In {syntax}, {{{name}}} follows a bracket; put it before, or behind words of its own."
                )
            required = not brackets or brackets[-1]
            slots.append(Slot(name, Kind(kind or "value"), required, apart and bool(slots)))
            apart = False
        elif word:
            if fresh:
                brackets.append(True)
                close()
                optional = True
                words.append(word)
            elif slots:
                close()
                words.append(word)
            elif clauses or brackets:
                words.append(word)
            else:
                phrase.append(word)
        fresh, apart = bool(comma) and fresh, bool(comma) or (apart and bool(opening))
    close()
    return Form(syntax, " ".join(phrase), tuple(clauses))


class DuplicatePhrase(ValueError):
    """Two keywords claim one phrase; the start is refused."""

    def __init__(self, phrase: str, first: str, second: str) -> None:
        super().__init__(f"{first} and {second} both claim the phrase {phrase}. Rename one of them.")


def spelling(phrase: str) -> str:
    """The one spelling that all spellings of a phrase share: `GET_BOT_MEMORY` and `get bot memory` are one phrase."""
    return " ".join(phrase.upper().replace("_", " ").split())


@dataclass(slots=True, eq=False)
class Registry:
    """The table. Filled at start by `register`, read by everything; `version` changes with its content."""

    keywords: dict[str, Keyword] = field(default_factory=dict[str, Keyword])
    phrases: dict[str, Keyword] = field(default_factory=dict[str, Keyword])  # by spelling
    _version: str = ""

    def register(self, *keywords: Keyword) -> None:
        """Add keywords; raises DuplicatePhrase when a phrase is taken, and then adds none of them."""
        from keywords.structure import PHRASES as reserved

        names, phrases = dict(self.keywords), dict(self.phrases)
        for word in keywords:
            if word.name in names:
                raise DuplicatePhrase(word.name, word.name, word.name)
            for phrase in {spelling(f.words) for f in word.forms}:
                if phrase in reserved:
                    raise DuplicatePhrase(phrase, "The language itself", word.name)
                taken = phrases.get(phrase)
                if taken is not None and taken.name != word.name:
                    raise DuplicatePhrase(phrase, taken.name, word.name)
                phrases[phrase] = word
            names[word.name] = word
        self.keywords, self.phrases, self._version = names, phrases, ""

    def __getitem__(self, name: str) -> Keyword:
        return self.keywords[name]

    def __contains__(self, name: object) -> bool:
        return name in self.keywords

    def __iter__(self) -> Iterator[Keyword]:
        return iter(self.keywords.values())

    @property
    def version(self) -> str:
        """Names what may be written and how: the same words, the same version. Parsed trees are kept by it."""
        if not self._version:
            rows = sorted(f"{k.name}\t{k.value}\t{f.syntax}" for k in self for f in k.forms)
            self._version = sha256("\n".join(rows).encode()).hexdigest()[:16]
        return self._version


def keyword(
    *syntaxes: str,
    name: str = "",
    effect: Effect,
    example: str,
    group: str,
    value: bool = True,
    tool: bool = False,
    resume: Callable[..., Any] | None = None,
    deciding: Deciding | None = None,
    checks: Checks = NO_CHECKS,
    palette: bool = False,
) -> Callable[[Callable[..., Any]], Keyword]:
    """Make a keyword of a function; the first syntax is the canonical one, the docstring's first line the summary.

    Its name is the phrase of the first syntax unless `name` says otherwise (HUMAN APPROVAL for HUMAN APPROVAL FROM).
    Registration is explicit: `registry.register(talk, publish_event)`; a decorator alone registers nothing.
    """

    def define(function: Callable[..., Any]) -> Keyword:
        forms = tuple(form(s) for s in syntaxes)
        summary = (inspect.getdoc(function) or "").partition("\n")[0]
        return Keyword(
            name or forms[0].words, forms, effect, function, summary, example, group, value, tool, resume,
            deciding=deciding, checks=checks, palette=palette,
        )  # fmt: skip

    return define


def table(keywords: Iterable[Keyword]) -> Registry:
    """A registry of exactly these keywords."""
    registry = Registry()
    registry.register(*keywords)
    return registry
