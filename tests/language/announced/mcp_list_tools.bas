MCP LIST TOOLS "files"
' expect announced: Line 1: MCP LIST TOOLS
