FOR i = 1 TO 3
  SET BOT MEMORY "count", VAL(GET BOT MEMORY "count") + 1
NEXT
TALK GET BOT MEMORY "count"                  ' expect: 3
