"""The words by which a program says how models are chosen."""

from __future__ import annotations

from collections.abc import Mapping

GOALS = ("speed", "cost", "quality", "balanced")
MODES: Mapping[str, str | None] = {"manual": None, "auto": "balanced", "load-balanced": None, "fallback": None}
"""SET MODEL ROUTING: the aim of each mode; None is the order of the settings."""
