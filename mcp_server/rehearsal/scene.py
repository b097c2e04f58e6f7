"""One run of a rehearsal: what its program reads, what it should be told, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from keywords.host import Value
from keywords.program import Program
from keywords.values import Object
from mcp_server.rehearsal.shapes import Shapes
from mcp_server.rehearsal.wishes import Path, Wish, granted

_CASE = re.compile(r"^\s*CASE\s+(?!ELSE)(.*)$|\bIF\b(.*)\bTHEN\b", re.IGNORECASE | re.MULTILINE)


def choices_of(source: str) -> tuple[str, ...]:
    """The words that a program compares what it hears with."""
    found: list[str] = []
    for case, test in _CASE.findall(source):
        found += re.findall(r'"([^"\n]{1,40})"', case or test)
    return tuple(dict.fromkeys(word for word in found if word.strip()))


@dataclass(slots=True)
class Scene:
    """One run: the fields its program reads, which of the two passes it is, and what is wished for."""

    last: bool = False
    shapes: dict[str, Shapes] = field(default_factory=dict[str, Shapes])  # of programs, by their hash
    choices: tuple[str, ...] = ()
    wish: Wish = field(default_factory=dict[str, dict[Path, Value]])
    outgoing: list[str] = field(default_factory=list[str])
    refused: list[str] = field(default_factory=list[str])  # keywords that were answered in place of somebody else
    missing: list[str] = field(default_factory=list[str])  # scripts, bots and functions that nobody has
    place: tuple[Program, int] | None = None  # the step that was performed last

    def expected(self) -> Value:
        """A value such as the call that the program stands at had better answer; NULL where nobody looks at it."""
        shapes = self._known()
        known = shapes.at(self.place[1]) if shapes and self.place else None
        return known[0].sample(known[1]) if known else None

    def event(self) -> Value:
        """An event that the blocks of the program could be told of."""
        known = self._known()
        sample = known.of("event").sample("event") if known else None
        event = Object(sample) if isinstance(sample, Object) else Object(name="event", data=Object())
        return granted(self.wish["event"], event) if "event" in self.wish else event

    def _known(self) -> Shapes | None:
        if self.place is None:
            return None
        program, _ = self.place
        if program.hash not in self.shapes:
            self.shapes[program.hash] = Shapes(program)
        return self.shapes[program.hash]

    def row(self) -> Object:
        """The same as a row of a table."""
        found = self.expected()
        first = found[0] if isinstance(found, list) and found else found
        return Object(first) if isinstance(first, Object) else Object(id="1", name="sample")

    def wished(self) -> Mapping[Path, Value]:
        """What the call that the program stands at should answer; nothing where that does not matter."""
        if not self.wish or self.place is None:
            return {}
        program, at = self.place
        step = program.steps[at]
        target = step[6] if step[0] == "call" else None
        return self.wish.get(f"{target[1]}@{at}", {}) if target is not None else {}

    def answer(self, given: Value) -> Value:
        """What was given, as it should be."""
        wished = self.wished()
        return granted(wished, given) if wished else given


@dataclass(slots=True)
class Scenes:
    """The scenes that are played now, each by the tenant that was made for it."""

    by_tenant: dict[UUID, Scene] = field(default_factory=dict[UUID, Scene])
    shapes: dict[str, Shapes] = field(default_factory=dict[str, Shapes])

    def of(self, tenant: UUID) -> Scene:
        return self.by_tenant[tenant]
