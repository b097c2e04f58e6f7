a = []
a[0] = "x"
a[UBOUND(a)] = "y"
TALK JSON(a)                                 ' expect: ["x", "y"]
