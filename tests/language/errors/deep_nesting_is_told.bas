x = []
FOR i = 1 TO 200
  x = [x]
NEXT
' expect error: Line 3: The value is nested 101 levels deep; the limit is 100.
