"""The pages' languages. A text in English is its own key; the table of another language says what it is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from designer.portuguese import PORTUGUESE
from designer.portuguese_canvas import CANVAS

Say: TypeAlias = Callable[..., str]  # ("{n} steps", n=3) -> "3 passos"

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": {}, "pt": {**PORTUGUESE, **CANVAS}}
NAMES = {"en": "English", "pt": "Português"}


def preferred(header: str) -> str:
    """The language of an Accept-Language header that we speak best; English else."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        wanted.append((-weight, place, tag.split("-")[0].lower()))
    return next((language for weight, _, language in sorted(wanted) if weight < 0 and language in LANGUAGES), "en")


def speaker(language: str) -> Say:
    """What says a text in this language."""
    table = LANGUAGES[language]

    def say(text: str, **parts: object) -> str:
        said = table.get(text, text)
        return said.format(**parts) if parts else said

    return say
