ON ERROR RESUME NEXT
SET BOT MEMORY "k", "new" IF VERSION 3
TALK error.message                           ' expect: somebody was first
' answer SET BOT MEMORY: error somebody was first
