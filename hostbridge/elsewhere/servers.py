"""What is known of another server: from the owner's settings, or from the `mcp.csv` of a package.

A package's `mcp.csv` has the columns that the General Bots host reads:

    name,type,command,args,description,enabled,auth_type,auth_env,risk_level,requires_approval

Of `type` http the command is the URL; of `type` stdio it is a program, which is started only where the owner's settings
list it. The key stands in `auth_env` as it is, as the host reads it. A name that begins with MCP_ and the package's own
name, such as MCP_CRM_SYNC_KEY in `crm-sync.gbai`, stands for the variable of that name: no package gets another's keys.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from hostbridge.packages import Package, Packages, alike, inside, text_of
from keywords.mistakes import LimitReached, UnknownName, WrongValue

COLUMNS = (
    *("name", "type", "command", "args", "description", "enabled"),
    *("auth_type", "auth_env", "risk_level", "requires_approval"),
)
VARIABLE = "MCP_"  # how the names of variables begin that packages may send to their servers
YES = frozenset({"", "true", "1", "yes", "y", "on"})
KINDS = {"http": "http", "https": "http", "stdio": "stdio", "a2a": "a2a"}


@dataclass(frozen=True, slots=True)
class Server:
    """Another server, and how it is reached."""

    name: str
    kind: str = "http"  # http and stdio speak MCP
    url: str = ""
    command: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    description: str = ""
    approval: bool = False  # a model may not call its tools by itself
    package: str = ""  # whose it is; "" for those of the owner's settings, which all programs may use

    @property
    def address(self) -> str:
        """Its URL for people: without a user and without a query, in which keys may stand."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    def spared(self, words: str) -> str:
        """What was said of it, without what its URL may hold of secrets."""
        told = words.replace(self.url, self.address) if self.url else words
        query = urlsplit(self.url).query
        return told.replace(f"?{query}", "") if query else told

    @property
    def trusted(self) -> bool:
        """Whether the owner himself named it, so that its address may be a private one."""
        return not self.package


def authorized(kind: str, key: str) -> tuple[tuple[str, str], ...]:
    """The header that carries the key; none for what no header can carry."""
    match kind.strip().lower() if key and key.isascii() and key.isprintable() else "":
        case "api_key":
            return (("X-API-Key", key),)
        case "bearer":
            return (("Authorization", f"Bearer {key}"),)
        case "basic":
            return (("Authorization", f"Basic {base64.b64encode(key.encode()).decode()}"),)
        case _:
            return ()


def prefix(package: str) -> str:
    """How the names of the variables begin that are a package's."""
    return VARIABLE + re.sub(r"\W", "_", package).upper() + "_"


def listed(text: str, package: str, variables: Mapping[str, str], others: Collection[str] = ()) -> Iterator[Server]:
    """The enabled servers of an `mcp.csv`; lines that are none are passed over, as the host does.

    A variable that begins as those of two packages do, MCP_CRM_SYNC_KEY for `crm` and `crm-sync`, is that of the one
    with the longer name; `others` are the packages there are.
    """
    columns: Sequence[str] = COLUMNS
    own = prefix(package)
    theirs = tuple(longer for other in others if (longer := prefix(other)) != own and longer.startswith(own))
    for row in _rows(text):
        cells = [cell.strip() for cell in row]
        if cells and cells[0].lower() == "name":
            columns = [cell.lower() for cell in cells]
            continue
        said = dict(zip(columns, cells, strict=False))
        name, kind, command = said.get("name", ""), KINDS.get(said.get("type", "").lower(), ""), said.get("command", "")
        if not name or not kind or not command or said.get("enabled", "").lower() not in YES:
            continue
        key = said.get("auth_env", "")
        if key.startswith(own) and not key.startswith(theirs):
            key = variables.get(key, "")
        try:
            arguments = shlex.split(said.get("args", ""))
        except ValueError:
            continue
        approval = said.get("requires_approval", "").lower() in YES - {""}
        yield Server(
            name=name,
            kind=kind,
            url="" if kind == "stdio" else command,
            command=(command, *arguments) if kind == "stdio" else (),
            headers=authorized(said.get("auth_type", ""), key),
            description=said.get("description", ""),
            approval=approval,
            package=package,
        )


def _rows(text: str) -> Iterator[list[str]]:
    """The rows of the lines that can be read."""
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith(("#", "//")):
            try:
                yield from csv.reader([line], skipinitialspace=True)
            except csv.Error:
                continue


class Directory:
    """The servers that programs of a package may reach: the package's own first, then the owner's."""

    def __init__(
        self, packages: Packages, settings: Collection[Server] = (), variables: Mapping[str, str] = {}
    ) -> None:
        self._packages = packages
        self._settings = tuple(settings)
        self._variables = {name: value for name, value in variables.items() if name.startswith(VARIABLE)}

    def servers(self, origin: str) -> tuple[Server, ...]:
        """All of them, by name; the package's own hides a namesake of the settings."""
        package = self._packages.find(origin) if origin else None
        found = {alike(server.name): server for server in (*self._settings, *self.own(package))}
        return tuple(found.values())

    def own(self, package: Package | None) -> tuple[Server, ...]:
        """Those of the package's `mcp.csv`."""
        if package is None:
            return ()
        found: list[Server] = []
        for path in inside(package.folder, "mcp.csv"):
            with contextlib.suppress(OSError, LimitReached, WrongValue):
                text = text_of(path, f"{package.name}/mcp.csv")
                found += listed(text, package.name, self._variables, self._packages.names() if self._variables else ())
        return tuple(found)

    def find(self, origin: str, name: str) -> Server | None:
        wanted = alike(name)
        return next((server for server in self.servers(origin) if alike(server.name) == wanted), None)

    def known(self, origin: str, name: str) -> Server:
        """The server of that name; raises UnknownName."""
        if found := self.find(origin, name):
            return found
        names = [server.name for server in self.servers(origin)]
        said = (
            f"There are: {', '.join(names)}." if names else "None is set: BOTMCP_MCP_SERVERS, or mcp.csv of a package."
        )
        raise UnknownName("server", name, names, said)

    def parted(self, origin: str, called: str) -> tuple[Server, str]:
        """The server and the tool that `server/tool` or `server.tool` names; raises UnknownName."""
        for at in (place for mark in "/." for place, letter in enumerate(called) if letter == mark):
            if server := self.find(origin, called[:at]):
                return server, called[at + 1 :]
        return self.known(origin, called if self.find(origin, called) else re.split(r"[/.]", called)[0]), ""
