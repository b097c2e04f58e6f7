x = LIST BOT MEMORY "order." LIMIT 0
' expect error: Line 1: LIMIT needs a whole number of 1 or more, not 0.
