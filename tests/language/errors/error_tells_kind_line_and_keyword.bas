ON ERROR RESUME NEXT
x = BOT "b" "x"
TALK error.kind + " " + error.line + " " + error.keyword   ' expect: error 2 BOT
' answer BOT: error It broke.
