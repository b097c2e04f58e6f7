n = 2
TALK "a" + 1 + n            ' expect: a12
TALK 1 + 2 + "a"            ' expect: 3a
TALK "x: " + NULL + "."     ' expect: x: .
TALK "it is " + TRUE        ' expect: it is true
TALK "list " + [1, "b"]     ' expect: list [1, "b"]
