"""What the makers published about well-known models: the first guess at their quality, until there are judgements.

MMLU stands for knowledge and questions with options, HumanEval for code, MATH for mathematics, each as its maker gave
it in the report or model card of the release (zero- or few-shot, rounded). The longest beginning of a name counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_FIGURES: Mapping[str, tuple[float, float, float]] = {  # MMLU, HumanEval, MATH
    "gpt-3.5-turbo": (0.70, 0.68, 0.43),
    "gpt-4": (0.864, 0.67, 0.425),
    "gpt-4-turbo": (0.865, 0.871, 0.726),
    "gpt-4o": (0.887, 0.902, 0.766),
    "gpt-4o-mini": (0.82, 0.872, 0.702),
    "gpt-4.1": (0.902, 0.945, 0.82),
    "gpt-4.1-mini": (0.875, 0.938, 0.81),
    "gpt-4.1-nano": (0.801, 0.877, 0.70),
    "o1": (0.918, 0.924, 0.948),
    "o1-mini": (0.852, 0.924, 0.90),
    "claude-3-haiku": (0.752, 0.759, 0.389),
    "claude-3-sonnet": (0.79, 0.73, 0.431),
    "claude-3-opus": (0.868, 0.849, 0.601),
    "claude-3-5-haiku": (0.80, 0.881, 0.694),
    "claude-3-5-sonnet": (0.887, 0.92, 0.711),
    "gemini-1.5-flash": (0.789, 0.743, 0.549),
    "gemini-1.5-pro": (0.859, 0.841, 0.677),
    "mistral-large": (0.84, 0.92, 0.715),
    "mixtral-8x7b": (0.706, 0.402, 0.284),
    "mixtral-8x22b": (0.778, 0.451, 0.418),
    "llama-3-8b": (0.684, 0.622, 0.30),
    "llama-3-70b": (0.82, 0.817, 0.504),
    "llama-3.1-8b": (0.73, 0.726, 0.519),
    "llama-3.1-70b": (0.86, 0.805, 0.68),
    "llama-3.1-405b": (0.886, 0.89, 0.738),
    "llama-3.3-70b": (0.86, 0.884, 0.77),
    "qwen2.5-7b": (0.742, 0.848, 0.755),
    "qwen2.5-72b": (0.861, 0.866, 0.831),
    "deepseek-v3": (0.885, 0.89, 0.902),
    "deepseek-r1": (0.908, 0.92, 0.973),
    "phi-4": (0.848, 0.826, 0.804),
}
_PARTS = re.compile(r"[^a-z0-9.]+")
_HARD = 0.4  # how much of the distance to a full score competition mathematics leaves of everyday sums


@lru_cache(maxsize=1000)
def published(name: str) -> Mapping[str, float]:
    """The expected quality by task type, "" for all others; nothing for a model nobody knows."""
    plain = (
        _PARTS.sub("-", name.rpartition("/")[2].casefold())
        .replace("meta-llama-", "llama-")
        .replace("llama3", "llama-3")
    )
    fitting = [known for known in _FIGURES if plain == known or plain.startswith(f"{known}-")]
    if not fitting:
        return {}
    knowledge, code, mathematics = _FIGURES[max(fitting, key=len)]
    sums = 1 - _HARD * (1 - mathematics)
    return {"": (knowledge + code + sums) / 3, "mcq": knowledge, "code": code, "math": sums, "mcq_math": sums}
