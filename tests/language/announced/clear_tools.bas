CLEAR TOOLS
' expect announced: Line 1: CLEAR TOOLS
