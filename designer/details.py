"""Lines that stand below a statement and belong to it: TIMEOUT and ON TIMEOUT of an approval, RETRY of a call."""

from __future__ import annotations

import re
from collections.abc import Iterator

from designer.document import Change, Document, Splice
from designer.indentation import indent_of, unit_of
from designer.outline import Card
from designer.refusals import NotHere
from designer.slots import Said
from keywords.blocks import Line
from keywords.registry import Effect, Registry

APPROVAL = {
    "TIMEOUT": ("Seconds to wait", "number"),
    "ON TIMEOUT": ("When nobody answers", "choice"),
    "REQUIRE": ("How many must agree", "number"),
    "REMIND EVERY": ("Remind every (seconds)", "number"),
}
POLICIES = {"RETRY": ("Try again (times)", "number"), "TIMEOUT": ("Seconds to wait", "number")}
OUTSIDE = frozenset({Effect.IDEMPOTENT, Effect.WAIT, Effect.READ})


def offered(found: Said) -> dict[str, tuple[str, str]]:
    """The lines that may stand below this statement, unless it says the same on its own line."""
    if found.word == "HUMAN APPROVAL":
        rows = APPROVAL
    elif found.keyword is not None and found.keyword.effect in OUTSIDE:
        rows = POLICIES
    else:
        return {}
    clauses = (
        {clause.words for clause in found.form.clauses for slot in clause.slots if found.slot(slot.name)}
        if found.form
        else set[str]()
    )
    own = {clause.words for clause in found.form.clauses} if found.form else set[str]()
    told = clauses if found.word == "HUMAN APPROVAL" else own
    return {word: row for word, row in rows.items() if word not in told}


def below(card: Card, found: Said, registry: Registry) -> Iterator[tuple[str, str, str, str]]:
    """(word, label, value, kind) of each."""
    for word, (label, kind) in offered(found).items():
        line = _line(card, word)
        yield word, label, _rest(line, word) if line else "", kind


def written(document: Document, card: Card, word: str, value: str, found: Said) -> Change:
    """The line with another text; an empty one takes it away."""
    rows = offered(found)
    if word not in rows:
        raise NotHere(f"There is no line {word} here.")
    value = " ".join(value.split())
    line = _line(card, word)
    if line is not None:
        at = line.number - 1
        if not value:
            return (Splice(at, document.numbered(at, at + line.lines), ()),)
        old = document.lines[at + line.lines - 1]
        ending = old[len(old.rstrip("\r\n")) :]
        said, rest = line.text.rstrip(), _rest(line, word)
        head = said[: len(said) - len(rest)] if rest else said + " "
        return (Splice(at, document.numbered(at, at + line.lines), ((document.ids[at], head + value + ending),)),)
    if not value:
        return ()
    assert card.line is not None
    order = list(rows)
    before = [d for d in card.node.details if any(_line(card, w) is d for w in order[: order.index(word)])]
    place = before[-1].number - 1 + before[-1].lines if before else card.head + card.line.lines
    lines = document.lines
    details = card.node.details
    indent = indent_of(lines[details[0].number - 1]) if details else indent_of(lines[card.head]) + unit_of(lines)
    colon = ":" if word == "ON TIMEOUT" else ""
    return document.spliced(place, place, [f"{indent}{word}{colon} {value}{document.newline}"])


def _line(card: Card, word: str) -> Line | None:
    pattern = re.compile(r"\s*" + r"\s+".join(word.split()) + r"\b", re.IGNORECASE)
    return next((line for line in card.node.details if pattern.match(line.text)), None)


def _rest(line: Line, word: str) -> str:
    found = re.match(r"\s*" + r"\s+".join(word.split()) + r"\s*:?\s*", line.text, re.IGNORECASE)
    return line.text[found.end() :].rstrip() if found else ""
