FOR i = 1 TO 2
  FOR j = 1 TO 5
    IF j = 2 THEN EXIT FOR
    TALK i + "." + j
  NEXT
NEXT
' expect: 1.1
' expect: 2.1
