"""What the head line of a card says, slot by slot, and where each slot stands in the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from keywords import tree
from keywords.blocks import Line
from keywords.parse import parse_line
from keywords.registry import Clause, Form, Keyword, Kind, Registry, Slot
from keywords.structure import BY_NAME, Word

LABELLED = frozenset({"STEP", "BRANCH", "ONCE:"})


@dataclass(frozen=True, slots=True)
class Given:
    """A slot that is filled: its text stands at [start, end) of the line."""

    name: str
    start: int
    end: int
    value: object


@dataclass(frozen=True, slots=True)
class Said:
    """A line taken apart. `call` is the keyword or structure word behind `STEP n:`, `BRANCH a:` and `x =`."""

    text: str
    statement: tree.Statement
    word: str  # of a keyword or structure; "" where the line assigns or calls a SUB
    step: int | None = None
    branch: str | None = None
    target: Given | None = None  # of `x = ...`
    value: Given | None = None  # of `x = <no keyword>`
    form: Form | None = None
    keyword: Keyword | None = None
    given: tuple[Given, ...] = ()
    start: int = 0  # of the keyword
    called: bool = False  # written with brackets
    broken: bool = False
    inline: str = ""  # what stands behind THEN, in an IF of one line

    def slot(self, name: str) -> Given | None:
        return next((given for given in self.given if given.name == name), None)


def said(line: Line | str, registry: Registry) -> Said:
    """The line of a card; where it is no BASIC, `broken`."""
    return _said(line if isinstance(line, str) else line.text, registry, registry.version)


@lru_cache(maxsize=16_384)
def _said(text: str, registry: Registry, version: str) -> Said:
    statement, problems = parse_line(text, registry)
    step = branch = None
    inner: object = statement
    while True:
        if isinstance(inner, tree.Structure) and inner.word in LABELLED:
            step = cast("int | None", inner.parts.get("number")) if inner.word == "STEP" else step
            branch = str(inner.parts["label"]) if inner.word == "BRANCH" else branch
            inner = inner.parts["body"]
        elif isinstance(inner, tree.Structure) and inner.word == "POLICIES":
            inner = inner.parts["body"]
        else:
            break
    broken = bool(problems) or isinstance(statement, tree.Unknown)
    target = value = None
    if isinstance(inner, tree.Assign):
        target = Given("target", inner.target.span.start, inner.target.span.end, inner.target)
        inner_value = inner.value
        if not isinstance(inner_value, tree.Call):
            value = Given("value", inner_value.span.start, inner_value.span.end, inner_value)
            value = _whole(text, value, inner.span.end)
            return Said(text, statement, "", step, branch, target, value, broken=broken, start=inner.span.start)
        inner = inner_value
    elif isinstance(inner, tree.Do):
        inner = inner.value
    match inner:
        case tree.Call(name, index, arguments):
            keyword = registry[name]
            form = keyword.forms[index]
            given = tuple(Given(a.slot, a.span.start, a.span.end, a.value) for a in arguments)
            called = inner.called
            return Said(
                text,
                statement,
                name,
                step,
                branch,
                target,
                None,
                form,
                keyword,
                given,
                inner.span.start,
                called,
                broken,
            )
        case tree.Structure(word):
            given = tuple(Given(a.slot, a.span.start, a.span.end, a.value) for a in inner.arguments)
            known = BY_NAME.get(word)
            inline = ""
            then = next((g for g in given if g.name in ("then", "else")), None)
            if then is not None:
                inline = text[then.start : then.end]
            return Said(
                text,
                statement,
                word,
                step,
                branch,
                target,
                form=_form(known, given) if known else None,
                given=given,
                start=inner.span.start,
                broken=broken,
                inline=inline,
            )
        case _:
            return Said(text, statement, "", step, branch, target, broken=broken)


def _whole(text: str, value: Given, end: int) -> Given:
    """The whole right side: brackets around an expression are no part of its own span."""
    behind = text.find("=") + 1
    start = behind + len(text[behind:]) - len(text[behind:].lstrip())
    return Given(value.name, min(start, value.start), max(end, value.end), value.value)


def _form(word: Word, given: tuple[Given, ...]) -> Form | None:
    names = {one.name for one in given}
    fitting = [form for form in word.forms if names <= {slot.name for slot in form.slots}]
    return fitting[0] if fitting else word.forms[0]


def placed(said: Said, slot: Slot, clause: Clause, value: str) -> str:
    """The line with this text in the slot: in the place of what is there, or behind the slots before it; nothing takes
    the slot, and the words that open it, away."""
    text, there = said.text, said.slot(slot.name)
    if there is not None and value:
        return text if slot.kind is Kind.FLAG else text[: there.start] + value + text[there.end :]
    if there is not None:
        return _without(text, there, slot, clause)
    if not value:
        return text
    at = _behind(said, slot)
    words = f" {clause.words}" if clause.words and not _opened(said, clause) else ""
    comma = "," if slot.comma else ""
    return text[:at] + comma + words + (f" {value}" if slot.kind is not Kind.FLAG else "") + text[at:]


def _opened(said: Said, clause: Clause) -> bool:
    return any(said.slot(slot.name) is not None for slot in clause.slots)


def _without(text: str, there: Given, slot: Slot, clause: Clause) -> str:
    start = there.start
    if slot.kind is not Kind.FLAG and clause.words:
        pattern = r"\s+".join(re.escape(word) for word in clause.words.split())
        found = re.search(rf"{pattern}\s*$", text[:start], re.IGNORECASE)
        start = found.start() if found else start
    before = text[:start].rstrip(" \t")
    return before.removesuffix(",") + text[there.end :] if slot.comma else before + text[there.end :]


def _behind(said: Said, slot: Slot) -> int:
    """Where a slot is put that is not there yet: behind the last one that the form has before it."""
    assert said.form is not None
    at = said.start + _phrase(said)
    for one in said.form.slots:
        if one.name == slot.name:
            break
        there = said.slot(one.name)
        if there is not None:
            at = max(at, _closed(said.text, there.end))
    return at


def _closed(text: str, at: int) -> int:
    """Behind the brackets that close around an expression."""
    while at < len(text) and text[at] == ")" and text.count("(", 0, at) > text.count(")", 0, at):
        at += 1
    return at


def _phrase(said: Said) -> int:
    """How long the words of the keyword are, as this line writes them."""
    assert said.form is not None
    pattern = r"[\s_]+".join(re.escape(word) for word in said.form.words.split())
    found = re.match(pattern, said.text[said.start :], re.IGNORECASE)
    return found.end() if found else len(said.form.words)
