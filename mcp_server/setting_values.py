"""How the text of a setting becomes its value."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from hostbridge.messages.mail_server import MailServer

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class ModelSetting:
    """One language model: its litellm name, and where it is when that is not the provider's own address."""

    name: str
    url: str = ""
    key: str = field(default="", repr=False)
    input_price: float | None = None  # US dollars for a million tokens
    output_price: float | None = None
    context: int | None = None  # tokens, prompt and answer together
    longest: int | None = None  # tokens of an answer
    abilities: frozenset[str] | None = None  # tools, schema, images; None when nobody knows


Environment = Mapping[str, str]


def as_text(given: Any, environment: Environment) -> str:
    if not isinstance(given, str) or "\0" in given:
        raise ValueError("a text is expected")
    return given.strip()


def as_key(given: Any, environment: Environment) -> str:
    """A secret that nobody guesses."""
    key = as_text(given, environment)
    if key and len(key) < 32:
        raise ValueError("at least 32 characters are expected, for example from `openssl rand -hex 24`")
    return key


def as_switch(given: Any, environment: Environment) -> bool:
    if isinstance(given, bool):
        return given
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if (value := words.get(str(given).strip().casefold())) is None:
        raise ValueError("yes or no is expected")
    return value


def as_whole(low: int, high: int) -> Callable[[Any, Environment], int]:
    def read(given: Any, environment: Environment) -> int:
        if isinstance(given, bool) or not str(given).strip().isdecimal() or not low <= int(given) <= high:
            raise ValueError(f"a whole number from {low} to {high} is expected")
        return int(given)

    return read


def as_words(given: Any, environment: Environment) -> tuple[str, ...]:
    parts = given.split(",") if isinstance(given, str) else given
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in cast("list[Any]", parts)):
        raise ValueError("names separated by commas are expected")
    return tuple(part.strip() for part in cast("list[str]", parts) if part.strip())


def as_server(given: Any, environment: Environment) -> str:
    """The address of a General Bots server."""
    address = as_text(given, environment)
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https", "ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if address and not fits:
        raise ValueError("an address such as http://localhost:5858 is expected")
    return address


def as_languages(given: Any, environment: Environment) -> tuple[str, ...]:
    found = tuple(name.casefold() for name in as_words(given, environment))
    if wrong := [name for name in found if name not in ("python", "javascript", "bash")]:
        raise ValueError(f"{wrong[0]} is none of python, javascript, bash")
    return found


def as_origins(given: Any, environment: Environment) -> tuple[str, ...]:
    found = as_words(given, environment)
    for origin in found:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin} is no origin: scheme and host, such as https://chat.example.com")
    return found


def as_folders(given: Any, environment: Environment) -> tuple[Path, ...]:
    parts = given.split(os.pathsep) if isinstance(given, str) else given
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in cast("list[Any]", parts)):
        raise ValueError(f"folders separated by {os.pathsep} are expected")
    return tuple(Path(part).expanduser().absolute() for part in cast("list[str]", parts) if part.strip())


def as_folder(given: Any, environment: Environment) -> Path:
    return Path(as_text(given, environment)).expanduser().absolute()


def as_zone(given: Any, environment: Environment) -> str:
    """The name of a time zone."""
    zone = as_text(given, environment)
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise ValueError('a time zone such as "Europe/Berlin" is expected') from None
    return zone


def as_level(given: Any, environment: Environment) -> str:
    level = as_text(given, environment).lower()
    if level not in ("debug", "info", "warning", "error"):
        raise ValueError("debug, info, warning or error is expected")
    return level


def as_place(given: Any, environment: Environment) -> str:
    place = as_text(given, environment).lower()
    if place not in ("", "process", "postgres", "qdrant"):
        raise ValueError("process, postgres or qdrant is expected")
    return place


ABILITIES = frozenset({"tools", "schema", "images"})
MODEL_KEYS = ("name", "url", "key_variable", "input_price", "output_price", "context", "longest", "abilities")


def as_money(given: Any, environment: Environment) -> float | None:
    """US dollars, or nothing."""
    if isinstance(given, str) and not given.strip():
        return None
    try:
        amount = float(given)
    except (TypeError, ValueError):
        raise ValueError("an amount in US dollars is expected") from None
    if isinstance(given, bool) or not 0 <= amount < float("inf"):
        raise ValueError("an amount of 0 or more US dollars is expected")
    return amount


def as_models(given: Any, environment: Environment) -> tuple[ModelSetting, ...]:
    if isinstance(given, str):
        return tuple(ModelSetting(name) for name in as_words(given, environment))
    if not isinstance(given, list):
        raise ValueError("model names separated by commas, or [[models]] tables, are expected")
    return tuple(as_model(row, environment) for row in cast("list[Any]", given))


def as_model(row: Any, environment: Environment) -> ModelSetting:
    if isinstance(row, str):
        return ModelSetting(row.strip())
    if not isinstance(row, dict) or not isinstance(cast("dict[str, Any]", row).get("name"), str):
        raise ValueError('each model needs a name: [[models]] name = "openai/gpt-5"')
    table = cast("dict[str, Any]", row)
    for key in table:
        if key not in MODEL_KEYS:
            raise ValueError(f"a model has no {key}. {near_miss(key, MODEL_KEYS)}")
    variable = str(table.get("key_variable", ""))
    if variable and variable not in environment:
        raise ValueError(f"the key of {table['name']} is to be in {variable}, and that variable is not set")
    prices = [None if table.get(k) is None else float(table[k]) for k in ("input_price", "output_price")]
    if any(price is not None and not 0 <= price < float("inf") for price in prices):
        raise ValueError(f"the prices of {table['name']} must be 0 or more")
    sizes = [
        None if table.get(k) is None else as_whole(1, 10**9)(table[k], environment) for k in ("context", "longest")
    ]
    abilities = None if "abilities" not in table else frozenset(as_words(table["abilities"], environment))
    if unknown := sorted((abilities or frozenset()) - ABILITIES):
        raise ValueError(
            f"{table['name']} has the unknown ability {unknown[0]}. {near_miss(unknown[0], list(ABILITIES))}"
        )
    return ModelSetting(
        table["name"],
        str(table.get("url", "")),
        environment.get(variable, ""),
        prices[0],
        prices[1],
        sizes[0],
        sizes[1],
        abilities,
    )


def near_miss(name: str, known: list[str] | tuple[str, ...]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else "docs/reference/settings.md lists them all."


def setting(variables: str, read: Callable[[Any, Environment], Any], summary: str) -> dict[str, Any]:
    """The variables that set it (the first set one counts), how it is read, and what it means."""
    return {"variables": variables.split(), "read": read, "summary": summary}


def as_mail_server(given: Any, environment: Environment) -> str:
    """The address of a mail server, as it is given; raises ValueError that says what it lacks."""
    url = as_text(given, environment)
    if url:
        MailServer.read(url)
    return url
