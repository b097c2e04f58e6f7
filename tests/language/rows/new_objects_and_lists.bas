a = NEW OBJECT
a.n = 1
b = NEW ARRAY
PUSH b, a
c = CREATE OBJECT
d = CREATE ARRAY
e = NEW LIST
TALK JSON(b) + JSON(c) + JSON(d) + JSON(e)   ' expect: [{"n": 1}]{}[][]
