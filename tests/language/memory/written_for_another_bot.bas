ON ERROR RESUME NEXT
SET BOT MEMORY "k", "new" FOR "sales"
INCREMENT BOT MEMORY "n" FOR "sales"
APPEND BOT MEMORY "l", 1 FOR "sales"
DELETE BOT MEMORY "k" FOR "sales"
TALK "done"                                  ' expect: done
' expect effect: memory.checked
' expect effect: memory.incremented
' expect effect: memory.appended
' expect effect: memory.deleted
