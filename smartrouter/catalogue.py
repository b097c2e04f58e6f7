"""The models that may be asked: from the settings, from a package's `config.csv`, from the host's tables.

A model is called as litellm calls it: `openai/gpt-4o-mini`, `anthropic/claude-sonnet-4-5`; or by any name with a `url`,
for a server that speaks OpenAI's protocol (Ollama, vLLM, llama.cpp). The settings list them in the order of preference.

A package names its models with `llm-model`, `llm-url`, `llm-key`, `llm-provider`; more of them with `llm-model-1`,
`llm-url-1`, `llm-key-1`, and so on, or as `llm-models` with semicolons. As in the host, the values `none`, `null`,
`n/a` and nothing, and names of local model files, mean: not set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from smartrouter.routing.gates import Candidate

NOTHING = frozenset({"", "none", "null", "n/a"})
FILES = (".gguf", ".bin", ".safetensors")
MILLION = 1_000_000
_NUMBERED = re.compile(r"llm-model-(\w+)")


@dataclass(frozen=True)
class Model:
    """One model and how to reach it; prices in US dollars per million tokens, None when nobody knows."""

    name: str  # as litellm calls it: provider/model
    url: str = ""
    key: str = field(default="", repr=False)
    input_price: float | None = None
    output_price: float | None = None
    context: int | None = None  # tokens, prompt and answer together
    longest: int | None = None  # tokens of an answer
    abilities: frozenset[str] | None = None  # "tools", "schema", "images"; None when nobody knows
    dearer_above: int | None = None  # tokens of a prompt above which the prices do not hold

    def __hash__(self) -> int:
        return hash((self.name, self.url, self.key))  # asked for often, and enough

    @cached_property
    def label(self) -> str:
        """What the choice and its records call it: one name on two servers is two models."""
        return f"{self.name}@{urlsplit(self.url).netloc}" if self.url else self.name

    @cached_property
    def provider(self) -> str:
        """Who answers: litellm's name of the provider, or the server."""
        return urlsplit(self.url).netloc if self.url else self.name.partition("/")[0]

    @property
    def short(self) -> str:
        """The name without its provider."""
        return self.name.partition("/")[2] or self.name

    def called(self, name: str) -> bool:
        """Whether a program that names a model so means this one."""
        wanted = name.strip().casefold()
        return wanted in {self.name.casefold(), self.short.casefold(), self.label.casefold()}

    def candidate(self, published: Mapping[str, float]) -> Candidate:
        """The model as the choice sees it."""
        prices = [None if price is None else price / MILLION for price in (self.input_price, self.output_price)]
        return Candidate(
            self.label,
            prices[0],
            prices[1],
            self.context,
            self.longest,
            self.abilities,
            dict(published),
            dearer_above=self.dearer_above,
        )


def from_package(config: Mapping[str, str]) -> tuple[Model, ...]:
    """The models that a package's `config.csv` names, the first before the others."""
    shared = {part: _set(config.get(f"llm-{part}")) for part in ("url", "key", "provider")}
    found = [_model(_set(config.get("llm-model")), shared)]
    found += [_model(_set(name), shared) for name in config.get("llm-models", "").split(";")]
    for number in sorted(match[1] for match in map(_NUMBERED.fullmatch, config) if match):
        own = {part: _set(config.get(f"llm-{part}-{number}")) for part in shared}
        found.append(_model(_set(config.get(f"llm-model-{number}")), own))
    return distinct(model for model in found if model)


def from_host(rows: Iterable[Mapping[str, object]]) -> tuple[Model, ...]:
    """The models of the host's table `model_configurations`, its default first."""
    active = [row for row in rows if row.get("is_active", True)]
    ordered = sorted(active, key=lambda row: not row.get("is_default"))
    found = [
        _model(
            _set(row.get("model_id") or row.get("model_name")),
            {name: _set(row.get(column)) for name, column in _HOSTS.items()},
            _whole(row.get("context_window")),
            _whole(row.get("max_tokens")),
        )
        for row in ordered
        if _set(row.get("model_type")).casefold() not in {"embedding", "embeddings", "image", "audio"}
    ]
    return distinct(model for model in found if model)


def distinct(models: Iterable[Model]) -> tuple[Model, ...]:
    """Each model once; the first of two with one label counts."""
    kept: dict[str, Model] = {}
    for model in models:
        kept.setdefault(model.label, model)
    return tuple(kept.values())


_HOSTS = {"url": "endpoint", "key": "api_key", "provider": "provider"}


def _model(
    name: str, reached: Mapping[str, str], context: int | None = None, longest: int | None = None
) -> Model | None:
    if not name or name.lower().endswith(FILES):
        return None
    url = reached["url"].rstrip("/").removesuffix("/chat/completions")
    if url and url.count("/") == 2:  # only scheme and host, as the host's own settings have it
        url += "/v1"
    provider = reached["provider"].casefold() or ("openai" if url else "")
    if provider and not name.startswith(f"{provider}/"):
        name = f"{provider}/{name}"
    return Model(name, url, reached["key"], context=context, longest=longest)


def _set(value: object) -> str:
    found = str(value or "").strip()
    return "" if found.casefold() in NOTHING else found


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
