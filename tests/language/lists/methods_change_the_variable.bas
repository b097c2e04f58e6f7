a = [1, 2, 3]
x = a.POP()
y = a.shift()
a.unshift(9)
a.insert(1, 8)
TALK x + y                                   ' expect: 4
TALK JSON(a) + JSON(a.splice(0, 1)) + JSON(a.reverse())   ' expect: [9, 8, 2][9][2, 8]
a.clear()
TALK LEN(a)                                  ' expect: 0
