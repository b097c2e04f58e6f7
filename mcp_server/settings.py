"""The product's settings: one frozen dataclass, read once in the composition root from environment and botmcp.toml.

A variable of the environment wins over the file. The fields of this class and of those it is made of (operating,
routing, serving, outside: one module a subject) are all there is: `docs/reference/settings.md` is
made from it, and an unknown `BOTMCP_*` variable or key of the file stops the start with the nearest known name.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from mcp_server.event_setting import EVENTS_SECRET_TOLD, EVENTS_TOLD, MIRROR_TOLD, EventLimits, as_event_limits
from mcp_server.host_place import host_packages
from mcp_server.outside_settings import OutsideSettings
from mcp_server.setting_values import (
    Environment,
    as_folder,
    as_folders,
    as_level,
    as_switch,
    as_text,
    as_whole,
    as_words,
    near_miss,
    setting,
)

OF_A_CONNECTION = frozenset({"toolsets", "read_only"})  # each client tells its own to the server that all share


class SettingsError(Exception):
    """A setting that cannot be used, said so that its owner can put it right."""


# -- the table; a field without a repr is a secret ---------------------------------------------------------------------


def _home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("botmcp", appauthor=False)


@dataclass(frozen=True, slots=True)
class Settings(OutsideSettings):
    home: Path = field(
        default_factory=_home,
        metadata=setting(
            "BOTMCP_HOME",
            as_folder,
            "The data folder: embedded database, log files, the background server's socket and `botmcp.toml`.",
        ),
    )
    packages: tuple[Path, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_PACKAGES",
            as_folders,
            "Folders in which `.gbai` packages are found, separated by colons. They are kept in the file "
            "`packages` of the data folder, one a line, for whoever goes on with a workflow. "
            "The shipped templates are always found.",
        ),
    )
    database_url: str = field(
        default="",
        repr=False,
        metadata=setting(
            "DATABASE_URL",
            as_text,
            "A Postgres server (14 or newer) instead of the embedded one. Nothing is then started behind your "
            "back: `botmcp serve` and `botmcp worker` are yours to run.",
        ),
    )
    redis_url: str = field(
        default="",
        repr=False,
        metadata=setting(
            "CACHE_URL REDIS_URL VALKEY_URL",
            as_text,
            "A Redis or Valkey server that carries the wake-up hints between processes; without one Postgres "
            "carries them.",
        ),
    )
    idle_seconds: int = field(
        default=300,
        metadata=setting(
            "BOTMCP_IDLE_SECONDS",
            as_whole(1, 86400),
            "How long the background server stays when no client is connected and no execution is unfinished.",
        ),
    )
    log_level: str = field(
        default="info",
        metadata=setting(
            "BOTMCP_LOG_LEVEL",
            as_level,
            "debug, info, warning or error.",
        ),
    )
    plugins: tuple[str, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_PLUGINS",
            as_words,
            "Plugins to load, separated by commas, by the names of their `botmcp.keywords` entry points. An installed "
            "plugin that is not listed is not loaded.",
        ),
    )
    events: EventLimits = field(default=EventLimits(), metadata=setting("BOTMCP_EVENTS", as_event_limits, EVENTS_TOLD))
    mirror_events: bool = field(default=False, metadata=setting("BOTMCP_MIRROR_EVENTS", as_switch, MIRROR_TOLD))
    events_secret: str = field(
        default="", repr=False, metadata=setting("BOTMCP_EVENTS_SECRET", as_text, EVENTS_SECRET_TOLD)
    )
    mark: str = field(default="", repr=False)  # of the provider keys around, which litellm reads for itself

    @property
    def embedded(self) -> bool:
        """Whether the database is our own, started on demand."""
        return not self.database_url

    def made_home(self) -> Path:
        """The data folder, made private if it was not there; raises SettingsError when it cannot be used."""
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not os.access(self.home, os.R_OK | os.W_OK | os.X_OK):
                raise PermissionError(13, "you may not read and write it")
        except OSError as error:
            raise SettingsError(
                f"The data folder {self.home} cannot be used: {error.strerror}. Set BOTMCP_HOME to a folder of yours."
            ) from None
        return self.home

    def with_packages(self, folder: Path) -> Settings:
        """These settings, with one more folder of packages, looked at first."""
        return replace(self, packages=(folder, *self.packages))

    @property
    def fingerprint(self) -> str:
        """Names these settings without showing them: a background server with another one works with old settings."""
        kept = {name: value for name, value in asdict(self).items() if name not in OF_A_CONNECTION}
        told = json.dumps(kept, default=str, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


# -- reading -----------------------------------------------------------------------------------------------------------


def of_environment(more: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process, and what its command line says instead; raises SettingsError."""
    return read({**os.environ, **(more or {})})


def inherited(settings: Settings) -> dict[str, str]:
    """The environment that our own background server gets: ours, for litellm reads the providers' keys there."""
    return {**os.environ, "BOTMCP_HOME": str(settings.home)}


def process_environment() -> MutableMapping[str, str]:
    """This process's own environment, for what litellm must find there before it is imported."""
    return os.environ


def read(environment: Environment) -> Settings:
    """The settings that these variables, and the botmcp.toml they lead to, make."""
    rows = {row.name: row.metadata for row in fields(Settings) if row.metadata}
    known = [variable for row in rows.values() for variable in row["variables"]]
    for variable in environment:
        if variable.startswith("BOTMCP_") and variable not in known:
            raise SettingsError(f"{variable} is not a setting. {near_miss(variable, known)}")
    keys = sorted((name, value) for name, value in environment.items() if name.endswith(("_API_KEY", "_API_BASE")))
    values: dict[str, Any] = {"mark": hashlib.sha256(repr(keys).encode()).hexdigest()}
    home = environment.get("BOTMCP_HOME", "").strip()
    file = (as_folder(home, environment) if home else _home()) / "botmcp.toml"
    for name, given in _file(file).items():
        if name not in rows or name == "home":
            raise SettingsError(f"{file}: {name} is not a setting. {near_miss(name, [r for r in rows if r != 'home'])}")
        values[name] = _value(f"{file}: {name}", rows[name]["read"], given, environment)
    for name, row in rows.items():
        for variable in row["variables"]:
            if environment.get(variable, "").strip():
                values[name] = _value(variable, row["read"], environment[variable], environment)
                break
    settings = Settings(**values)
    if folders := host_packages(settings):
        settings = replace(settings, packages=tuple(dict.fromkeys((*settings.packages, *folders))))
    if settings.host_database_url and not settings.database_url:  # our tables stand beside the host's
        settings = replace(settings, database_url=settings.host_database_url)
    if settings.token and len(settings.token) < 16:
        raise SettingsError(
            "BOTMCP_TOKEN is too short: at least 16 characters, for example from `openssl rand -hex 24`."
        )
    return settings


def _value(where: str, reading: Callable[[Any, Environment], Any], given: Any, environment: Environment) -> Any:
    try:
        return reading(given, environment)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{where} cannot be used: {error}.") from None


def _file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8 text. Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}.") from None
