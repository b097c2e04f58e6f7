n = 0
DO UNTIL n >= 2
  n = n + 1
LOOP
DO
  n = n + 10
LOOP WHILE n < 20
TALK n                                       ' expect: 22
