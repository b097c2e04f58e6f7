rows = [{v: 1}, {v: 3}, {v: NULL}]
TALK AGGREGATE "SUM", rows, "v"              ' expect: 4
TALK AGGREGATE "AVG", rows, "v"              ' expect: 2
TALK AGGREGATE "COUNT", rows, "v"            ' expect: 2
TALK (AGGREGATE "MIN", rows, "v") + (AGGREGATE "MAX", rows, "v")   ' expect: 4
