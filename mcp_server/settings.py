"""The product's settings: one frozen dataclass, read once in the composition root from environment and botmcp.toml.

A variable of the environment wins over the file. The table below is all there is: `docs/reference/settings.md` is
made from it, and an unknown `BOTMCP_*` variable or key of the file stops the start with the nearest known name.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast


class SettingsError(Exception):
    """A setting that cannot be used, said so that its owner can put it right."""


@dataclass(frozen=True, slots=True)
class ModelSetting:
    """One language model: its litellm name, and where it is when that is not the provider's own address."""

    name: str
    url: str = ""
    key: str = field(default="", repr=False)
    input_price: float | None = None  # US dollars for a million tokens
    output_price: float | None = None


# -- how a text becomes a value ----------------------------------------------------------------------------------------

Environment = Mapping[str, str]


def _text(given: Any, environment: Environment) -> str:
    if not isinstance(given, str) or "\0" in given:
        raise ValueError("a text is expected")
    return given.strip()


def _switch(given: Any, environment: Environment) -> bool:
    if isinstance(given, bool):
        return given
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if (value := words.get(str(given).strip().casefold())) is None:
        raise ValueError("yes or no is expected")
    return value


def _whole(low: int, high: int) -> Callable[[Any, Environment], int]:
    def read(given: Any, environment: Environment) -> int:
        if isinstance(given, bool) or not str(given).strip().isdecimal() or not low <= int(given) <= high:
            raise ValueError(f"a whole number from {low} to {high} is expected")
        return int(given)

    return read


def _words(given: Any, environment: Environment) -> tuple[str, ...]:
    parts = given.split(",") if isinstance(given, str) else given
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in cast("list[Any]", parts)):
        raise ValueError("names separated by commas are expected")
    return tuple(part.strip() for part in cast("list[str]", parts) if part.strip())


def _folders(given: Any, environment: Environment) -> tuple[Path, ...]:
    parts = given.split(os.pathsep) if isinstance(given, str) else given
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in cast("list[Any]", parts)):
        raise ValueError(f"folders separated by {os.pathsep} are expected")
    return tuple(Path(part).expanduser().absolute() for part in cast("list[str]", parts) if part.strip())


def _folder(given: Any, environment: Environment) -> Path:
    return Path(_text(given, environment)).expanduser().absolute()


def _level(given: Any, environment: Environment) -> str:
    level = _text(given, environment).lower()
    if level not in ("debug", "info", "warning", "error"):
        raise ValueError("debug, info, warning or error is expected")
    return level


_MODEL_KEYS = ("name", "url", "key_variable", "input_price", "output_price")


def _models(given: Any, environment: Environment) -> tuple[ModelSetting, ...]:
    if isinstance(given, str):
        return tuple(ModelSetting(name) for name in _words(given, environment))
    if not isinstance(given, list):
        raise ValueError("model names separated by commas, or [[models]] tables, are expected")
    return tuple(_model(row, environment) for row in cast("list[Any]", given))


def _model(row: Any, environment: Environment) -> ModelSetting:
    if isinstance(row, str):
        return ModelSetting(row.strip())
    if not isinstance(row, dict) or not isinstance(cast("dict[str, Any]", row).get("name"), str):
        raise ValueError('each model needs a name: [[models]] name = "openai/gpt-5"')
    table = cast("dict[str, Any]", row)
    for key in table:
        if key not in _MODEL_KEYS:
            raise ValueError(f"a model has no {key}. {_near(key, _MODEL_KEYS)}")
    variable = str(table.get("key_variable", ""))
    if variable and variable not in environment:
        raise ValueError(f"the key of {table['name']} is to be in {variable}, and that variable is not set")
    prices = [None if table.get(k) is None else float(table[k]) for k in ("input_price", "output_price")]
    return ModelSetting(table["name"], str(table.get("url", "")), environment.get(variable, ""), *prices)


# -- the table; a field without a repr is a secret ---------------------------------------------------------------------


def _home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("botmcp", appauthor=False)


def _row(variables: str, read: Callable[[Any, Environment], Any], summary: str) -> dict[str, Any]:
    """The variables that set it (the first set one counts), how it is read, and what it means."""
    return {"variables": variables.split(), "read": read, "summary": summary}


@dataclass(frozen=True, slots=True)
class Settings:
    home: Path = field(
        default_factory=_home,
        metadata=_row(
            "BOTMCP_HOME",
            _folder,
            "The data folder: embedded database, log files, the background server's socket and `botmcp.toml`.",
        ),
    )
    packages: tuple[Path, ...] = field(
        default=(),
        metadata=_row(
            "BOTMCP_PACKAGES",
            _folders,
            "Folders in which `.gbai` packages are found, separated by colons. They are kept in the file "
            "`packages` of the data folder, one a line, for whoever goes on with a workflow. "
            "The shipped templates are always found.",
        ),
    )
    models: tuple[ModelSetting, ...] = field(
        default=(),
        metadata=_row(
            "BOTMCP_MODELS",
            _models,
            "Language models by their litellm names, separated by commas, the preferred one first. In "
            "`botmcp.toml` also `[[models]]` tables with `name`, `url`, `key_variable` (the variable that holds "
            "the key), `input_price` and `output_price` (US dollars for a million tokens).",
        ),
    )
    database_url: str = field(
        default="",
        repr=False,
        metadata=_row(
            "DATABASE_URL",
            _text,
            "A Postgres server (14 or newer) instead of the embedded one. Nothing is then started behind your "
            "back: `botmcp serve` and `botmcp worker` are yours to run.",
        ),
    )
    redis_url: str = field(
        default="",
        repr=False,
        metadata=_row(
            "CACHE_URL REDIS_URL VALKEY_URL",
            _text,
            "A Redis or Valkey server that carries the wake-up hints between processes; without one Postgres "
            "carries them.",
        ),
    )
    agents_may_approve: bool = field(
        default=False,
        metadata=_row(
            "BOTMCP_AGENTS_MAY_APPROVE",
            _switch,
            "Whether the `decide_approval` tool takes a decision from the agent itself. Otherwise a person is asked.",
        ),
    )
    host: str = field(
        default="127.0.0.1",
        metadata=_row(
            "BOTMCP_HOST",
            _text,
            "The address `botmcp serve` listens on. Any but a loopback address needs `BOTMCP_TOKEN`.",
        ),
    )
    port: int = field(
        default=8765,
        metadata=_row(
            "BOTMCP_PORT",
            _whole(0, 65535),
            "The port of `botmcp serve`; 0 takes a free one.",
        ),
    )
    allowed_hosts: tuple[str, ...] = field(
        default=(),
        metadata=_row(
            "BOTMCP_ALLOWED_HOSTS",
            _words,
            "Names by which `botmcp serve` may be addressed besides the address it listens on, such as "
            "`bots.example.com`; other `Host` headers are refused.",
        ),
    )
    token: str = field(
        default="",
        repr=False,
        metadata=_row(
            "BOTMCP_TOKEN",
            _text,
            "The bearer token that MCP clients of `botmcp serve` must send. At least 16 characters.",
        ),
    )
    inbox_port: int = field(
        default=0,
        metadata=_row(
            "BOTMCP_INBOX_PORT",
            _whole(0, 65535),
            "The loopback port of the background server's approval inbox; 0 takes a free one.",
        ),
    )
    idle_seconds: int = field(
        default=300,
        metadata=_row(
            "BOTMCP_IDLE_SECONDS",
            _whole(1, 86400),
            "How long the background server stays when no client is connected and no execution is unfinished.",
        ),
    )
    log_level: str = field(
        default="info",
        metadata=_row(
            "BOTMCP_LOG_LEVEL",
            _level,
            "debug, info, warning or error.",
        ),
    )
    plugins: tuple[str, ...] = field(
        default=(),
        metadata=_row(
            "BOTMCP_PLUGINS",
            _words,
            "Plugins to load, separated by commas, by the names of their `botmcp.keywords` entry points. An installed "
            "plugin that is not listed is not loaded.",
        ),
    )
    host_database_url: str = field(
        default="",
        repr=False,
        metadata=_row(
            "BOTMCP_HOST_DATABASE_URL",
            _text,
            "The General Bots database in the same cluster. Comes in a later release: not used yet.",
        ),
    )
    botserver_url: str = field(
        default="",
        metadata=_row(
            "BOTSERVER_URL",
            _text,
            "The General Bots server. Comes in a later release: not used yet.",
        ),
    )
    qdrant_url: str = field(
        default="",
        repr=False,
        metadata=_row(
            "QDRANT_URL",
            _text,
            "A Qdrant server for search. Comes in a later release: not used yet.",
        ),
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
        told = json.dumps(asdict(self), default=str, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


# -- reading -----------------------------------------------------------------------------------------------------------


def of_environment() -> Settings:
    """The settings of this process; raises SettingsError."""
    return read(os.environ)


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
            raise SettingsError(f"{variable} is not a setting. {_near(variable, known)}")
    keys = sorted((name, value) for name, value in environment.items() if name.endswith(("_API_KEY", "_API_BASE")))
    values: dict[str, Any] = {"mark": hashlib.sha256(repr(keys).encode()).hexdigest()}
    home = environment.get("BOTMCP_HOME", "").strip()
    file = (_folder(home, environment) if home else _home()) / "botmcp.toml"
    for name, given in _file(file).items():
        if name not in rows or name == "home":
            raise SettingsError(f"{file}: {name} is not a setting. {_near(name, [r for r in rows if r != 'home'])}")
        values[name] = _value(f"{file}: {name}", rows[name]["read"], given, environment)
    for name, row in rows.items():
        for variable in row["variables"]:
            if environment.get(variable, "").strip():
                values[name] = _value(variable, row["read"], environment[variable], environment)
                break
    settings = Settings(**values)
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


def _near(name: str, known: list[str] | tuple[str, ...]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else "docs/reference/settings.md lists them all."
