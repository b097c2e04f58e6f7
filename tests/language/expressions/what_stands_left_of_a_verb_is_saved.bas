a = [1]
total = LEN(a) + VAL(GET BOT MEMORY "none") + a.PUSH(2).length
TALK total                                   ' expect: 3
' expect journal: GET BOT MEMORY ""
