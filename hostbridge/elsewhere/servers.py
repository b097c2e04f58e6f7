"""What is known of another server: from the owner's settings, or from the `mcp.csv` of a package.

A package's `mcp.csv` has the columns that the General Bots host reads:

    name,type,command,args,description,enabled,auth_type,auth_env,risk_level,requires_approval

Of `type` http the command is the URL; of `type` stdio it is a program, which is started only where the owner's settings
list it. The key stands in `auth_env` as it is, as the host reads it. A name that begins with MCP_ and the package's own
name, such as MCP_CRM_SYNC_KEY in `crm-sync.gbai`, stands for the variable of that name: no package gets another's keys.
"""

from __future__ import annotations

import base64
import csv
import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hostbridge.packages import Package, Packages, alike, text_of
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
    def trusted(self) -> bool:
        """Whether the owner himself named it, so that its address may be a private one."""
        return not self.package


def authorized(kind: str, key: str) -> tuple[tuple[str, str], ...]:
    """The header that carries the key."""
    match kind.strip().lower() if key else "":
        case "api_key":
            return (("X-API-Key", key),)
        case "bearer":
            return (("Authorization", f"Bearer {key}"),)
        case "basic":
            return (("Authorization", f"Basic {base64.b64encode(key.encode()).decode()}"),)
        case _:
            return ()


def listed(text: str, package: str, variables: Mapping[str, str]) -> Iterator[Server]:
    """The enabled servers of an `mcp.csv`; lines that are none are passed over, as the host does."""
    columns: Sequence[str] = COLUMNS
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "//"))]
    for row in csv.reader(lines, skipinitialspace=True):
        cells = [cell.strip() for cell in row]
        if cells and cells[0].lower() == "name":
            columns = [cell.lower() for cell in cells]
            continue
        said = dict(zip(columns, cells, strict=False))
        name, kind, command = said.get("name", ""), KINDS.get(said.get("type", "").lower(), ""), said.get("command", "")
        if not name or not kind or not command or said.get("enabled", "").lower() not in YES:
            continue
        key = said.get("auth_env", "")
        if key.startswith(VARIABLE + re.sub(r"\W", "_", package).upper() + "_"):
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
        try:
            text = text_of(package.folder / "mcp.csv", f"{package.name}/mcp.csv")
        except (OSError, LimitReached, WrongValue):
            return ()
        return tuple(listed(text, package.name, self._variables))

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
