rows = [{name: "Ana", x: 1}, {name: "Bob"}, {name: "Anton", x: NULL}]
TALK UBOUND(FILTER rows, "name LIKE 'An%'")  ' expect: 2
TALK UBOUND(FILTER rows, "x IS NULL")        ' expect: 2
TALK UBOUND(FILTER rows, "name = 'Bob' OR x = 1")   ' expect: 2
