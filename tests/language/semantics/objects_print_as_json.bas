TALK "o: " + {a: 1} + [1]                    ' expect: o: {"a": 1}[1]
