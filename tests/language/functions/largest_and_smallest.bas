TALK MAX(1, 3, 2) + " " + MIN([5, 4]) + " " + MAX([{n: 2}, {n: 9}], "n")   ' expect: 3 4 9
