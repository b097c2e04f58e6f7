SET MAX LINES 0
' expect error: Line 1: SET MAX LINES needs a number from 1, not 0.
