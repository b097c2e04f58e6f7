"""What a plugin's keywords get instead of the whole host: doors that open for what the plugin declared.

    async def tide(host: PluginHost, port: str) -> str:
        answer = await host.get(f"https://api.tides.example/{port}", {"X-Key": await host.secret("TIDES_API_KEY")})

Whatever is asked of a door is asked for the calling bot: a plugin cannot name another tenant, bot or package. What
comes out of a keyword passes too: an effect that was not declared is refused before it reaches the commit.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit

from keywords.host import (
    Act,
    Decided,
    EffectRow,
    Fetched,
    Host,
    Identity,
    ModelRequest,
    Moment,
    Recorded,
    Services,
    Spawn,
    Value,
    Wait,
    Web,
)
from keywords.mistakes import Refused
from keywords.plugin_declared import Declaration, opens
from keywords.records import record
from keywords.registry import Effect, Keyword

Secrets = Callable[[str], str | None]

_NEEDS: Mapping[str, Mapping[str, str]] = {  # by service and method; what is not here no plugin may call
    "memories": dict.fromkeys(["get", "known", "shared", "listed", "history", "shares", "search"], "memory read"),
    "files": {
        **dict.fromkeys(["read", "names", "details"], "files read"),
        **dict.fromkeys(["write", "copy", "move", "remove", "pack", "unpack", "pdf", "merge_pdf", "qr"], "files write"),
    },
    "tables": dict.fromkeys(["found", "columns", "added", "changed", "removed", "merged", "queried"], "also tables"),
    "models": dict.fromkeys(["answer", "preferred", "names"], "also models"),
    "bots": dict.fromkeys(["answering", "script", "identified", "names"], "also bots"),
    "executions": dict.fromkeys(
        ["start", "found", "seen", "listed", "journal", "approvals", "scheduled", "schedules", "statistics", "bots"],
        "also executions",
    ),
    "events": dict.fromkeys(["listed", "dead", "subscriptions"], "also events"),
    "knowledge": dict.fromkeys(
        ["collections", "listed", "found", "in_use", "figures", "added_since"], "also knowledge"
    ),
}
_EFFECTS: Mapping[str, str] = {  # by the room of an effect kind
    "memory": "memory write",
    "event": "also events",
    "signal": "also events",
    "message": "also mail",
    "approval": "also approvals",
}


class Undeclared(Refused):
    """A plugin asked for what it did not declare."""

    def __init__(self, plugin: str, what: str, declare: str) -> None:
        super().__init__(
            f"The plugin {plugin} did not declare {what}. Its author must declare {declare} in TOUCHES; "
            "`botmcp plugin review` shows what it declares."
        )


@record
class PluginHost(Host):
    """The host as a plugin sees it, with the shortest ways through its doors."""

    plugin: str = ""
    secrets: Mapping[str, str | None] = field(default_factory=dict[str, str | None], repr=False)

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """What a declared host of the web answers, whatever its status."""
        return await self._web().fetched(self.moment, "GET", url, headers=headers)

    async def post(
        self,
        url: str,
        body: str,
        headers: Mapping[str, str] | None = None,
        kind: str = "application/json",
    ) -> Fetched:
        """The same for POST; it carries the id of this call as `Idempotency-Key`."""
        return await self._web().fetched(self.moment, "POST", url, body, kind, headers=headers)

    async def memory(self, key: str) -> str | None:
        """What the calling bot remembers under a key."""
        identity = self.identity
        return await self.services.memories.get(identity.tenant, identity.bot, key, self.now)

    async def secret(self, name: str) -> str:
        """A declared secret; raises Refused when the owner has not set it."""
        if name not in self.secrets:
            raise Undeclared(self.plugin, f"the secret {name}", f'"secrets": ["{name}"]')
        value = self.secrets[name]
        if not value:
            raise Refused(f"The plugin {self.plugin} needs {name}, which is not set. Set that variable and start anew.")
        return value

    def _web(self) -> Web:
        if self.services.web is None:
            raise Refused("There is no web here.")
        return self.services.web


def behind_doors(keyword: Keyword, plugin: str, declaration: Declaration, secrets: Secrets) -> Keyword:
    """The keyword, which from now on gets and gives only what the plugin declared."""
    doors = _Doors(plugin, declaration, secrets)
    deciding = keyword.deciding
    if deciding is not None:
        deciding = replace(deciding, call=doors.around(deciding.call, deciding.effect))
    return replace(keyword, plugin=plugin, call=doors.around(keyword.call, keyword.effect), deciding=deciding)


@dataclass(frozen=True, slots=True)
class _Doors:
    plugin: str
    declaration: Declaration
    find: Secrets

    def around(self, call: Callable[..., Any], effect: Effect) -> Callable[..., Any]:
        """The function with its doors; its signature is what the registry reads parameters from, and stays."""
        if effect in (Effect.PURE, Effect.RECORD) and not inspect.iscoroutinefunction(call):

            @wraps(call)
            def recorded(moment: Moment, /, **arguments: Value) -> Value:
                return self.let(call(moment, **arguments))

            return recorded

        @wraps(call)
        async def asked(host: Host, /, **arguments: Value) -> Value:
            return self.let(await call(self.host(host), **arguments))

        return asked

    def host(self, host: Host) -> PluginHost:
        limited = cast("Services", _LimitedServices(self, host))
        secrets = {name: self.find(name) for name in self.declaration.secrets}
        return PluginHost(host.moment, limited, host.variables, host.step, host.attempt, self.plugin, secrets)

    def door(self, name: str, host: Host) -> Any:
        """The service of this name as the plugin may use it; None for one that is not there, or not for plugins."""
        service = getattr(host.services, name) if name in _NEEDS or name == "web" else None
        if service is None:
            return None
        return LimitedWeb(service, self, host.moment) if name == "web" else _Door(self, name, service, host)

    def need(self, what: str, told: str) -> None:
        """Raise Undeclared unless the declaration has this: "memory write", "also models"."""
        kind, _, level = what.partition(" ")
        if kind == "also":
            if level not in self.declaration.also:
                raise Undeclared(self.plugin, told, f'"also": ["{level}"]')
            return
        had = self.declaration.memory if kind == "memory" else self.declaration.files
        if not had or (level == "write" and had != "write"):
            raise Undeclared(self.plugin, told, f'"{kind}": "{level}"')

    def let(self, given: Any) -> Any:
        """What a keyword answers, once it has been seen that it may."""
        if isinstance(given, Recorded | Wait):
            self._effects(given.effects)
        elif isinstance(given, Decided):
            self._effects((given.effect,))
        elif isinstance(given, Spawn):
            self.need("also executions", "that it starts programs")
        elif isinstance(given, Act):
            return replace(given, perform=self._performed(given.perform))
        return given

    def _effects(self, rows: tuple[EffectRow, ...]) -> None:
        for row in rows:
            kind = row.kind.name
            if (need := _EFFECTS.get(kind.partition(".")[0])) is None:
                raise Refused(f"The plugin {self.plugin} answers an effect {kind}, which plugins may not have.")
            self.need(need, f"that it changes things ({kind})")

    def _performed(self, perform: Callable[[], Awaitable[Value]]) -> Callable[[], Awaitable[Value]]:
        async def performed() -> Value:
            return self.let(await perform())

        return performed


class _LimitedServices:
    """The services behind their doors; each door is made when a keyword asks for it, and most ask for none."""

    def __init__(self, doors: _Doors, host: Host) -> None:
        self._doors, self._host = doors, host

    def __getattr__(self, name: str) -> Any:
        if name not in Services.__slots__:
            raise AttributeError(name)
        return self._doors.door(name, self._host)


class _Door:
    """A service, of which the declared methods may be called, each on behalf of the calling execution."""

    def __init__(self, doors: _Doors, name: str, service: Any, host: Host) -> None:
        self._doors, self._name, self._service, self._host = doors, name, service, host

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)
        needs = _NEEDS[self._name].get(method)
        if needs is None:
            raise Refused(f"Plugins may not call {method} of {self._name}.")
        call = getattr(self._service, method)

        @wraps(call)
        def through(*given: Any, **named: Any) -> Any:
            self._doors.need(needs, f"{self._name}.{method}")
            bound = inspect.signature(call).bind(*given, **named)
            for name, value in bound.arguments.items():
                bound.arguments[name] = self._own(name, value)
            return call(*bound.args, **bound.kwargs)

        return through

    def _own(self, parameter: str, value: Any) -> Any:
        """What is handed over: the caller's own wherever it is asked who asks, whatever a plugin hands in."""
        identity = self._host.identity
        match parameter:
            case "host":
                return self._host
            case "moment":
                return self._host.moment
            case "identity" | "asking" | "caller":
                return identity
            case "tenant":
                return identity.tenant
            case "origin":
                return identity.origin
            case "bot" if self._name == "memories":
                return identity.bot
            case "request" if not isinstance(value, ModelRequest):
                raise Refused(f"The plugin {self._doors.plugin} asks a model with something that is no ModelRequest.")
            case _:
                if isinstance(value, tuple):  # of a method that takes any number
                    return tuple(map(self._pinned, cast("tuple[Any, ...]", value)))
                return self._pinned(value)

    def _pinned(self, value: Any) -> Any:
        """The caller's own in the place of whatever a plugin may have made up."""
        if isinstance(value, Host):
            return self._host
        if isinstance(value, Moment):
            return self._host.moment
        if isinstance(value, Identity):
            return self._host.identity
        if isinstance(value, ModelRequest):
            return replace(value, caller=self._host.identity, origin=self._host.identity.origin)
        return value


class LimitedWeb:
    """The web as far as a plugin declared it; redirects out of it are refused too."""

    def __init__(self, web: Web, doors: _Doors, moment: Moment) -> None:
        self._web, self._doors, self._moment = web, doors, moment

    async def fetched(
        self,
        moment: Moment,
        method: str,
        url: str,
        body: str | None = None,
        kind: str = "application/json",
        *,
        headers: Mapping[str, str] | None = None,
        only: tuple[str, ...] | None = None,
    ) -> Fetched:
        hosts = self._doors.declaration.hosts
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            host = ""
        if not opens(hosts, host):
            raise Undeclared(self._doors.plugin, f"the host {host or url[:60]}", f'"hosts": ["{host}"]')
        return await self._web.fetched(self._moment, method, url, body, kind, headers=headers, only=hosts)

    async def page(self, moment: Moment, url: str) -> str:
        return (await self.fetched(moment, "GET", url)).text

    def __getattr__(self, method: str) -> Any:
        raise Refused(f"Plugins may not call {method} of the web. They fetch a page and read it themselves.")
