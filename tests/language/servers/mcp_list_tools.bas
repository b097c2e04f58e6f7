' answer MCP LIST TOOLS: [{"name": "read", "description": "Reads a file.", "parameters": {}}]
tools = MCP LIST TOOLS "files"
TALK tools[0].name                           ' expect: read
