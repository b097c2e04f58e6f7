"""The product's settings: one frozen dataclass, read once in the composition root from environment and botmcp.toml.

A variable of the environment wins over the file. The table below is all there is: `docs/reference/settings.md` is
made from it, and an unknown `BOTMCP_*` variable or key of the file stops the start with the nearest known name.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Callable, MutableMapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from mcp_server.event_setting import EVENTS_SECRET_TOLD, EVENTS_TOLD, MIRROR_TOLD, EventLimits, as_event_limits
from mcp_server.operating_settings import OperatingSettings
from mcp_server.setting_values import (
    Environment,
    ModelSetting,
    as_folder,
    as_folders,
    as_level,
    as_mail_server,
    as_models,
    as_money,
    as_place,
    as_switch,
    as_text,
    as_whole,
    as_words,
    near_miss,
    setting,
)


class SettingsError(Exception):
    """A setting that cannot be used, said so that its owner can put it right."""


# -- the table; a field without a repr is a secret ---------------------------------------------------------------------


def _home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("botmcp", appauthor=False)


@dataclass(frozen=True, slots=True)
class Settings(OperatingSettings):
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
    models: tuple[ModelSetting, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_MODELS",
            as_models,
            "Language models by their litellm names, separated by commas, the preferred one first. In "
            "`botmcp.toml` also `[[models]]` tables with `name`, `url`, `key_variable` (the variable that holds "
            "the key), `input_price` and `output_price` (US dollars for a million tokens), `context` and `longest` "
            "(tokens), and `abilities` (`tools`, `schema`, `images`).",
        ),
    )
    daily_budget: float | None = field(
        default=None,
        metadata=setting(
            "BOTMCP_DAILY_BUDGET",
            as_money,
            "US dollars that all language models together may cost in a day (UTC); without it there is no limit.",
        ),
    )
    bot_daily_budget: float | None = field(
        default=None,
        metadata=setting(
            "BOTMCP_BOT_DAILY_BUDGET",
            as_money,
            "The same for each bot; a package may set less with `llm-daily-budget` in its `config.csv`.",
        ),
    )
    host_llm_metrics: bool = field(
        default=False,
        metadata=setting(
            "BOTMCP_HOST_LLM_METRICS",
            as_switch,
            "Whether each call of a model is also written to the host's table `llm_metrics`, for its own pages.",
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
    agents_may_approve: bool = field(
        default=False,
        metadata=setting(
            "BOTMCP_AGENTS_MAY_APPROVE",
            as_switch,
            "Whether the `decide_approval` tool takes a decision from the agent itself. Otherwise a person is asked.",
        ),
    )
    smtp_url: str = field(
        default="",
        repr=False,
        metadata=setting(
            "BOTMCP_SMTP_URL",
            as_mail_server,
            "The server that mail goes out through: `smtp://user:password@host:587?from=bot@example.com`, or `smtps://`."
            " Without one mail is kept in the outbox.",
        ),
    )
    http_allow: tuple[str, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_HTTP_ALLOW",
            as_words,
            "Private hosts and networks that programs may reach all the same: `erp.local, 10.1.0.0/16`.",
        ),
    )
    host: str = field(
        default="127.0.0.1",
        metadata=setting(
            "BOTMCP_HOST",
            as_text,
            "The address `botmcp serve` listens on. Any but a loopback address needs `BOTMCP_TOKEN`.",
        ),
    )
    port: int = field(
        default=8765,
        metadata=setting(
            "BOTMCP_PORT",
            as_whole(0, 65535),
            "The port of `botmcp serve`; 0 takes a free one.",
        ),
    )
    allowed_hosts: tuple[str, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_ALLOWED_HOSTS",
            as_words,
            "Names by which `botmcp serve` may be addressed besides the address it listens on, such as "
            "`bots.example.com`; other `Host` headers are refused.",
        ),
    )
    token: str = field(
        default="",
        repr=False,
        metadata=setting(
            "BOTMCP_TOKEN",
            as_text,
            "The bearer token that MCP clients of `botmcp serve` must send. At least 16 characters.",
        ),
    )
    inbox_port: int = field(
        default=0,
        metadata=setting(
            "BOTMCP_INBOX_PORT",
            as_whole(0, 65535),
            "The loopback port of the background server's approval inbox; 0 takes a free one.",
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
    host_database_url: str = field(
        default="",
        repr=False,
        metadata=setting(
            "BOTMCP_HOST_DATABASE_URL",
            as_text,
            "The General Bots database in the same cluster. Comes in a later release: not used yet.",
        ),
    )
    botserver_url: str = field(
        default="",
        metadata=setting(
            "BOTSERVER_URL",
            as_text,
            "The General Bots server. Comes in a later release: not used yet.",
        ),
    )
    qdrant_url: str = field(
        default="",
        repr=False,
        metadata=setting(
            "QDRANT_URL",
            as_text,
            "A Qdrant server that keeps the vectors for search by meaning. Whatever it holds can be made again.",
        ),
    )
    qdrant_key: str = field(
        default="",
        repr=False,
        metadata=setting(
            "QDRANT_API_KEY",
            as_text,
            "The key that the Qdrant server wants.",
        ),
    )
    vectors: str = field(
        default="",
        metadata=setting(
            "BOTMCP_VECTORS",
            as_place,
            "Where vectors are kept: `process` (beside the index, made from the word vectors that come with botmcp), "
            "`postgres` (pgvector where the server has it) or `qdrant`. Unset: qdrant with `QDRANT_URL`, postgres with "
            "an embedding model, else process.",
        ),
    )
    embedding_model: str = field(
        default="",
        metadata=setting(
            "BOTMCP_EMBEDDING_MODEL",
            as_text,
            "A model for search by meaning behind an OpenAI-compatible address, such as `text-embedding-3-small`. "
            "Unset: the word vectors that come with botmcp; nothing leaves the machine.",
        ),
    )
    embedding_url: str = field(
        default="https://api.openai.com/v1",
        metadata=setting(
            "BOTMCP_EMBEDDING_URL",
            as_text,
            "Where the embedding model is; `/embeddings` is added.",
        ),
    )
    embedding_key: str = field(
        default="",
        repr=False,
        metadata=setting(
            "BOTMCP_EMBEDDING_KEY OPENAI_API_KEY",
            as_text,
            "The key of the embedding model.",
        ),
    )
    embedding_dimensions: int = field(
        default=1536,
        metadata=setting(
            "BOTMCP_EMBEDDING_DIMENSIONS",
            as_whole(1, 16_000),
            "How many numbers a vector of the embedding model has.",
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
