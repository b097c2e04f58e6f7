TALK (1 = 1.0) + " " + ("a" = "A")           ' expect: true false
TALK ("5" = 5) + " " + ("5" > 10)            ' expect: true false
TALK ("10" > "9") + " " + ("b" > "a")        ' expect: true true
TALK ("007" = "7") + " " + (1 <> 2)          ' expect: false true
TALK (NULL = NULL) + " " + (NULL < 1)        ' expect: true false
TALK ([1, 2] = [1, 2]) + " " + ({a: 1} = {a: 2})   ' expect: true false
