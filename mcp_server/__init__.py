"""The process: settings, composition, MCP tools, command line, background server, inbox."""
