SET BOT MEMORY "n", 5
TALK (GET BOT MEMORY "n") + 1                ' expect: 51
TALK VAL(GET BOT MEMORY "n") + 1             ' expect: 6
SET BOT MEMORY "o" AS {a: 1}
TALK GET BOT MEMORY "o"                      ' expect: {"a": 1}
