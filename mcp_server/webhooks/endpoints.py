"""Which dialog answers at which endpoint: read from the packages as they are now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hostbridge.packages import Dialog, Package, Packages
from keywords.diagnostics import Diagnostic
from keywords.library.triggers import endpoint_of
from keywords.mistakes import LimitReached, WrongValue

_LINE = re.compile(r"""^[ \t]*WEBHOOK[ \t]+"([^"\n]*)"[ \t]*(?:'.*)?$""", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a package asks of callers, as its `config.csv` says."""

    secret: str  # "" where none is set
    open: bool  # to callers without any proof

    @classmethod
    def of(cls, config: Mapping[str, str], name: str) -> Terms:
        """Those of one endpoint, else those of all."""
        said = {key.casefold(): value for key, value in config.items()}
        secret = said.get(f"webhook-{name}-secret") or said.get("webhook-secret", "")
        opened = said.get(f"webhook-{name}-open") or said.get("webhook-open", "")
        return cls(secret, opened.strip().lower() in ("true", "yes", "1"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A dialog with an address, and what its package asks of callers."""

    name: str
    dialog: Dialog
    terms: Terms

    @property
    def path(self) -> str:
        return f"/api/{self.dialog.package}/webhook/{self.name}"

    def told(self, servers: Sequence[str]) -> str:
        """Where it answers, and whom, for the person whose package it is."""
        where = (
            f"answers at {servers[0]}{self.path}"
            if servers
            else f"answers at {self.path} of `botmcp serve`, which is not running here: until then nobody can call it"
        )
        if self.terms.open:
            return f"WEBHOOK {self.name} {where}, to everybody (webhook-open)."
        if self.terms.secret:
            return f"WEBHOOK {self.name} {where}, to whoever knows its secret."
        others = "Only keys of that server may call it: webhook-secret in config.csv lets others in."
        return f"WEBHOOK {self.name} {where}. {others}"


def homeless(text: str) -> Iterator[Diagnostic]:
    """The WEBHOOK lines of a program outside of all packages: nobody will ever call them."""
    for found in _LINE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        message = "This WEBHOOK has no address: only dialogs of packages have one."
        fix = "Put the file into <name>.gbai/<name>.gbdialog, and run `botmcp serve`."
        yield Diagnostic(line, 1, "warning", message, fix)


class Endpoints:
    """The endpoints of all packages. A file is read again when it has changed."""

    def __init__(self, packages: Packages) -> None:
        self._packages = packages
        self._read: dict[Path, tuple[int, tuple[str, ...]]] = {}

    def find(self, bot: str, name: str) -> Endpoint | None:
        """The endpoint of a package; looks at files."""
        package, wanted = self._packages.find(bot), endpoint_of(name)
        if package is None or not wanted:
            return None
        return next((found for found in self.of(package) if found.name == wanted), None)

    def form(self, bot: str, name: str) -> Terms | None:
        """What a package asks of those who post a form of its; None without the package."""
        package = self._packages.find(bot)
        return Terms.of(package.config(), endpoint_of(name)) if package and endpoint_of(name) else None

    def of(self, package: Package) -> Iterator[Endpoint]:
        """All endpoints of a package; the first of two dialogs with one endpoint has it."""
        config = package.config()
        seen: set[str] = set()
        for dialog in package.dialogs.values():
            for name in self._names(dialog):
                if name not in seen:
                    seen.add(name)
                    yield Endpoint(name, dialog, Terms.of(config, name))

    def _names(self, dialog: Dialog) -> tuple[str, ...]:
        try:
            changed = dialog.path.stat().st_mtime_ns
            if (known := self._read.get(dialog.path)) and known[0] == changed:
                return known[1]
            found = tuple(filter(None, (endpoint_of(name) for name in _LINE.findall(dialog.text()))))
        except (OSError, LimitReached, WrongValue):
            return ()
        self._read[dialog.path] = changed, found
        return found
