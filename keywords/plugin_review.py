"""Reads a plugin's code without running it: which powers it takes, where, and which of them it did not declare.

Whatever is on no list of `plugin_powers` counts as a power, so what is new is refused and not overlooked. This keeps
honest plugins honest and shows an owner what to look at. It is no sandbox: code that wants to hide from a reader of
its text can, and once it runs it may do what the process may.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from keywords.plugin_code import Code
from keywords.plugin_declared import POWERS, Declaration, DeclarationMistake, declared
from keywords.plugin_powers import BEHIND, BUILTINS, DUNDERS, HARMLESS, MODULES, NAMES, PARTS, WITH

_DUNDER = re.compile(r"__\w+__")
_PUBLIC = frozenset({"_", "_asdict", "_replace", "_fields", "_make"})  # of named tuples, whatever they begin with
_TAKING = frozenset({"getattr", "setattr", "delattr", "hasattr"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the code takes a power: `power` is one of POWERS, or "packages", or "" for what none covers."""

    file: str
    line: int
    power: str
    what: str
    package: str = ""  # of "packages": which
    covered: bool = False  # the declaration says so

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(frozen=True, slots=True)
class Review:
    """What a plugin declares, and what its code does."""

    plugin: str
    code: Code
    declaration: Declaration
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> tuple[Finding, ...]:
        """What the declaration does not cover; a plugin with any is not loaded unless its owner trusts it."""
        return tuple(finding for finding in self.findings if not finding.covered)


def reviewed(plugin: str, code: Code) -> Review:
    """The review of a plugin's code; never raises for what the code holds."""
    found: list[Finding] = [Finding(file, 0, "native", "is not a text that can be read") for file in code.unreadable]
    declaration = Declaration()
    for file in code.files:
        try:
            module = ast.parse(file.content, file.name)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            found.append(Finding(file.name, getattr(error, "lineno", 0) or 0, "", f"cannot be read: {error}"))
            continue
        if file.name == code.main:
            try:
                declaration = declared(module)
            except DeclarationMistake as mistake:
                found.append(Finding(file.name, 0, "", str(mistake)))
        found += _Reading(file.name, code.root).findings(module)
    told = tuple(dict.fromkeys(_judged(finding, declaration) for finding in found))
    return Review(plugin, code, declaration, told)


def _judged(finding: Finding, declaration: Declaration) -> Finding:
    covered = finding.power in declaration.code or (bool(finding.package) and finding.package in declaration.packages)
    return Finding(finding.file, finding.line, finding.power, finding.what, finding.package, covered)


class _Reading:
    """Finds the powers that one file takes."""

    def __init__(self, file: str, root: str) -> None:
        self._file, self._root = file, root
        self._modules: dict[str, str] = {}  # local names of modules

    def findings(self, module: ast.Module) -> Iterator[Finding]:
        for node in ast.walk(module):
            if isinstance(node, ast.Import):
                for each in node.names:
                    self._modules[each.asname or each.name.partition(".")[0]] = (
                        each.name if each.asname else each.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and not node.level:
                for each in node.names:
                    whole = f"{node.module}.{each.name}"
                    if _is_module(whole) or each.name in PARTS:
                        self._modules[each.asname or each.name] = whole if _is_module(whole) else each.name
        yield from self._below(module)

    def _below(self, node: ast.AST) -> Iterator[Finding]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue  # a docstring does nothing
            yield from self._of(child)
            if isinstance(child, ast.Attribute) and isinstance(child.value, ast.Name):
                continue  # its name has been looked at as the module it may be
            yield from self._below(child)

    def _of(self, node: ast.AST) -> Iterator[Finding]:
        if isinstance(node, ast.Import):
            for each in node.names:
                yield from self._imported(node, each.name)
        elif isinstance(node, ast.ImportFrom):
            yield from self._imported_from(node)
        elif isinstance(node, ast.Name):
            yield from self._name(node)
        elif isinstance(node, ast.Attribute):
            yield from self._attribute(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TAKING:
            yield from self._taking(node, node.func.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            for word in _DUNDER.findall(node.value):
                if word not in DUNDERS:
                    yield self._at(node, "internals", f"names {word} in a text")

    # -- imports

    def _imported(self, node: ast.stmt, name: str) -> Iterator[Finding]:
        if self._own(name) or name in HARMLESS or name in PARTS or name in WITH or name == "keywords":
            return
        yield self._module(node, name)

    def _imported_from(self, node: ast.ImportFrom) -> Iterator[Finding]:
        if node.level:
            depth = len(PurePosixPath(self._file).parts) - 1
            if node.level > depth:
                yield self._at(node, "internals", "imports from outside its own package")
            return
        name = node.module or ""
        if self._own(name):
            return
        for each in node.names:
            whole = f"{name}.{each.name}"
            if whole in HARMLESS or whole in PARTS or whole in WITH:
                continue
            if each.name == "*" and name not in HARMLESS:
                yield self._at(node, _power(name) or "internals", f"imports whatever {name} holds")
            elif name == "__future__" or (name in HARMLESS | WITH and not _below_a_power(each.name)):
                yield from self._word(node, each.name)
            elif name in PARTS:
                harmless, power = PARTS[name]
                if each.name not in harmless:
                    yield self._at(node, power, f"imports {each.name} of {name}")
            elif _is_module(whole):
                yield self._module(node, whole)
            else:
                known = name if _power(name) or not _below_a_power(each.name) else each.name
                yield self._module(node, known)

    def _own(self, name: str) -> bool:
        return name == self._root or name.startswith(f"{self._root}.")

    def _module(self, node: ast.AST, name: str) -> Finding:
        top = name.partition(".")[0]
        if power := _power(name):
            return self._at(node, power, f"imports {name}")
        if top in BEHIND or top == "keywords":
            return self._at(node, "internals", f"imports {name}, which lies behind the host's doors")
        what = f"imports {name}, whose code is not reviewed"
        return Finding(self._file, getattr(node, "lineno", 0), "packages", what, top)

    # -- names

    def _name(self, node: ast.Name) -> Iterator[Finding]:
        if node.id in BUILTINS and isinstance(node.ctx, ast.Load):
            yield self._at(node, BUILTINS[node.id], f"uses {node.id}")
        elif node.id in self._modules:
            yield self._at(node, "internals", f"hands the module {node.id} around, or replaces it")
        elif _DUNDER.fullmatch(node.id) and node.id not in DUNDERS:
            yield self._at(node, "internals", f"uses {node.id}")

    def _attribute(self, node: ast.Attribute) -> Iterator[Finding]:
        if not isinstance(node.ctx, ast.Load) and self._module_of(node.value):
            yield self._at(node, "internals", f"changes the module {self._module_of(node.value)}")
        if module := self._module_of(node.value):
            yield from self._of_module(node, module)
            return
        base = node.value.id if isinstance(node.value, ast.Name) else ""
        if base and base in BUILTINS:
            yield self._at(node, BUILTINS[base], f"uses {base}")
        yield from self._word(node, node.attr, own=base in ("self", "cls"))

    def _of_module(self, node: ast.Attribute, module: str) -> Iterator[Finding]:
        whole = f"{module}.{node.attr}"
        if self._own(whole) or whole in HARMLESS or whole in PARTS or whole in WITH:
            return
        if _below_a_power(node.attr):  # json.codecs.sys
            yield self._at(node, _power(node.attr) or "internals", f"reaches {node.attr} through {module}")
        elif module in PARTS:
            harmless, power = PARTS[module]
            if node.attr not in harmless and not _is_module(whole):
                yield self._at(node, power, f"uses {whole}")
        else:
            yield from self._word(node, node.attr)

    def _module_of(self, node: ast.expr) -> str:
        """The module that an expression stands for: `json`, `xml.etree.ElementTree`; "" for anything else."""
        if isinstance(node, ast.Name):
            return self._modules.get(node.id, "")
        if isinstance(node, ast.Attribute) and (base := self._module_of(node.value)):
            whole = f"{base}.{node.attr}"
            if _is_module(whole):
                return whole
            return node.attr if node.attr in PARTS else ""
        return ""

    def _taking(self, node: ast.Call, function: str) -> Iterator[Finding]:
        name = node.args[1] if len(node.args) > 1 else None
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            yield self._at(node, "internals", f"computes the name that {function} takes")
            return
        yield from self._word(node, name.value)

    def _word(self, node: ast.AST, name: str, *, own: bool = False) -> Iterator[Finding]:
        if power := NAMES.get(name):
            yield self._at(node, power, f"uses {name}")
        elif _DUNDER.fullmatch(name):
            if name not in DUNDERS:
                yield self._at(node, "internals", f"uses {name}")
        elif name.startswith("_") and not own and name not in _PUBLIC:
            yield self._at(node, "internals", f"reaches for {name}, which is private to what it belongs to")

    def _at(self, node: ast.AST, power: str, what: str) -> Finding:
        told = f"{what}: {POWERS[power]}" if power not in ("", "internals") else what
        return Finding(self._file, getattr(node, "lineno", 0), power, told)


def _power(name: str) -> str:
    """The power of the module of this name, or of one above it; "" for none."""
    while name:
        if name in MODULES:
            return MODULES[name]
        name = name.rpartition(".")[0]
    return ""


def _below_a_power(name: str) -> bool:
    return name in MODULES or name in BEHIND


def _is_module(name: str) -> bool:
    known = (*HARMLESS, *PARTS, *WITH)
    return name in MODULES or name in known or any(each.startswith(f"{name}.") for each in known)
