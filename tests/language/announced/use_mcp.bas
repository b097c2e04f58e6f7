USE MCP "files", "read", {path: "a.txt"}
' expect announced: Line 1: USE MCP
