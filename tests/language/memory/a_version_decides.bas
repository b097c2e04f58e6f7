SET BOT MEMORY "k", "new" IF VERSION 0
TALK "written"                               ' expect: written
' expect effect: memory.checked
