SET BOT MEMORY "", 1
' expect error: Line 1: The key of a memory must be text that is not empty, not "".
