SET BOT MEMORY "none", 4
a = [1]
total = LEN(a) + VAL(GET BOT MEMORY "none") + a.PUSH(2).length
TALK total                                   ' expect: 7
