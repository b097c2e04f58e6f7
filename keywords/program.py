"""A compiled program: a flat list of steps that outlives the release that made it.

Format 2; programs that need nothing of it are still written as format 1. A step is `[op, line, column, end, ...]`:
`end` is the index after the last step of its statement, where ON ERROR RESUME NEXT goes on. `e` is an expression of
`evaluate`, `t` a target `["v", name]` or `["g", name]`.

    set    t e                     put    t [e, ...] e         a place inside a value
    edit   t [e, ...] METHOD [e, ...] t|null                   a list changed in place: PUSH, POP, SORT, ...
    jump   index                   test   e index bool         jump when the expression is TRUE (or FALSE)
    call   KEYWORD {name: e} t|null number|null [policy]       a verb; the number of its STEP; `keywords/policy.py`
    fork   [[label, entry, [name, ...]], ...] number|null [options]  PARALLEL: branches and the names each writes
    sub    entry [e, ...] t|null  return e bool               a SUB; its end (TRUE: of the whole program)
    each   name name t index       step   number               next turn of FOR EACH, or jump; entering STEP n
    handle action index|null       throw  e                    ON ERROR; THROW
    drop   [name, ...]             forget temporaries

Of format 2 are: policies; `handle "compensate" [entry, [name, ...]]`, which notes how to undo what has been done, with
these variables; the options of a fork (`keywords/parallel.py`); and `guards`, each `[first, behind the last, handler]`:
where the program goes on when one of those steps fails, the innermost first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from keywords.encode import dump, load
from keywords.host import Value
from keywords.registry import Registry

FORMAT = 2
OPS = (
    "set", "put", "edit", "drop", "jump", "test", "each", "step", "return", "handle", "throw", "call", "fork", "sub",
)  # fmt: skip


class MissingKeyword(Exception):
    """A stored program uses keywords that nobody provides now; it waits until the plugin is back."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"The program needs {', '.join(names)}, which no installed plugin provides.")
        self.names = tuple(names)


class UnknownFormat(Exception):
    """A stored program was made by a newer release."""

    def __init__(self, format_: int) -> None:
        super().__init__(f"The program has format {format_}; this release runs format {FORMAT}. Upgrade botmcp.")


@dataclass(frozen=True, slots=True)
class Param:
    """What a program asks to be given: one PARAM line."""

    name: str
    type: str = "STRING"
    required: bool = True
    default: Value = None
    like: Value = None
    description: str = ""
    options: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.type,
            "required": self.required,
            "default": dump(self.default),
            "like": dump(self.like),
            "description": self.description,
            "options": list(self.options),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Param:
        values: dict[str, Any] = dict(data)
        values["default"], values["like"] = load(data["default"]), load(data["like"])
        values["options"] = tuple(data["options"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Program:
    """Steps, bound to the table of keywords. `hash` names it: equal hash, equal behaviour, for ever."""

    hash: str
    format: int
    name: str
    source: str
    params: tuple[Param, ...]
    description: str
    system_prompt: str
    entries: Mapping[str, int]
    parameters: Mapping[str, tuple[str, ...]]  # of each SUB
    keywords: tuple[str, ...]  # what it needs
    bots: tuple[str, ...]  # named literally
    events: tuple[str, ...]  # named literally, published or awaited
    assigned: frozenset[str]  # names the text assigns: fields of a step's result never overwrite them
    steps: tuple[Sequence[Any], ...]
    registry: Registry
    tables: tuple[Mapping[str, Any], ...] = ()  # TABLE definitions (`keywords/table_blocks.py`)
    guards: tuple[Sequence[int], ...] = ()  # where `ON ERROR:` of a statement goes on
    # filled by the machine:
    linked: dict[int, Any] = field(default_factory=dict[int, Any], compare=False, repr=False)
    performs: dict[int, Any] = field(default_factory=dict[int, Any], compare=False, repr=False)
    turning: set[int] = field(default_factory=set[int], compare=False, repr=False)  # where loops and SUBs begin
    warm: set[int] = field(default_factory=set[int], compare=False, repr=False)  # where traces may begin
    traced: set[int] = field(default_factory=set[int], compare=False, repr=False)  # where one does

    def to_json(self) -> dict[str, Any]:
        """All of it but hash and source, as plain JSON."""
        return {
            "format": self.format,
            "name": self.name,
            "params": [param.to_json() for param in self.params],
            "description": self.description,
            "system_prompt": self.system_prompt,
            "entries": dict(self.entries),
            "parameters": {name: list(names) for name, names in self.parameters.items()},
            "keywords": list(self.keywords),
            "bots": list(self.bots),
            "events": list(self.events),
            "assigned": sorted(self.assigned),
            "steps": [list(step) for step in self.steps],
            **({"tables": list(self.tables)} if self.tables else {}),
            **({"guards": [list(guard) for guard in self.guards]} if self.guards else {}),
        }

    @classmethod
    def load(cls, hash: str, steps_json: Mapping[str, Any], source: str, registry: Registry) -> Program:  # noqa: A002 - the column's name
        """The stored program, ready to run; raises MissingKeyword, UnknownFormat. Parses no BASIC."""
        if steps_json["format"] > FORMAT:
            raise UnknownFormat(steps_json["format"])
        if missing := [name for name in steps_json["keywords"] if name not in registry]:
            raise MissingKeyword(missing)
        return cls(
            hash=hash,
            format=steps_json["format"],
            name=steps_json["name"],
            source=source,
            params=tuple(Param.from_json(param) for param in steps_json["params"]),
            description=steps_json["description"],
            system_prompt=steps_json["system_prompt"],
            entries=steps_json["entries"],
            parameters={name: tuple(names) for name, names in steps_json["parameters"].items()},
            keywords=tuple(steps_json["keywords"]),
            bots=tuple(steps_json["bots"]),
            events=tuple(steps_json["events"]),
            assigned=frozenset(steps_json["assigned"]),
            steps=tuple(steps_json["steps"]),
            registry=registry,
            tables=tuple(steps_json.get("tables", ())),
            guards=tuple(steps_json.get("guards", ())),
        )


def program_hash(source: str, body: Mapping[str, Any]) -> str:
    """The name of a program: of its text and of the steps it was compiled to.

    The steps are in it because the same text means something else once a keyword is written differently or a release
    compiles better; the text, because people are shown the text that their run was made from.
    """
    steps = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(f"{body['format']}\n{source}\n{steps}".encode("utf-8", "surrogatepass")).hexdigest()
