x = 0
y = 1 / x
' expect error: Line 2: Division by zero.
