"""Blocks of raw lines: BEGIN TALK, BEGIN MAIL, BEGIN SYSTEM PROMPT and TABLE."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from keywords import table_blocks, tree
from keywords.blocks import Node
from keywords.diagnostics import Diagnostic
from keywords.parse import parse_template

if TYPE_CHECKING:
    from keywords.statements import Statements


def text(c: Statements, statement: tree.Structure, node: Node) -> None:
    """A text with `${...}` in it: said, mailed, or kept as the system prompt."""
    body = c.blocks.body(node)
    words = body.text.rstrip("\r\n")
    if statement.word == "BEGIN SYSTEM PROMPT":
        c.header.system_prompt = "\n\n".join(filter(None, (c.header.system_prompt, words)))
        return
    verb = "SEND MAIL" if statement.word == "BEGIN MAIL" else "TALK"
    if verb not in c.registry:
        c.fault(f"{statement.word} is not available here.", "Remove the block.", statement.span)
        return
    subject, words = _subject(words) if verb == "SEND MAIL" else ("", words)
    template, problems = parse_template(words, c.registry)
    for problem in problems:
        place = body.position(body.text.find(words) + problem.span.start)
        message = f"This ${{...}} is no expression and is said as it is written. {problem.message}"
        c.report(Diagnostic(*place, "warning", message, problem.fix))
    span = statement.span
    arguments = (tree.Argument("message", template, span),)
    if verb == "SEND MAIL":
        to = cast("tree.Expression", statement.parts["to"])
        arguments = (
            tree.Argument("to", to, span),
            tree.Argument("subject", tree.Literal(subject, span), span),
            tree.Argument("body", template, span),
        )
    c.act(tree.Do(tree.Call(verb, 0, arguments, span), span), node, None)


def _subject(words: str) -> tuple[str, str]:
    """The subject and the body of a mail: a first line `Subject: ..` names it."""
    first, _, rest = words.lstrip("\n").partition("\n")
    name, colon, subject = first.partition(":")
    return (subject.strip(), rest.lstrip("\n")) if colon and name.strip().lower() == "subject" else ("", words)


def table(c: Statements, statement: tree.Structure, node: Node) -> None:
    """Notes the definition of a table; nothing happens where it stands."""
    body = c.blocks.body(node)
    found, problems = table_blocks.table(str(statement.parts["text"]), body.text)
    for problem in problems:
        place = body.position(problem.span.start) if found else c.position(statement.span)
        c.report(Diagnostic(*place, "error", problem.message, problem.fix))
    if found is not None:
        c.header.tables.append(found)
