n = 0
DO WHILE n < 2
  n = n + 1
LOOP
DO
  n = n + 10
LOOP UNTIL n > 30
DO UNTIL n > 100
  n = n * 2
LOOP
TALK n                ' expect: 128
