FOR i = 1 TO 3
  TALK i
NEXT i
FOR i = 10 TO 0 STEP -5
  TALK i
NEXT
FOR i = 5 TO 1
  TALK "never"
NEXT
' expect: 1
' expect: 2
' expect: 3
' expect: 10
' expect: 5
' expect: 0
