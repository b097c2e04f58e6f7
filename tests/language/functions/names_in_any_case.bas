TALK ubound([1]) + Len("ab") + ucase("x")    ' expect: 3X
