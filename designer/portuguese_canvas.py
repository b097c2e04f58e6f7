"""The canvas in Portuguese."""

from __future__ import annotations

CANVAS: dict[str, str] = {}
