age = 20
TALK age >= 18 ? "adult" : "minor"           ' expect: adult
TALK ("b" IN ["a", "b"]) + " " + ("abc" CONTAINS "bc")    ' expect: true true
TALK "Hello" LIKE "h%o"                      ' expect: true
