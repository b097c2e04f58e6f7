a = [3, 1, 2, 3]
TALK JSON(SORT(a)) + JSON(a)                 ' expect: [1, 2, 3, 3][3, 1, 2, 3]
TALK JSON(UNIQUE(a)) + JSON(SLICE(a, 1, 3)) + JSON(REVERSE(a))   ' expect: [3, 1, 2][1, 2][3, 2, 1, 3]
TALK CONTAINS(a, 2) + " " + UBOUND(a) + " " + FIRST(a) + LAST(a)   ' expect: true 4 33
