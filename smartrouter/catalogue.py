"""The models that may be asked, and the one that a package's `config.csv` names.

A model is called as litellm calls it: `openai/gpt-4o-mini`, `anthropic/claude-sonnet-4-5`; or by any name with a `url`,
for a server that speaks OpenAI's protocol. The settings list them in the order of preference.

A package names one model with `llm-model`, and `llm-url`, `llm-key`, `llm-provider` where it needs them. As in the
host, the values `none`, `null`, `n/a` and nothing, and names of local model files, mean: not set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NOTHING = frozenset({"", "none", "null", "n/a"})
FILES = (".gguf", ".bin", ".safetensors")


@dataclass(frozen=True, slots=True)
class Model:
    """One model and how to reach it; prices in US dollars per million tokens, None when nobody knows."""

    name: str  # as litellm calls it: provider/model
    url: str = ""
    key: str = field(default="", repr=False)
    input_price: float | None = None
    output_price: float | None = None


def from_package(config: Mapping[str, str]) -> Model | None:
    """The model that a package's `config.csv` names; None when it names none."""
    name = _set(config.get("llm-model"))
    if not name or name.lower().endswith(FILES):
        return None
    url = _set(config.get("llm-url")).rstrip("/").removesuffix("/chat/completions")
    if url and url.count("/") == 2:  # only scheme and host, as the host's own settings have it
        url += "/v1"
    provider = _set(config.get("llm-provider")) or ("openai" if url else "")
    if provider and not name.startswith(f"{provider}/"):
        name = f"{provider}/{name}"
    return Model(name, url, _set(config.get("llm-key")))


def _set(value: str | None) -> str:
    found = (value or "").strip()
    return "" if found.casefold() in NOTHING else found
