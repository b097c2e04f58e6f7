n = 0
WHILE n < 3
  n = n + 1
WEND
TALK n                ' expect: 3
