"""The command line: one file a command, thin faces over the same operations as the MCP tools."""
