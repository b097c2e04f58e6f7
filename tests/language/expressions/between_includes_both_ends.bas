low = 3
TALK low BETWEEN 3 AND 5 AND 5 BETWEEN low AND 5     ' expect: true
TALK low NOT BETWEEN 4 AND 5                         ' expect: true
TALK NULL BETWEEN 1 AND 2                            ' expect: false
TALK "b" BETWEEN "a" AND "c"                         ' expect: true
TALK (low + 1 BETWEEN (1 + 1) AND 2 * 2) = TRUE      ' expect: true
rows = [{n: 1}, {n: 5}, {n: 9}]
TALK FILTER(rows, "n BETWEEN 2 AND 6 OR n = 9")      ' expect: [{"n": 5}, {"n": 9}]
TALK FILTER(rows, "n NOT BETWEEN 2 AND 6")           ' expect: [{"n": 1}, {"n": 9}]
between = 1
TALK between + 1                                     ' expect: 2
