"""The designer's pages on a fresh database, served on loopback as `botmcp serve` does."""

from __future__ import annotations

from tests.mcp_server.conftest import address, app, settings

__all__ = ["address", "app", "settings"]
