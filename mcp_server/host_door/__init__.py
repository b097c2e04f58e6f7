"""Doors for servers that speak no MCP: JSON-RPC without a session at `/rpc`, and the calls of the General Bots host."""
