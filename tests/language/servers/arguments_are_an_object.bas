MCP INVOKE "files.read", 7
' expect error: Line 1: The arguments of a tool are an object, such as {id: 7}, not the number 7.
