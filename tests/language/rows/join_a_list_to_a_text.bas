TALK JOIN(["a", "b"], "-")                   ' expect: a-b
TALK JOIN ["a", "b"], "+"                    ' expect: a+b
