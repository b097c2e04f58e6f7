"""Bots and tools on other servers: MCP servers and A2A agents, as the settings and packages name them."""
