a = [1, 2]
b = a
b[0] = 9
PUSH(a, 3)
a.push(4)
TALK JSON(a)                ' expect: [1, 2, 3, 4]
TALK JSON(b)                ' expect: [9, 2]
