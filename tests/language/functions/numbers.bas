TALK ROUND(2.5) + ROUND(3.14159, 2) + INT(-2.7)    ' expect: 4.14
TALK ABS(-3) + MAX(1, 5, 2) + MIN([4, 2])          ' expect: 10
TALK SUM([1, 2, 3]) + AVG([1, 2]) + COUNT([7, 8])  ' expect: 9.5
TALK SUM([{n: 2}, {n: 3}], "n")                    ' expect: 5
