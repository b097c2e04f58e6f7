rows = [{a: 1}, {a: 2}]
book = EXCEL rows
TALK book[1].a                               ' expect: 2
