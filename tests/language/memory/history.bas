SET BOT MEMORY "k", "a"
past = MEMORY HISTORY "k" LIMIT 5
TALK past[0].version + past[0].op + past[0].value     ' expect: 1seta
TALK LEN(MEMORY HISTORY "nothing")           ' expect: 0
