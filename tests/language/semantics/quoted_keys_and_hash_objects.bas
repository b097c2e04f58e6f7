o = #{"a b": 1, c: 2}
TALK o["a b"] + o.c                          ' expect: 3
