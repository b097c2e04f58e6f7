"""The pages in Portuguese, by their English texts."""

from __future__ import annotations

PORTUGUESE: dict[str, str] = {}
