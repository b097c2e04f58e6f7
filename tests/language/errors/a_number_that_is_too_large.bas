x = 10
FOR i = 1 TO 400
  x = x * 10.5
NEXT
' expect error: Line 3: The number is too large.
