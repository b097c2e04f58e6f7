n = 0
DO
  n = n + 1
LOOP UNTIL n = 3
TALK n                                       ' expect: 3
