x = (1 + 2
' expect error: Line 1: This `(` is never closed. Add `)`.
