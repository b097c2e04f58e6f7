"""Settings of language models, vectors and search by meaning; a part of `mcp_server.settings.Settings`."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcp_server.operating_settings import OperatingSettings
from mcp_server.setting_values import ModelSetting, as_models, as_money, as_place, as_switch, as_text, as_whole, setting


@dataclass(frozen=True, slots=True)
class RoutingSettings(OperatingSettings):
    """Which models there are, what they may cost, and where vectors are kept."""

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
