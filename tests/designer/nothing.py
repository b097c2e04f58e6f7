"""Doors with nothing behind them, for what only asks which pages there are."""

from __future__ import annotations

from types import SimpleNamespace

from keywords.library import registry


def nothing() -> SimpleNamespace:
    """A house can be built on it; no page can be shown."""
    return SimpleNamespace(
        secret=b"none", registry=registry(), pool=None, check=None, embedding=(), drafts=None, bots=None
    )
