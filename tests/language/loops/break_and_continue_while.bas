n = 0
WHILE TRUE
  n = n + 1
  IF n = 2 THEN CONTINUE
  IF n > 4 THEN BREAK
  TALK n
WEND
' expect: 1
' expect: 3
' expect: 4
