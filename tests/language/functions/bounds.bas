a = [7, 8]
TALK UBOUND(a) + " " + LBOUND(a) + " " + UBOUND([])   ' expect: 2 0 0
a[UBOUND(a)] = 9
TALK a[UBOUND(a) - 1]                        ' expect: 9
