' answer MCP INVOKE: "read"
TALK MCP INVOKE "files.read", {path: "a.txt"} ' expect: read
