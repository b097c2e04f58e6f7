"""A registry with the forms of the dialect that are hard to read, and trees as short text."""

from __future__ import annotations

from typing import Any

from keywords.registry import Effect, Keyword, Registry, keyword, table
from keywords.tree import (
    Assign,
    Binary,
    Call,
    Do,
    Index,
    Invoke,
    IsNull,
    ListOf,
    Literal,
    Member,
    Name,
    ObjectOf,
    Pair,
    Structure,
    Template,
    Ternary,
    Unary,
    Unknown,
)

STATEMENTS = """
TALK {message}
TALK TO {recipient}, {message}
PRINT {values:many}
DELAY {seconds}
WAIT {seconds}
PUBLISH EVENT {name} [WITH {data}]
HEAR {variable:name} [AS {type:type}] [WITH {prompt}] [DEFAULT {default}]
SET BOT MEMORY {key}, {value} | SET BOT MEMORY {key} AS {value}
BOT SHARE MEMORY {key} WITH {bot}
BOT SYNC MEMORY FROM {bot}
SET SCHEDULE {when} {file} {function} | SET SCHEDULE {rule:text}
SET HEADER {name} = {value} | SET HEADER {name} AS {value} | SET HEADER {name}, {value}
SET CONTEXT {name} [AS {text}]
ADD TOOL {name}
ADD SUGGESTION {text} [AS {label}]
ADD SUGGESTION TOOL {tool} AS {label}
CLEAR KB [{name}]
USE WEBSITE {url} [REFRESH {interval}]
CREATE INDEX {name:name} ON {fields}
"""
VALUES = """
BOT {name:tight} [{message}]
LLM {prompt} [WITH OPTIMIZE FOR {optimize}] [WITH MAX_COST {cost}] [WITH MAX_LATENCY {latency}]
HUMAN APPROVAL FROM {approver:many} [TIMEOUT {timeout}]
WAIT FOR EVENT {name} [TIMEOUT {timeout}]
GET BOT MEMORY {key}
GET CURRENT MODEL
GET SESSION {names:many}
GET QUEUE [{names:many}]
GET {path}
FIND {table:tight} [, {more:many}] [WHERE {condition:condition}] [ORDER BY {order:order}] [LIMIT {n}] [FIRST {one:flag}]
FIND ALL {table:tight} [WHERE {condition:condition}]
SAVE {table:tight}, {values:many} | SAVE {table:tight} WITH {pairs:pairs}
UPDATE {table:tight} SET {values:pairs} WHERE {condition:condition} | UPDATE {table:tight}, {values:many}
DELETE {what:many} | DELETE FROM {table:tight} WHERE {condition:condition}
INSERT INTO {table:tight} VALUES {row} | INSERT INTO {table:tight} WITH {pairs:pairs}
FORMAT {value} AS {pattern:tight} | FORMAT {parts:many}
FIRST {list}
LAST {list}
SORT {list:tight} BY {key} [ASC] [DESC {descending:flag}]
MERGE {table:tight} WITH {rows} BY {key} | MERGE {parts:many}
SEND MAIL {parts:many} [USING {account}] [ATTACHMENT {file}]
SEND TEMPLATE {parts:many}
POST TO {channel:name} {parts:many}
POST {parts:many}
CALL TOOL {name:tight} [WITH {arguments:pairs}]
CALL {parts:many}
ADD_KB {name}
READ {path} [AS {kind:name}]
DATEADD {parts:many}
NEW OBJECT
HEAR
KB STATISTICS
SELECT {query:text} [WHERE {condition}] [GROUP BY {columns}]
IMAGE {prompt}
SEARCH {parts:many}
LIST {parts:many}
QUERY {text}
TAG {parts:many}
"""


def _keywords(rows: str, value: bool) -> list[Keyword]:
    def act(moment: object, **arguments: Any) -> None:
        """Do what the name says."""

    found: list[Keyword] = []
    for row in filter(None, rows.splitlines()):
        forms = row.split(" | ")
        name = "HUMAN APPROVAL" if "APPROVAL" in row else "HEAR VALUE" if row == "HEAR" else ""
        make = keyword(*forms, effect=Effect.PURE, example=forms[0], group="test", value=value, name=name)
        found.append(make(act))
    return found


def registry() -> Registry:
    """The forms above; HEAR is one keyword that may stand alone in an expression."""
    statements, values = _keywords(STATEMENTS, value=False), _keywords(VALUES, value=True)
    hear = next(k for k in statements if k.name == "HEAR")
    bare = next(k for k in values if k.name == "HEAR VALUE")
    both = Keyword(
        "HEAR", (*hear.forms, *bare.forms), hear.effect, hear.call, hear.summary, hear.example, hear.group, value=True
    )
    return table([k for k in statements + values if k not in (hear, bare)] + [both])


def sketch(node: Any) -> str:
    """A tree as one short line."""
    match node:
        case Literal(value):
            if isinstance(value, str):
                return f'"{value}"'.replace("\n", "\\n")
            return "NULL" if value is None else str(value).upper()
        case Name(name):
            return name
        case Template(parts):
            return "text<" + "|".join(p.replace("\n", "\\n") if isinstance(p, str) else sketch(p) for p in parts) + ">"
        case Member(target, name, optional):
            return f"{sketch(target)}{'?' if optional else ''}.{name}"
        case Index(target, index):
            return f"{sketch(target)}[{sketch(index)}]"
        case Invoke(target, arguments):
            return f"{sketch(target)}({', '.join(map(sketch, arguments))})"
        case Unary(operator, operand):
            return f"({operator} {sketch(operand)})"
        case Binary(operator, left, right):
            return f"({sketch(left)} {operator} {sketch(right)})"
        case IsNull(operand, negated):
            return f"({sketch(operand)} IS {'NOT ' if negated else ''}NULL)"
        case Ternary(condition, yes, no):
            return f"({sketch(condition)} ? {sketch(yes)} : {sketch(no)})"
        case ListOf(items):
            return f"[{', '.join(map(sketch, items))}]"
        case ObjectOf(pairs):
            return "{" + ", ".join(f"{key}: {sketch(value)}" for key, value in pairs) + "}"
        case Call(keyword_, form, arguments):
            given = "".join(f" {a.slot}={sketch(a.value)}" for a in arguments)
            return f"<{keyword_}{'#' + str(form) if form else ''}{given}>"
        case Pair(name, value):
            return f"{name}={sketch(value)}"
        case Assign(target, value):
            return f"{sketch(target)} := {sketch(value)}"
        case Do(value):
            return sketch(value)
        case Structure(word, parts):
            given = "".join(
                f" {k}={sketch(v)}" for k, v in parts.items() if v is not None and v != () and v is not False
            )
            return f"{word}{given}"
        case Unknown():
            return "?"
        case tuple():
            return "(" + ", ".join(map(sketch, node)) + ")"
        case str():
            return f"'{node}'"
        case _:
            return str(node)
