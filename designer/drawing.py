"""A program as a picture nobody edits: for runs, versions and pages shown elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from designer.assets import Assets
from designer.canvas import picture
from designer.showing import icons
from designer.words import Say
from keywords.registry import Registry


def drawn(text: str, registry: Registry, say: Say, states: Mapping[int, str]) -> Markup | None:
    """The cards of a program, each with its line and what became of it; None where there are none."""
    return picture(text, registry, _templates(), say, states) if text.strip() else None


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("designer"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.globals["icon"] = icons(Assets().address("icons.svg"))
    return made
