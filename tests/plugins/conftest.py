"""The real command with a data folder of its own."""

from tests.mcp_server.conftest import botmcp as botmcp, made_home as made_home
