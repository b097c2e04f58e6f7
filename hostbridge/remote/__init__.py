"""The General Bots server as a remote: its bots and its keywords, over its own WebSocket protocol."""
