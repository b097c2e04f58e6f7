SET BOT MEMORY "code", 1234 TTL 600
SET BOT MEMORY "offer" AS "ten off" TTL "2 days"
TALK GET BOT MEMORY "code"                   ' expect: 1234
SET BOT MEMORY "gone", 1 TTL 0
' expect error: Line 4: TTL needs a time greater than 0, not 0.
