WHILE (GET BOT MEMORY "n") <> "xx"
  SET BOT MEMORY "n", (GET BOT MEMORY "n") + "x"
WEND
TALK GET BOT MEMORY "n"       ' expect: xx
