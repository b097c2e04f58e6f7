"""The rules of the house that no ready-made linter knows, each a function from a file to what it does wrong."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PRODUCT = (
    "mcp_server",
    "keywords",
    "workflow",
    "memory",
    "smartrouter",
    "designer",
    "storage",
    "hostbridge",
    "migrations",
    "bottemplates",
)
LONGEST = 400
CODE = frozenset({".py", ".sql", ".lark", ".js", ".css", ".html"})
TEXT = CODE | {".bas", ".cfg", ".csv", ".ini", ".json", ".md", ".sh", ".toml", ".txt", ".yaml", ".yml", ""}
DOOR = "storage/subprocesses.py"
ENVIRONMENT = frozenset({DOOR, "mcp_server/settings.py"})
NAMELESS = frozenset({"utils", "util", "helpers", "helper", "common", "misc"})

STARTING_MODULES = frozenset({"subprocess", "pty", "multiprocessing", "pexpect", "sh"})
STARTING_NAMES = re.compile(r"create_subprocess_\w+|subprocess_exec|subprocess_shell|ProcessPoolExecutor")
STARTING_OS = re.compile(r"system|popen|fork|forkpty|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?|startfile")
EXECUTING = frozenset({"execute", "executemany", "stream", "copy"})
PRIVATE = re.compile(r"/home/\w+/|/Users/\w+/|/root/\w")


@dataclass(frozen=True, slots=True)
class Fault:
    """One breach of one rule."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def faults(path: str, text: str) -> list[Fault]:
    """What the file at this path, relative to the repository, does wrong."""
    found = [*_length(path, text), *_private_paths(path, text), *_nameless(path)]
    if path.endswith(".py"):
        tree = ast.parse(text, path)
        found += _bare_except(path, tree)
        if path.split("/", 1)[0] in PRODUCT:
            found += [*_starts_programs(path, tree), *_reads_environment(path, tree), *_builds_sql(path, tree)]
    return found


def repository_files(root: Path) -> Iterator[Path]:
    """The files that are ours: not hidden, not installed, not the tests' data."""
    for folder in sorted({*PRODUCT, "docs", "tests"}):
        for path in sorted((root / folder).rglob("*")):
            hidden = any(part.startswith((".", "__pycache__")) for part in path.relative_to(root).parts)
            if path.is_file() and path.suffix in TEXT and not hidden and path.parts[-2] != "data":
                yield path
    for path in sorted(root.iterdir()):
        if path.is_file() and path.suffix in TEXT and path.name != "uv.lock":
            yield path


def _length(path: str, text: str) -> Iterator[Fault]:
    lines = len(text.splitlines())
    if Path(path).suffix in CODE and lines > LONGEST:
        yield Fault(path, lines, f"{lines} lines; a file is one concept in at most {LONGEST}")


def _private_paths(path: str, text: str) -> Iterator[Fault]:
    for number, line in enumerate(text.splitlines(), 1):
        if found := PRIVATE.search(line):
            yield Fault(path, number, f"names a path of one machine: {found[0]}")


def _nameless(path: str) -> Iterator[Fault]:
    for part in Path(path).with_suffix("").parts:
        if path.endswith(".py") and part in NAMELESS:
            yield Fault(path, 1, f"`{part}` is no concept; name what the file is about")


def _bare_except(path: str, tree: ast.AST) -> Iterator[Fault]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield Fault(path, node.lineno, "bare except; name what you expect")


def _starts_programs(path: str, tree: ast.AST) -> Iterator[Fault]:
    if path == DOOR:
        return
    for node in ast.walk(tree):
        for word in _words(node):
            module, _, name = word.rpartition(".")
            starts = (
                word.split(".", 1)[0] in STARTING_MODULES
                or STARTING_NAMES.fullmatch(name)
                or (module == "os" and STARTING_OS.fullmatch(name))
            )
            if starts:
                yield Fault(path, getattr(node, "lineno", 1), f"{word} starts programs; {DOOR} is the only door")


def _reads_environment(path: str, tree: ast.AST) -> Iterator[Fault]:
    if path in ENVIRONMENT:
        return
    for node in ast.walk(tree):
        for word in _words(node):
            if word in {"os.environ", "os.environb", "os.getenv", "os.getenvb"}:
                yield Fault(path, getattr(node, "lineno", 1), f"{word}: settings are read in one place and handed on")


def _words(node: ast.AST) -> Iterator[str]:
    """The dotted names that a node imports or uses; `from os import x` counts as `os.x`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield f"{node.value.id}.{node.attr}"


def _builds_sql(path: str, tree: ast.AST) -> Iterator[Fault]:
    scopes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module)]
    seen: set[tuple[int, int]] = set()
    for scope in scopes:
        built = set(_built_names(scope))
        for node in ast.walk(scope):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            if node.func.attr in EXECUTING and _is_built(node.args[0], built):
                place = (node.lineno, node.col_offset)
                if place not in seen:
                    seen.add(place)
                    yield Fault(path, node.lineno, "SQL put together from strings; name the statement in queries.sql")


def _built_names(scope: ast.AST) -> Iterable[str]:
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and _is_built(node.value, set()):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value and _is_built(node.value, set()):
            if isinstance(node.target, ast.Name):
                yield node.target.id
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and _holds_text(node.value):
            yield node.target.id


def _is_built(node: ast.expr, built: set[str]) -> bool:
    """Whether the expression makes a string out of parts at run time."""
    match node:
        case ast.JoinedStr():
            return any(isinstance(part, ast.FormattedValue) for part in node.values)
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            return _holds_text(node)
        case ast.Call(func=ast.Attribute(attr="format" | "join" | "replace", value=ast.Constant())):
            return True
        case ast.Call(func=ast.Attribute(attr="encode" | "strip", value=value)):
            return _is_built(value, built)
        case ast.Call(func=ast.Name(id="str" | "bytes" | "cast"), args=[*arguments]):
            return any(_is_built(each, built) for each in arguments)
        case ast.Name():
            return node.id in built
        case _:
            return False


def _holds_text(node: ast.expr) -> bool:
    return any(
        isinstance(part, ast.JoinedStr) or (isinstance(part, ast.Constant) and isinstance(part.value, str | bytes))
        for part in ast.walk(node)
    )
