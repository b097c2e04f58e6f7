FOR i = 1 TO 2
  DELAY 5
  TALK i
NEXT
' expect: 1
' expect: 2
' expect wait: DELAY 5
' expect wait: DELAY 5
