x = LIST WORKFLOWS LIMIT 0
' expect error: Line 1: LIMIT of LIST WORKFLOWS needs a number from 1 to 500, not 0.
