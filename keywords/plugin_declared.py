"""What a plugin says that it touches: a literal `TOUCHES` in its module, read from the text, never by running it.

    TOUCHES = {
        "hosts": ["api.tides.example", "*.weather.example"],  # that the host's door opens for it
        "memory": "read",        # or "write", which reads too: the calling bot's own
        "files": "read",         # or "write": the calling package's own
        "secrets": ["TIDES_API_KEY"],                # variables of the environment
        "also": ["models", "events"],                # other services of the host
        "code": ["network"],                         # powers that its code takes past the host
        "packages": ["numpy"],                       # installed packages that it imports
    }

Whatever is left out is not touched. Without a TOUCHES a plugin touches nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

NAME = "TOUCHES"
LEVELS = ("read", "write")
SERVICES = ("approvals", "bots", "events", "executions", "knowledge", "mail", "models", "tables")
POWERS: Mapping[str, str] = {
    "network": "opens connections of its own, to any host",
    "programs": "starts other programs",
    "native": "runs code that is not Python",
    "dynamic": "runs code that is not in its text",
    "files": "opens files of the machine",
    "environment": "reads the environment, where secrets are, or changes the process",
    "internals": "reaches into the interpreter or into botmcp, past the host's doors",
}
_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*|\[[0-9a-f:]+\]")
_SECRET = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PACKAGE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class DeclarationMistake(Exception):
    """A TOUCHES that cannot be read; says why."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a plugin may touch."""

    hosts: tuple[str, ...] = ()
    memory: str = ""
    files: str = ""
    secrets: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    def told(self) -> tuple[str, ...]:
        """What it touches, a line each, as people read it; empty when nothing."""
        lines: list[str] = []
        if self.hosts:
            lines.append(f"network: {', '.join(self.hosts)}")
        if self.memory:
            lines.append(f"memory: {self.memory}s what the calling bot remembers")
        if self.files:
            lines.append(f"files: {self.files}s files of the calling package")
        if self.secrets:
            lines.append(f"secrets: {', '.join(self.secrets)}")
        if self.also:
            lines.append(f"services: {', '.join(self.also)}")
        lines += [f"past the host: {power}: its code {POWERS[power]}" for power in self.code]
        if self.packages:
            lines.append(f"packages: {', '.join(self.packages)} (their code is not reviewed)")
        return tuple(lines)

    def opens(self, host: str) -> bool:
        """Whether it declares this host of the network."""
        return opens(self.hosts, host)


def opens(declared: tuple[str, ...], host: str) -> bool:
    """Whether one of the declared hosts is this one; `*.example.com` is every name below, and not the name itself."""
    asked = host.casefold().rstrip(".")
    return any(asked.endswith(each[1:]) if each.startswith("*.") else asked == each.strip("[]") for each in declared)


def declared(module: ast.Module) -> Declaration:
    """The declaration of a plugin's module; raises DeclarationMistake."""
    found = [value for name, value in _assigned(module) if name == NAME]
    if not found:
        return Declaration()
    if len(found) > 1:
        raise DeclarationMistake(f"has {NAME} more than once")
    try:
        given: Any = ast.literal_eval(found[0])
    except (ValueError, TypeError, MemoryError, RecursionError):
        raise DeclarationMistake(f"has a {NAME} that is computed. Write it out as one literal") from None
    if not isinstance(given, dict):
        raise DeclarationMistake(f"has a {NAME} that is no dictionary")
    return _read(cast("dict[Any, Any]", given))


def _assigned(module: ast.Module) -> list[tuple[str, ast.expr]]:
    pairs: list[tuple[str, ast.expr]] = []
    for statement in module.body:
        if isinstance(statement, ast.Assign):
            pairs += [(target.id, statement.value) for target in statement.targets if isinstance(target, ast.Name)]
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            pairs.append((statement.target.id, statement.value))
    return pairs


def _read(given: Mapping[Any, Any]) -> Declaration:
    known = ("hosts", "memory", "files", "secrets", "also", "code", "packages")
    for key in given:
        if key not in known:
            raise DeclarationMistake(f"declares {key!r}, which is not known. {_near(str(key), known)}")
    return Declaration(
        _words(given, "hosts", pattern=_HOST, lower=True),
        _level(given, "memory"),
        _level(given, "files"),
        _words(given, "secrets", pattern=_SECRET),
        _words(given, "also", known=SERVICES),
        _words(given, "code", known=tuple(POWERS)),
        _words(given, "packages", pattern=_PACKAGE),
    )


def _level(given: Mapping[Any, Any], key: str) -> str:
    level = given.get(key, "")
    if level not in ("", *LEVELS):
        raise DeclarationMistake(f'declares {key} {level!r}; "read" or "write" is expected')
    return str(level)


def _words(
    given: Mapping[Any, Any],
    key: str,
    *,
    pattern: re.Pattern[str] | None = None,
    known: tuple[str, ...] = (),
    lower: bool = False,
) -> tuple[str, ...]:
    value = given.get(key, [])
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in cast("list[Any]", value)):
        raise DeclarationMistake(f"declares {key} as something that is no list of texts")
    words = tuple(each.lower() if lower else each for each in cast("list[str]", value))
    for each in words:
        if known and each not in known:
            raise DeclarationMistake(f"declares {each!r} in {key}, which is not known. {_near(each, known)}")
        if pattern and not pattern.fullmatch(each):
            raise DeclarationMistake(f"declares {each!r} in {key}, which is not a name of that kind")
    return words


def _near(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(known)}"
