FOR i = 10 TO 1 STEP -3
  TALK i
NEXT i
' expect: 10
' expect: 7
' expect: 4
' expect: 1
