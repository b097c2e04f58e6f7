ON ERROR RESUME NEXT
x = 1 / 0
ON ERROR GOTO 0
y = 1 / 0
' expect error: Line 4: Division by zero.
