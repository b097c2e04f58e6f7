MCP INVOKE "files.read", {path: "a.txt"}
' expect announced: Line 1: MCP INVOKE
