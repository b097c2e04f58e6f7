SET BOT MEMORY "k", "new" IF VERSION -1
' expect error: Line 1: IF VERSION needs a version: 0 for none yet, or 1 and more, not -1.
